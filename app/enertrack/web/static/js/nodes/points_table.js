// @ts-check
/** The points of the chart as a table, newest first. */

import { moment, number } from "../format.js";

const ROWS = 20;

/**
 * @param {string} zone
 * @param {number} decimals
 */
export function pointsTable(zone, decimals) {
  const body = /** @type {HTMLElement} */ (document.querySelector("#tabla tbody"));
  const text = document.querySelector("[data-page-text]");
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-page]"));
  /** @type {import("./magnitude.js").Point[]} */
  let points = [];
  let page = 0;

  /** @param {(string | number | null)[]} cells */
  function row(cells) {
    const tr = document.createElement("tr");
    cells.forEach((cell, i) => {
      const td = document.createElement(i ? "td" : "th");
      if (i) td.className = "text-end";
      else td.scope = "row";
      td.textContent = typeof cell === "string" ? cell : number(cell, decimals);
      tr.append(td);
    });
    return tr;
  }

  /**
   * @param {number} first
   * @param {number} last
   */
  function write(first, last) {
    const rows = points.slice(first, last).map(([t, mean, min, max], i) => {
      const older = points[first + i + 1]?.[1];
      const change = mean === null || older === null || older === undefined ? null : mean - older;
      return row([moment(t, zone), mean, min, max, change]);
    });
    body.replaceChildren(...rows);
  }

  function draw() {
    const pages = Math.max(1, Math.ceil(points.length / ROWS));
    page = Math.min(Math.max(page, 0), pages - 1);
    write(page * ROWS, (page + 1) * ROWS);
    if (text) text.textContent = `${page + 1} / ${pages}`;
    for (const button of buttons) {
      button.disabled = Number(button.dataset.page) < 0 ? page === 0 : page === pages - 1;
    }
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      page += Number(button.dataset.page);
      draw();
    });
  }
  window.addEventListener("beforeprint", () => write(0, points.length)); // paper has no pages to leaf through
  window.addEventListener("afterprint", draw);
  return {
    /** @param {import("./magnitude.js").History} history */
    show(history) {
      document.getElementById("tabla")?.classList.toggle("readings", history.resolucion === "raw");
      points = history.puntos.filter((p) => p[1] !== null).reverse();
      page = 0;
      draw();
    },
  };
}
