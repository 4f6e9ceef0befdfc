// @ts-check
/** The panel: starts the cards and hands them what comes. */

import { listen, setState, writeValues } from "../live.js";
import { writeEnergy, writeSums } from "./sums.js";

const SLOW_MS = 60_000;

const section = /** @type {HTMLElement} */ (document.querySelector("[data-live]"));

/**
 * @param {string} id
 * @returns {HTMLElement | null}
 */
const card = (id) => document.querySelector(`[data-meter="${CSS.escape(id)}"]`);

listen(section.dataset.live ?? "", {
  valores: (values) => {
    const element = card(values.nodo);
    if (element) writeValues(element, values);
  },
  estado: (status) => {
    const element = card(status.nodo);
    if (element && !status.en_linea) setState(element, "desconectado");
  },
  resumen: writeSums,
});

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(section.dataset.slow ?? "", { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return; // the stream tells when the server is away
  const data = await answer.json();
  for (const [id, row] of Object.entries(data.nodos)) {
    const element = card(id);
    if (!element) continue;
    setState(element, row.estado);
    writeEnergy(element, row.hoy_wh);
  }
  writeSums({ hoy: data.total?.today_wh / 1000, mes: data.total?.month_wh / 1000 });
}

setInterval(refresh, SLOW_MS);
document.addEventListener("visibilitychange", refresh);
