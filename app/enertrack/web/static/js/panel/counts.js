// @ts-check
/** How many meters are in each state. */

/** Count the cards again. */
export function writeCounts() {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-count]"))) {
    const n = document.querySelectorAll(`[data-meter] [data-state="${place.dataset.count}"]`).length;
    place.textContent = String(n);
    place.closest("li")?.classList.toggle("d-none", n === 0);
  }
}
