// @ts-check
/** The panel: starts the cards and hands them what comes. */

import { writeChange } from "../change.js";
import { listen, setState, writeValues } from "../live.js";
import { keepUp } from "../slow.js";
import { drawSpark } from "../spark.js";
import { writeCounts } from "./counts.js";
import { kwh, writeEnergy, writeRests, writeSums } from "./sums.js";

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
  resumen: ({ sin_medir: rests, ...sums }) => {
    writeSums(sums);
    writeRests(rests);
  },
});

keepUp(section.dataset.slow ?? "", (data) => {
  for (const [id, row] of Object.entries(data.nodos)) {
    const element = card(id);
    if (!element) continue;
    setState(element, row.estado);
    writeEnergy(element, "hoy", row.hoy_wh);
    writeEnergy(element, "resto", row.resto_wh);
    if (row.curva) drawSpark(element, row.curva);
  }
  writeCounts();
  if (data.total) writeSums({ hoy: kwh(data.total.today_wh), mes: kwh(data.total.month_wh) });
  if (data.cambio) for (const [name, change] of Object.entries(data.cambio)) writeChange(name, change);
});
