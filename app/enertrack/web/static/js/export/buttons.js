// @ts-check
/** The form of a download follows the range that its page shows (event "rango" on the document). */

/** @typedef {{from: number, to: number}} Seen Unix seconds */

/**
 * @param {number} second
 * @param {string} zone
 */
function day(second, zone) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(second * 1000); // as YYYY-MM-DD
}

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-download]"));

document.addEventListener("rango", (event) => {
  if (!form) return;
  const { from, to } = /** @type {CustomEvent<Seen>} */ (event).detail;
  const zone = form.dataset.zone ?? "UTC";
  const last = Math.min(to, Date.now() / 1000) - 1; // midnight ends a day, and does not begin the next
  for (const [name, second] of /** @type {const} */ ([["desde", from], ["hasta", last]])) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = day(second, zone);
  }
});
