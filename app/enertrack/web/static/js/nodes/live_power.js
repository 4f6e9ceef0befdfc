// @ts-check
/** Power of the last half hour, growing with what is heard. */

import { Chart, canvas, color, faint, onTheme, timeAxis, valueTicks } from "../charts.js";
import { number } from "../format.js";
import { stored } from "./stored.js";

const SPAN_S = 1800;
const GAP_S = 300;

/** @returns {Promise<(t: number, power: number) => void>} takes each new value */
export async function livePower() {
  const element = canvas("potencia-viva");
  const { url = "", zone = "UTC", label = "" } = element.dataset;
  const last = () => stored(url, Math.floor(Date.now() / 1000) - SPAN_S, Math.floor(Date.now() / 1000));
  const places = await last();
  const chart = new Chart(element, {
    type: "line",
    data: { datasets: [{ label, data: places, pointRadius: 0, borderWidth: 2, fill: "origin", tension: 0.2 }] },
    options: {
      parsing: false,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: { callbacks: { label: (item) => `${number(item.parsed.y, 0)} W` } },
      },
      scales: { x: timeAxis(zone), y: { beginAtZero: true, ticks: valueTicks("W", 0) } },
    },
  });

  function draw() {
    const now = Date.now();
    while (places[0] && places[0].x < now - SPAN_S * 1000) places.shift();
    const line = chart.data.datasets[0];
    if (line) Object.assign(line, { borderColor: color("--et-accent"), backgroundColor: faint("--et-accent", 14) });
    Object.assign(chart.options.scales?.x ?? {}, { min: now - SPAN_S * 1000, max: now });
    chart.update("none");
  }

  draw();
  onTheme(draw);
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden) return;
    places.splice(0, places.length, ...(await last())); // nothing was heard while the page was out of sight
    draw();
  });
  setInterval(draw, 5000);
  return (t, power) => {
    const newest = places.at(-1);
    if (newest && newest.x >= t * 1000) return;
    if (newest && t * 1000 - newest.x > GAP_S * 1000) places.push({ x: newest.x + 1, y: null });
    places.push({ x: t * 1000, y: power });
    draw();
  };
}
