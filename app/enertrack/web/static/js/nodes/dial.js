// @ts-check
/** The dial that shows power now. */

/** @returns {(power: number) => void} takes each new value */
export function dial() {
  const place = /** @type {HTMLElement} */ (document.getElementById("dial"));
  const arc = place.querySelector(".dial-now");
  const most = Number(place.getAttribute("aria-valuemax"));
  return (power) => {
    const share = Math.min(1, Math.max(0, power / most));
    place.setAttribute("aria-valuenow", String(Math.round(power)));
    arc?.setAttribute("stroke-dasharray", `${(share * 100).toFixed(1)} 200`);
  };
}
