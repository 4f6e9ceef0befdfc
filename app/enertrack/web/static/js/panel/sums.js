// @ts-check
/** The figures over all meters. */

import { number } from "../format.js";

/** @param {number | null} energyWh */
export const kwh = (energyWh) => (energyWh === null ? null : Math.max(0, energyWh) / 1000);

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
 * @param {number | null | undefined} energyWh null where nothing was measured (a new day), undefined where nobody can tell
 */
export function writeEnergy(root, name, energyWh) {
  const place = /** @type {HTMLElement | null} */ (root.querySelector(`[data-energy="${name}"]`));
  if (place && energyWh !== undefined) place.textContent = number(kwh(energyWh), Number(place.dataset.decimals));
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
