// @ts-check
/** Power of today with that of yesterday behind it; gaps stay gaps. */

import { Chart, canvas, color, faint, onTheme, timeAxis, valueTicks } from "../charts.js";
import { moment, number } from "../format.js";
import { stored } from "./stored.js";

const EVERY_MS = 60_000;

/** Draw it, and again each minute. */
export async function today() {
  const element = canvas("potencia-hoy");
  const { url = "", zone = "UTC", today: name = "", yesterday: before = "" } = element.dataset;
  const start = Number(element.dataset.start);
  const end = Number(element.dataset.end);
  const shift = end - start;
  /** @type {import("./stored.js").Place[]} */
  const none = [];
  const chart = new Chart(element, {
    type: "line",
    data: {
      datasets: [
        { label: name, data: none, pointRadius: 0, borderWidth: 2, fill: "origin" },
        { label: before, data: none, pointRadius: 0, borderWidth: 1.5 },
      ],
    },
    options: {
      parsing: false,
      spanGaps: false,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      plugins: {
        legend: { display: true, labels: { boxWidth: 16, boxHeight: 2 } },
        tooltip: {
          callbacks: {
            title: (items) => moment((items[0]?.parsed.x ?? 0) / 1000, zone, { timeStyle: "short" }),
            label: (item) => `${item.dataset.label}: ${number(item.parsed.y, 0)} W`,
          },
        },
      },
      scales: {
        x: { ...timeAxis(zone), min: start * 1000, max: end * 1000 },
        y: { beginAtZero: true, ticks: valueTicks("W", 0) },
      },
    },
  });

  function paint() {
    const [line, faded] = chart.data.datasets;
    if (line) Object.assign(line, { borderColor: color("--et-accent"), backgroundColor: faint("--et-accent", 14) });
    if (faded) faded.borderColor = faint("--bs-secondary-color", 55);
    chart.update("none");
  }

  async function load() {
    const line = chart.data.datasets[0];
    if (document.hidden || !line) return;
    line.data = await stored(url, start, Math.floor(Date.now() / 1000));
    paint();
  }

  onTheme(paint);
  setInterval(load, EVERY_MS);
  document.addEventListener("visibilitychange", load);
  const [past] = await Promise.all([stored(url, start - shift, start), load()]);
  const faded = chart.data.datasets[1];
  if (faded) faded.data = past.map(({ x, y }) => ({ x: x + shift * 1000, y }));
  paint();
}
