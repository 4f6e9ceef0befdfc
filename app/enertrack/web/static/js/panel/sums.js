// @ts-check
/** The figures over all meters. */

import { number } from "../format.js";

/** @param {Record<string, number | null>} sums */
export function writeSums(sums) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-kpi]"))) {
    const value = sums[place.dataset.kpi ?? ""];
    if (value === undefined || Number.isNaN(value)) continue;
    place.textContent = number(value, Number(place.dataset.decimals));
  }
}

/**
 * @param {ParentNode} root
 * @param {"hoy" | "mes"} name
 * @param {number | null} energyWh
 */
export function writeEnergy(root, name, energyWh) {
  const place = /** @type {HTMLElement | null} */ (root.querySelector(`[data-energy="${name}"]`));
  if (place && energyWh !== null) place.textContent = number(Math.max(0, energyWh) / 1000, Number(place.dataset.decimals));
}
