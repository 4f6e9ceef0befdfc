// @ts-check
/** Days of the meter's place, from a form or from the address that it leads to. */

const { DateTime } = window.luxon;

/**
 * @param {HTMLFormElement} form with the fields "desde" and "hasta", the latter maybe empty: that day alone
 * @param {string} zone
 * @returns {{from: number, to: number} | null} Unix seconds, the last day whole
 */
export function chosenDays(form, zone) {
  const fields = new FormData(form);
  const [a, b] = ["desde", "hasta"].map((name) => DateTime.fromISO(String(fields.get(name) ?? ""), { zone }));
  if (!a?.isValid) return null;
  const [first, last] = b?.isValid ? [DateTime.min(a, b), DateTime.max(a, b)] : [a, a];
  return { from: first.toSeconds(), to: last.plus({ days: 1 }).toSeconds() };
}

/**
 * @param {HTMLFormElement} form
 * @returns {string} the page with these days, as the browser itself would ask for it before this module is there
 */
export function daysAddress(form) {
  const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
  return `?${new URLSearchParams(fields)}`;
}

/**
 * @param {HTMLFormElement} form its fields take what the address names
 * @param {string} query
 */
export function fillDays(form, query) {
  for (const [name, value] of new URLSearchParams(query)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
}
