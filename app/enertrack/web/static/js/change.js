// @ts-check
/** How much more or less than before, in the words that the page has for it. */

import { number } from "./format.js";

/**
 * @param {string} name
 * @param {number | null} change 0.1 for a tenth more, null where there is nothing to compare with
 */
export function writeChange(name, change) {
  const place = /** @type {HTMLElement | null} */ (document.querySelector(`[data-change="${name}"]`));
  const text = place?.querySelector("[data-change-text]");
  if (!place || !text) return;
  place.classList.toggle("d-none", change === null);
  if (change === null) return;
  const percent = Math.round(change * 100);
  const way = percent > 0 ? "more" : percent < 0 ? "less" : "same";
  place.dataset.way = way;
  text.textContent = (place.dataset[way] ?? "").replace("{n}", number(Math.abs(percent), 0));
}
