// @ts-check
/** The bars of /consumo, beside those of the period before and of a year ago. */

import { Chart, canvas, color, faint, onTheme, valueTicks } from "../charts.js";
import { number } from "../format.js";

/**
 * @typedef {object} Bar
 * @property {string} nombre
 * @property {string} titulo
 * @property {number | null} kwh
 * @property {number | null} antes
 * @property {number | null} anio
 * @property {boolean} estimado
 */

const element = canvas("barras");
/** @type {Bar[]} */
const bars = JSON.parse(element.dataset.bars ?? "[]");
const highest = Math.max(0, ...bars.flatMap((b) => [b.kwh ?? 0, b.antes ?? 0, b.anio ?? 0]));
const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[data-compare]"));

/** @param {"antes" | "anio"} key */
const box = (key) => [...boxes].find((b) => b.dataset.compare === key);

/** Colours are asked for each time that it is drawn: those of bars which have one in common Chart.js would keep.
 * @type {import("chart.js").ChartConfigurationCustomTypesPerDataset<"bar" | "line", (number | null)[]>["data"]["datasets"]} */
const sets = [
  {
    type: "bar",
    label: element.dataset.label ?? "",
    data: bars.map((b) => b.kwh),
    backgroundColor: ({ dataIndex }) => color(bars[dataIndex]?.estimado ? "--et-bar-estimated" : "--et-bar"),
    borderRadius: 4,
    maxBarThickness: 48,
  },
  {
    type: "bar",
    label: box("antes")?.dataset.name ?? "",
    data: bars.map((b) => b.antes),
    backgroundColor: () => faint("--et-bar", 32),
    borderRadius: 4,
    maxBarThickness: 48,
  },
  {
    type: "line",
    label: box("anio")?.dataset.name ?? "",
    data: bars.map((b) => b.anio),
    borderColor: () => color("--et-bar-estimated"),
    backgroundColor: () => color("--et-bar-estimated"),
    borderWidth: 2,
    pointRadius: 2,
    order: -1,
  },
];

const chart = new Chart(element, {
  data: { labels: bars.map((b) => b.nombre), datasets: sets },
  options: {
    interaction: { mode: "index", intersect: false },
    plugins: {
      legend: { display: false },
      tooltip: {
        callbacks: {
          title: (items) => bars[items[0]?.dataIndex ?? 0]?.titulo ?? "",
          label: (item) => {
            const estimated = item.datasetIndex === 0 && bars[item.dataIndex]?.estimado ? "~ " : "";
            return `${item.dataset.label}: ${estimated}${number(item.parsed.y, 3)} kWh`;
          },
        },
      },
    },
    scales: {
      x: { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 8 } },
      y: { beginAtZero: true, ticks: valueTicks("kWh", highest < 5 ? 1 : 0) },
    },
  },
});

function paint() {
  chart.setDatasetVisibility(1, box("antes")?.checked ?? false);
  chart.setDatasetVisibility(2, box("anio")?.checked ?? false);
  chart.update("none");
}

for (const one of boxes) one.addEventListener("change", paint);
paint();
onTheme(paint);
