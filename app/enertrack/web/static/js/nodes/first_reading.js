// @ts-check
/** The first sign that a meter is there, while its credential is before one. */

import { number } from "../format.js";
import { listen } from "../live.js";

const place = /** @type {HTMLElement | null} */ (document.querySelector(".first-reading"));
if (place) {
  const [waiting, arrived, power] = ["waiting", "arrived", "power"].map((name) => place.querySelector(`[data-${name}]`));
  listen(place.dataset.live ?? "", {
    valores: (values) => {
      waiting?.setAttribute("hidden", "");
      arrived?.removeAttribute("hidden");
      if (power && typeof values.potencia === "number") power.textContent = number(values.potencia, 0);
    },
  });
}
