// @ts-check
/** The line of a magnitude with the band between its least and its most; gaps stay gaps. */

import { Chart, canvas, color, faint, onTheme, timeAxis, valueTicks } from "../charts.js";
import { number } from "../format.js";

const CLOSEST_MS = 60_000;
const STEP = 0.2;
const ROOM = 0.08;

/**
 * @param {{zone: string, unit: string, decimals: number, label: string, first: number}} about
 * @param {(from: number, to: number) => void} moved tells the seconds that are in sight after a zoom or pan
 */
export function historyChart(about, moved) {
  const element = canvas("grafico");
  const suffix = about.unit ? ` ${about.unit}` : "";

  /** @param {{chart: import("chart.js").Chart}} context */
  function tell({ chart }) {
    const axis = chart.scales.x;
    if (axis) moved(axis.min / 1000, axis.max / 1000);
  }

  const chart = new Chart(element, {
    type: "line",
    data: {
      datasets: [
        { label: "max", data: [], pointRadius: 0, borderWidth: 0, fill: "+1" },
        { label: "min", data: [], pointRadius: 0, borderWidth: 0 },
        { label: about.label, data: [], pointRadius: 0, pointHitRadius: 8, borderWidth: 2 },
      ],
    },
    options: {
      parsing: false,
      spanGaps: false,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: {
          filter: (item) => item.datasetIndex === 2,
          callbacks: { label: (item) => `${number(item.parsed.y, about.decimals)}${suffix}` },
        },
        zoom: {
          limits: { x: { min: about.first * 1000, max: Date.now() + 86_400_000, minRange: CLOSEST_MS } },
          pan: { enabled: true, mode: "x", onPanComplete: tell },
          zoom: { wheel: { enabled: true }, pinch: { enabled: true }, mode: "x", onZoomComplete: tell },
        },
      },
      scales: {
        x: timeAxis(about.zone),
        y: { ticks: valueTicks(about.unit, about.decimals) },
      },
    },
  });

  element.tabIndex = 0;
  element.addEventListener("keydown", (event) => {
    const width = chart.chartArea.width * STEP;
    /** @type {Record<string, () => void>} */
    const moves = {
      "+": () => chart.zoom(1 + STEP),
      "-": () => chart.zoom(1 - STEP),
      ArrowLeft: () => chart.pan({ x: width }),
      ArrowRight: () => chart.pan({ x: -width }),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
    tell({ chart });
  });

  function paint() {
    const [most, , mean] = chart.data.datasets;
    if (most) most.backgroundColor = faint("--et-accent", 18);
    if (mean) mean.borderColor = color("--et-accent");
    chart.update("none");
  }

  onTheme(paint);
  return {
    /**
     * @param {import("./magnitude.js").History} history
     * @param {number} from Unix seconds
     * @param {number} to
     */
    show(history, from, to) {
      const column = (/** @type {1 | 2 | 3} */ i) => history.puntos.map((p) => ({ x: p[0] * 1000, y: p[i] }));
      const [top, bottom, line] = chart.data.datasets;
      if (!top || !bottom || !line) return;
      const least = history.minimo ?? 0;
      const highest = history.maximo ?? 1;
      const room = (highest - least) * ROOM;
      const band = history.resolucion !== "raw";
      Object.assign(top, { data: band ? column(3) : [] });
      Object.assign(bottom, { data: band ? column(2) : [] });
      Object.assign(line, { data: column(1) });
      Object.assign(chart.options.scales?.x ?? {}, { min: from * 1000, max: to * 1000 });
      Object.assign(chart.options.scales?.y ?? {}, {
        suggestedMin: least < 0 ? least - room : Math.max(0, least - room), // nothing below a zero that is never passed
        suggestedMax: highest + room,
      });
      paint();
    },
  };
}
