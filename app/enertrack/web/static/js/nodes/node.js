// @ts-check
/** A meter's page: values as they come, and the last half hour of power. */

import { listen, setState, writeValues } from "../live.js";
import { writeEnergy } from "../panel/sums.js";
import { keepUp } from "../slow.js";
import { livePower } from "./live_power.js";

const head = /** @type {HTMLElement} */ (document.querySelector("[data-live]"));
const add = await livePower();

listen(head.dataset.live ?? "", {
  valores: (values) => {
    writeValues(document, values);
    if (typeof values.potencia === "number") add(values.t, values.potencia);
  },
  estado: (status) => {
    if (!status.en_linea) setState(document, "desconectado");
  },
});

keepUp(head.dataset.slow ?? "", (data) => {
  const row = data.nodos[head.dataset.meter ?? ""];
  if (!row) return;
  setState(document, row.estado);
  writeEnergy(document, "hoy", row.hoy_wh);
  writeEnergy(document, "mes", row.mes_wh);
});
