// @ts-check
/** The history of a magnitude: chart, statistics and table of one range. */

import { moment, number } from "../format.js";
import { toast } from "../toast.js";
import { chosenDays, daysAddress, fillDays } from "./dates.js";
import { historyChart } from "./history.js";
import { pointsTable } from "./points_table.js";

/** @typedef {[t: number, mean: number | null, min: number | null, max: number | null]} Point */
/**
 * @typedef {object} History
 * @property {string} resolucion
 * @property {Point[]} puntos
 * @property {number | null} actual
 * @property {number | null} minimo
 * @property {number | null} maximo
 * @property {number | null} media
 * @property {number} cubierto_s
 */

const PAUSE_MS = 250;

const card = document.getElementById("historia");
if (card) start(card);

/** @param {HTMLElement} card */
function start(card) {
  const { url = "", zone = "UTC", unit = "", label = "" } = card.dataset;
  const decimals = Number(card.dataset.decimals);
  const first = Number(card.dataset.first) - 60;
  const table = pointsTable(zone, decimals);
  const resolution = /** @type {HTMLElement} */ (card.querySelector("[data-resolution]"));
  /** @type {Record<string, string>} */
  const names = JSON.parse(resolution.dataset.names ?? "{}");
  const empty = card.querySelector("[data-empty]");
  const shown = card.querySelector("[data-span]");
  let range = 86_400;
  /** @type {{from: number, to: number} | null} */
  let days = null;
  let asked = 0;
  let timer = 0;

  const chart = historyChart({ zone, unit, decimals, label, first }, (from, to) => {
    clearTimeout(timer);
    timer = setTimeout(() => load(from, to), PAUSE_MS);
  });

  /**
   * @param {number} from Unix seconds
   * @param {number} to
   */
  async function load(from, to) {
    const turn = ++asked;
    const query = `?desde=${Math.max(0, Math.floor(from))}&hasta=${Math.ceil(to)}`;
    const answer = await fetch(url + query, { headers: { Accept: "application/json" } }).catch(() => null);
    if (turn !== asked) return; // a newer range was chosen meanwhile
    if (!answer?.ok) {
      toast(card.dataset.failed ?? "", { warns: true });
      return;
    }
    /** @type {History} */
    const history = await answer.json();
    chart.show(history, from, to);
    table.show(history);
    resolution.textContent = names[history.resolucion] ?? "";
    empty?.classList.toggle("d-none", history.puntos.some((p) => p[1] !== null));
    writeStatistics(history, from, to);
    if (shown) shown.textContent = `${moment(from, zone)} – ${moment(to, zone)}`;
    document.dispatchEvent(new CustomEvent("rango", { detail: { from, to } }));
  }

  /**
   * @param {History} history
   * @param {number} from
   * @param {number} to
   */
  function writeStatistics(history, from, to) {
    const passed = Math.min(to, Date.now() / 1000) - from;
    const covered = passed > 0 ? Math.min(100, (100 * history.cubierto_s) / passed) : null;
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-stat]"))) {
      const key = place.dataset.stat;
      if (key === "cobertura") place.textContent = number(covered, 1);
      else place.textContent = number(history[/** @type {"actual"} */ (key)], decimals);
    }
  }

  function whole() {
    const now = Date.now() / 1000;
    return days ? load(days.from, days.to) : load(range ? now - range : first, now);
  }

  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (card.querySelectorAll("[data-range]"));

  /** @param {HTMLButtonElement | null} chosen */
  function press(chosen) {
    for (const button of buttons) {
      button.classList.toggle("active", button === chosen);
      button.setAttribute("aria-pressed", String(button === chosen));
    }
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      range = Number(button.dataset.range);
      days = null;
      history.replaceState(null, "", location.pathname);
      press(button);
      void whole();
    });
  }
  const form = /** @type {HTMLFormElement} */ (card.querySelector("[data-dates]"));

  function choose() {
    days = chosenDays(form, zone);
    if (days) press(null);
    void whole();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", daysAddress(form)); // so that a bookmark brings these days back
    choose();
  });
  card.querySelector("[data-reset]")?.addEventListener("click", () => void whole());
  fillDays(form, location.search);
  choose();
}
