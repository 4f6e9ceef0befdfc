// @ts-check
/** What changes slowly, asked for each minute while the page is in sight, and when it comes into sight. */

const EVERY_MS = 60_000;

/**
 * @typedef {object} Slow
 * @property {Record<string, {estado: string, hoy_wh: number | null, mes_wh: number | null}>} nodos by the meter's id
 * @property {{today_wh: number, month_wh: number} | null} total
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
