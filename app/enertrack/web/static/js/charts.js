// @ts-check
/** What all charts share: colours of the theme, words and numbers of the language. */

import { language, number } from "./format.js";

export const Chart = window.Chart;

window.luxon.Settings.defaultLocale = language;
Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.animation = false;

/** @type {Set<() => void>} */
const redraws = new Set();

/** @param {string} name of a CSS variable */
export function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/**
 * @param {string} name of a CSS variable
 * @param {number} percent of opacity
 */
export function faint(name, percent) {
  return `color-mix(in srgb, ${color(name)} ${percent}%, transparent)`;
}

function applyDefaults() {
  Chart.defaults.color = color("--bs-secondary-color");
  Chart.defaults.borderColor = color("--et-grid");
}

applyDefaults();
document.addEventListener("tema", () => {
  applyDefaults();
  for (const redraw of redraws) redraw();
});

/**
 * Draw again in the new colours when the theme changes.
 * @param {() => void} redraw
 */
export function onTheme(redraw) {
  redraws.add(redraw);
}

/** @param {string} id */
export function canvas(id) {
  return /** @type {HTMLCanvasElement} */ (document.getElementById(id));
}

/**
 * A time axis in the zone of the meter.
 * @param {string} zone
 * @returns {any}
 */
export function timeAxis(zone) {
  return {
    type: "time",
    adapters: { date: { zone, locale: language } },
    time: {
      tooltipFormat: "d LLL y, HH:mm:ss",
      displayFormats: {
        second: "HH:mm:ss",
        minute: "HH:mm",
        hour: "HH:mm",
        day: "d LLL",
        week: "d LLL",
        month: "LLL y",
        quarter: "LLL y",
        year: "y",
      },
    },
    ticks: { maxRotation: 0, autoSkipPadding: 24 },
    grid: { display: false },
  };
}

/**
 * @param {string} unit
 * @param {number} decimals
 */
export function valueTicks(unit, decimals) {
  return {
    precision: decimals, // else ticks that are closer would read the same
    /** @param {string | number} value */
    callback: (value) => `${number(Number(value), decimals)}${unit ? ` ${unit}` : ""}`,
  };
}
