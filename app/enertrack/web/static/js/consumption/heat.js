// @ts-check
/** The map of a year: loads it, draws it, and tells the hour that is pointed at or reached by the keyboard. */

import { language, number } from "../format.js";
import { toast } from "../toast.js";
import { HOURS, heatMap } from "./heat_map.js";
import { profile } from "./profile.js";

/** @typedef {{desde: string, wh: (number | null)[]}} Heat */

const card = /** @type {HTMLElement} */ (document.getElementById("calor"));
const told = /** @type {HTMLElement} */ (card.querySelector("[data-cell]"));
const way = /** @type {HTMLAnchorElement} */ (card.querySelector("[data-way]"));
const DAY_MS = 86_400_000;
const words = new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone: "UTC" });

/**
 * The date of a day of the year, at midnight of UTC as it is only its name that counts.
 * @param {Heat} heat
 * @param {number} day
 */
const date = (heat, day) => new Date(Date.parse(heat.desde) + day * DAY_MS);

/**
 * The page of a day's hours.
 * @param {Heat} heat
 * @param {number} day
 */
function address(heat, day) {
  const found = new URL(card.dataset.day ?? "", location.href);
  found.searchParams.set("fecha", date(heat, day).toISOString().slice(0, 10));
  return found;
}

/** @param {Heat} heat */
function show(heat) {
  const most = Math.max(0, ...heat.wh.map((wh) => wh ?? 0));
  const element = /** @type {HTMLCanvasElement} */ (document.getElementById("mapa"));
  for (const part of card.querySelectorAll("[data-map], [data-legend]")) part.classList.remove("d-none");
  const place = card.querySelector("[data-most]");
  if (place) place.textContent = number(most / 1000, 2);
  heatMap(element, heat, most, {
    tell(day, hour) {
      const wh = heat.wh[day * HOURS + hour];
      const energy = wh === null || wh === undefined ? (card.dataset.nothing ?? "") : `${number(wh / 1000, 3)} kWh`;
      told.textContent = `${words.format(date(heat, day))}, ${String(hour).padStart(2, "0")}:00: ${energy}`;
      way.href = address(heat, day).href;
      way.classList.remove("d-none");
    },
    open(day) {
      location.assign(address(heat, day));
    },
  });
  profile(heat.wh, (day) => [0, 6].includes(date(heat, day).getUTCDay()));
}

const answer = await fetch(card.dataset.url ?? "", { headers: { Accept: "application/json" } }).catch(() => null);
card.querySelector("[data-progress]")?.remove();
if (answer?.ok) show(await answer.json());
else toast(card.dataset.failed ?? "", { warns: true });
