// @ts-check
/** The mean of each hour of the day as a table: what the map shows, in words and figures. */

import { number } from "../format.js";
import { HOURS } from "./heat_map.js";

/**
 * @param {(number | null)[]} wh
 * @param {(day: number) => boolean} rests whether a day is of a weekend
 */
export function profile(wh, rests) {
  const body = document.querySelector("#perfil tbody");
  /** @type {{sum: number, n: number}[][]} */
  const sums = [false, true].map(() => Array.from({ length: HOURS }, () => ({ sum: 0, n: 0 })));
  wh.forEach((value, i) => {
    const place = sums[Number(rests(Math.floor(i / HOURS)))]?.[i % HOURS];
    if (value === null || !place) return;
    place.sum += value;
    place.n += 1;
  });
  body?.replaceChildren(
    ...Array.from({ length: HOURS }, (_, hour) => {
      const row = document.createElement("tr");
      const name = row.appendChild(document.createElement("th"));
      name.scope = "row";
      name.textContent = `${String(hour).padStart(2, "0")}:00`;
      for (const kind of sums) {
        const { sum, n } = kind[hour] ?? { sum: 0, n: 0 };
        const value = row.appendChild(document.createElement("td"));
        value.className = "text-end";
        value.textContent = number(n ? sum / n / 1000 : null, 3);
      }
      return row;
    }),
  );
}
