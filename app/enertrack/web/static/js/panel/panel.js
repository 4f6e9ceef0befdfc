// @ts-check
/** The panel: starts the cards and hands them what comes. */

import { listen, setState, writeValues } from "../live.js";
import { keepUp } from "../slow.js";
import { writeCounts } from "./counts.js";
import { writeEnergy, writeSums } from "./sums.js";

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
    writeCounts();
  },
  estado: (status) => {
    const element = card(status.nodo);
    if (element && !status.en_linea) setState(element, "desconectado");
    writeCounts();
  },
  resumen: writeSums,
});

keepUp(section.dataset.slow ?? "", (data) => {
  for (const [id, row] of Object.entries(data.nodos)) {
    const element = card(id);
    if (!element) continue;
    setState(element, row.estado);
    writeEnergy(element, "hoy", row.hoy_wh);
  }
  writeCounts();
  if (data.total) writeSums({ hoy: data.total.today_wh / 1000, mes: data.total.month_wh / 1000 });
});
