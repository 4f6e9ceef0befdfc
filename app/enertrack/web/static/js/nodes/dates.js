// @ts-check
/** Days of the meter's place, from a form. */

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
