// @ts-check
/** What changes slowly, asked for each minute while the page is in sight, and when it comes into sight. */

const EVERY_MS = 60_000;

/**
 * @typedef {object} Row
 * @property {string} estado
 * @property {number | null} [resto_wh] what a main meter measured beyond its sub-meters
 * @property {number | null} [hoy_wh]
 * @property {number | null} [mes_wh]
 * @property {string[]} [curva] the last 24 hours as a small line
 * @property {{dia: number | null, mes: number | null}} [cambio]
 */

/**
 * @typedef {object} Slow
 * @property {Record<string, Row>} nodos by the meter's id
 * @property {{today_wh: number | null, month_wh: number | null} | null} total
 * @property {{dia: number | null, mes: number | null} | null} cambio
 */

/**
 * @param {string} url
 * @param {(data: Slow) => void} handle
 */
export function keepUp(url, handle) {
  async function refresh() {
    if (document.hidden) return;
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) handle(await answer.json()); // the stream tells when the server is away
  }

  setInterval(refresh, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
}
