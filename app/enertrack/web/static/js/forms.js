// @ts-check
/** Forms say what is wrong before they are sent, with the server's own words (data-required, data-length, ...). */

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

/** @type {[keyof ValidityState, string][]} */
const WORDS = [
  ["valueMissing", "required"],
  ["tooShort", "length"],
  ["tooLong", "length"],
  ["patternMismatch", "pattern"],
  ["typeMismatch", "pattern"],
  ["rangeUnderflow", "range"],
  ["rangeOverflow", "range"],
  ["badInput", "range"],
  ["stepMismatch", "range"],
];

/** @param {Control} control */
function mistake(control) {
  const found = WORDS.find(([kind]) => control.validity[kind]);
  return control.validity.valid ? "" : (found && control.dataset[found[1]]) || control.validationMessage;
}

/** @param {Control} control */
function tell(control) {
  const text = mistake(control);
  const place = document.getElementById(`${control.id}-error`);
  control.classList.toggle("is-invalid", text !== "");
  control.setAttribute("aria-invalid", String(text !== ""));
  if (place) place.textContent = text;
  return text === "";
}

/** @param {HTMLFormElement} form */
function controls(form) {
  return /** @type {Control[]} */ ([...form.elements].filter((e) => "validity" in e && /** @type {Control} */ (e).id));
}

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[method=post]"))) {
  const buttons = form.querySelectorAll("button[type=submit]");
  let sent = false;
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault(); // Enter, once more: what the first answer shows once would be lost
      return;
    }
    const wrong = controls(form).filter((control) => !tell(control));
    if (wrong.length) {
      event.preventDefault();
      wrong[0]?.focus();
      return;
    }
    sent = true;
    for (const button of buttons) button.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    sent = false; // back on it
    for (const button of buttons) button.removeAttribute("aria-busy");
  });
  form.addEventListener("input", (event) => {
    const control = /** @type {Control} */ (event.target);
    if (control.classList.contains("is-invalid")) tell(control);
  });
}

// What the server refused may lie far below the head of the page.
/** @type {HTMLElement | null} */ (document.querySelector("form .is-invalid"))?.focus();
