// @ts-check
/** A meter's page: starts its cards and hands them what comes. */

import { writeChange } from "../change.js";
import { listen, setState, writeValues } from "../live.js";
import { writeEnergy } from "../panel/sums.js";
import { keepUp } from "../slow.js";
import { dial } from "./dial.js";
import { livePower } from "./live_power.js";
import { today } from "./today.js";

const head = /** @type {HTMLElement} */ (document.querySelector("[data-live]"));
const turn = dial();
void today();
const add = await livePower();

listen(head.dataset.live ?? "", {
  valores: (values) => {
    writeValues(document, values);
    if (typeof values.potencia !== "number") return;
    add(values.t, values.potencia);
    turn(values.potencia);
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
  for (const [name, change] of Object.entries(row.cambio ?? {})) writeChange(name, change);
});
