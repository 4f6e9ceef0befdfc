// @ts-check
/** Points of a magnitude between two moments, for a chart. */

/** @typedef {{x: number, y: number | null}} Place */

/**
 * @param {string} url
 * @param {number} from Unix seconds
 * @param {number} to
 * @returns {Promise<Place[]>} none where they cannot be had; null where there is a gap
 */
export async function stored(url, from, to) {
  const answer = await fetch(`${url}?desde=${from}&hasta=${to}`, { headers: { Accept: "application/json" } }).catch(
    () => null,
  );
  if (!answer?.ok) return [];
  const history = await answer.json();
  return history.puntos.map((/** @type {[number, number | null]} */ [t, mean]) => ({ x: t * 1000, y: mean ?? null }));
}
