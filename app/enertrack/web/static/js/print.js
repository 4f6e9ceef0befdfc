// @ts-check
/** Paper: a button that prints, and charts at the width of the page. */

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

for (const moment of ["beforeprint", "afterprint"]) {
  window.addEventListener(moment, () => {
    for (const chart of Object.values(window.Chart?.instances ?? {})) chart.resize();
  });
}
