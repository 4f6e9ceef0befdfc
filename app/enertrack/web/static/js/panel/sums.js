// @ts-check
/** The figures over all meters. */

import { number } from "../format.js";

/** @param {Record<string, number | null>} sums */
export function writeSums(sums) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-kpi]"))) {
    const value = sums[place.dataset.kpi ?? ""];
    if (value === undefined) continue;
    place.textContent = number(value, Number(place.dataset.decimals));
  }
}

/**
 * @param {ParentNode} root
 * @param {"hoy" | "mes" | "resto"} name
 * @param {number | null | undefined} energyWh
 */
export function writeEnergy(root, name, energyWh) {
  const place = /** @type {HTMLElement | null} */ (root.querySelector(`[data-energy="${name}"]`));
  if (place && typeof energyWh === "number") place.textContent = number(Math.max(0, energyWh) / 1000, Number(place.dataset.decimals));
}

/**
 * Power that main meters measure beyond their sub-meters.
 * @param {Record<string, number>} powers by the meter's id
 */
export function writeRests(powers) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-rest]"))) {
    const card = /** @type {HTMLElement | null} */ (place.closest("[data-meter]"));
    place.textContent = number(powers[card?.dataset.meter ?? ""], Number(place.dataset.decimals));
  }
}
