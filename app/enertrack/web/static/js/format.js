// @ts-check
/** Numbers and moments in the page's language. */

const page = document.documentElement.lang || "es";
/** English as our places write it: the day first, 24 hours, as in what the server writes. */
export const language = page === "en" ? "en-GB" : page;

/** @type {Map<number, Intl.NumberFormat>} */
const formats = new Map();

/**
 * @param {number | null | undefined} value
 * @param {number} decimals
 * @returns {string} a dash where there is no value
 */
export function number(value, decimals) {
  if (value === null || value === undefined) return "—";
  let format = formats.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat(language, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      useGrouping: "always", // as the server writes them
    });
    formats.set(decimals, format);
  }
  const shown = format.format(value);
  return /[1-9]/.test(shown) ? shown : shown.replace("-", "");
}

/**
 * @param {number} t Unix seconds
 * @param {string} zone
 * @param {Intl.DateTimeFormatOptions} [options]
 */
export function moment(t, zone, options = { dateStyle: "short", timeStyle: "medium" }) {
  return new Intl.DateTimeFormat(language, { timeZone: zone, ...options }).format(t * 1000);
}

const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "long" });
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/**
 * @param {number} t Unix seconds of a moment that has passed
 * @returns {string} how long ago
 */
export function ago(t) {
  const seconds = Math.max(0, Math.round(Date.now() / 1000 - t));
  for (const [unit, size] of UNITS) {
    if (seconds >= size) return relative.format(-Math.floor(seconds / size), unit);
  }
  return relative.format(-seconds, "second");
}
