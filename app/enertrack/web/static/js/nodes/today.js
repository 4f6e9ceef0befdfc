// @ts-check
/** Power of today with that of yesterday behind it; gaps stay gaps. */

import { Chart, canvas, color, faint, onTheme, timeAxis, valueTicks } from "../charts.js";
import { moment, number } from "../format.js";
import { stored } from "./stored.js";

const { DateTime } = window.luxon;
const EVERY_MS = 60_000;

/** Draw it, and again each minute; a page that stays open goes on with the next day. */
export async function today() {
  const element = canvas("potencia-hoy");
  const { url = "", zone = "UTC", today: name = "", yesterday: before = "" } = element.dataset;
  /** Midnight of the day that is drawn. */
  let day = DateTime.fromMillis(0, { zone });
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
        x: timeAxis(zone),
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

  /** The day before, each moment at what clocks show then: the days may have 23 and 25 hours. */
  async function yesterday() {
    const faded = chart.data.datasets[1];
    if (!faded) return;
    const past = await stored(url, day.minus({ days: 1 }).toSeconds(), day.toSeconds());
    faded.data = past.map(({ x, y }) => ({ x: DateTime.fromMillis(x, { zone }).plus({ days: 1 }).toMillis(), y }));
  }

  async function load() {
    const line = chart.data.datasets[0];
    if (document.hidden || !line) return;
    const today = DateTime.now().setZone(zone).startOf("day");
    if (!today.equals(day)) {
      day = today;
      Object.assign(chart.options.scales?.x ?? {}, { min: day.toMillis(), max: day.plus({ days: 1 }).toMillis() });
      await yesterday();
    }
    line.data = await stored(url, day.toSeconds(), Math.floor(Date.now() / 1000));
    paint();
  }

  onTheme(paint);
  setInterval(load, EVERY_MS);
  document.addEventListener("visibilitychange", load);
  await load();
}
