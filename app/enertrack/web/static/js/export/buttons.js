// @ts-check
/**
 * The form of a download follows the range that its page shows (event "rango" on the document), and says of one that
 * ends before it begins what the server would.
 */

/** @typedef {{from: number, to: number}} Seen Unix seconds */

/**
 * @param {number} second
 * @param {string} zone
 */
function day(second, zone) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(second * 1000); // as YYYY-MM-DD
}

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-download]"));

/** @param {string} name */
function field(name) {
  return /** @type {HTMLInputElement | undefined} */ (form?.elements.namedItem(name));
}

function check() {
  const [from, to] = [field("desde"), field("hasta")];
  const backwards = from?.value && to?.value && from.value > to.value;
  to?.setCustomValidity((backwards && form?.dataset.backwards) || "");
}

form?.addEventListener("input", check);
check();

document.addEventListener("rango", (event) => {
  if (!form) return;
  const { from, to } = /** @type {CustomEvent<Seen>} */ (event).detail;
  const zone = form.dataset.zone ?? "UTC";
  const last = Math.min(to, Date.now() / 1000) - 1; // midnight ends a day, and does not begin the next
  for (const [name, second] of /** @type {const} */ ([["desde", from], ["hasta", last]])) {
    const input = field(name);
    if (input) input.value = day(second, zone);
  }
  check();
});
