// @ts-check
/** The bars of /consumo. */

import { Chart, canvas, color, onTheme, valueTicks } from "../charts.js";
import { number } from "../format.js";

/** @typedef {{nombre: string, titulo: string, kwh: number | null, estimado: boolean}} Bar */

const element = canvas("barras");
/** @type {Bar[]} */
const bars = JSON.parse(element.dataset.bars ?? "[]");

const chart = new Chart(element, {
  type: "bar",
  data: {
    labels: bars.map((b) => b.nombre),
    datasets: [{ label: element.dataset.label ?? "", data: bars.map((b) => b.kwh), borderRadius: 4, maxBarThickness: 48 }],
  },
  options: {
    interaction: { mode: "index", intersect: false },
    plugins: {
      legend: { display: false },
      tooltip: {
        callbacks: {
          title: (items) => bars[items[0]?.dataIndex ?? 0]?.titulo ?? "",
          label: (item) => `${bars[item.dataIndex]?.estimado ? "~ " : ""}${number(item.parsed.y, 3)} kWh`,
        },
      },
    },
    scales: {
      x: { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 8 } },
      y: { beginAtZero: true, ticks: valueTicks("kWh", Math.max(0, ...bars.map((b) => b.kwh ?? 0)) < 5 ? 1 : 0) },
    },
  },
});

function paint() {
  const set = chart.data.datasets[0];
  if (set) set.backgroundColor = bars.map((b) => color(b.estimado ? "--et-bar-estimated" : "--et-bar"));
  chart.update("none");
}

paint();
onTheme(paint);
