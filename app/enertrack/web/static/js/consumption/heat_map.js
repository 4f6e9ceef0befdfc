// @ts-check
/** A year on a canvas: a column for each day, a row for each hour; the arrows move a cursor over it. */

import { language } from "../format.js";

export const HOURS = 24;
const LEVELS = 7;
const LEFT = 34;
const TOP = 18;

/**
 * @param {HTMLCanvasElement} element
 * @param {import("./heat.js").Heat} heat
 * @param {number} most Wh of the darkest
 * @param {{tell: (day: number, hour: number) => void, open: (day: number) => void}} about
 */
export function heatMap(element, heat, most, about) {
  const days = heat.wh.length / HOURS;
  const months = new Intl.DateTimeFormat(language, { month: "short", timeZone: "UTC" });
  const year = Number(heat.desde.slice(0, 4));
  /** @type {{day: number, hour: number} | null} */
  let cursor = null;

  /** @param {string} name of a class with a background */
  function background(name) {
    const probe = card.appendChild(document.createElement("span"));
    probe.className = name;
    const found = getComputedStyle(probe).backgroundColor;
    probe.remove();
    return found;
  }

  const card = /** @type {HTMLElement} */ (element.parentElement);

  function cell() {
    return { width: (element.clientWidth - LEFT) / days, height: (element.clientHeight - TOP) / HOURS };
  }

  function draw() {
    const scale = window.devicePixelRatio;
    const context = element.getContext("2d");
    if (!context || !element.clientWidth) return;
    element.width = element.clientWidth * scale;
    element.height = element.clientHeight * scale;
    context.scale(scale, scale);
    const levels = Array.from({ length: LEVELS }, (_, i) => background(`heat-${i}`));
    const none = background("heat-none");
    const { width, height } = cell();
    heat.wh.forEach((wh, i) => {
      const level = most && wh !== null ? Math.min(LEVELS - 1, Math.floor((LEVELS * wh) / most)) : 0;
      context.fillStyle = (wh === null ? none : levels[level]) ?? none;
      context.fillRect(LEFT + Math.floor(i / HOURS) * width, TOP + (i % HOURS) * height, width + 0.3, height + 0.3);
    });
    write(context, width, height);
    if (!cursor) return;
    context.strokeStyle = getComputedStyle(element).color;
    context.lineWidth = 2;
    context.strokeRect(LEFT + cursor.day * width - 1, TOP + cursor.hour * height - 1, width + 2, height + 2);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} width
   * @param {number} height
   */
  function write(context, width, height) {
    const style = getComputedStyle(element);
    context.fillStyle = style.color;
    context.font = `11px ${style.fontFamily}`;
    context.textBaseline = "top";
    for (let month = 0; month < 12; month++) {
      const first = (Date.UTC(year, month) - Date.UTC(year, 0)) / 86_400_000;
      context.fillText(months.format(Date.UTC(year, month)), LEFT + first * width, 2);
    }
    context.textBaseline = "middle";
    for (const hour of [0, 6, 12, 18, 23]) context.fillText(`${hour} h`, 2, TOP + (hour + 0.5) * height);
  }

  /**
   * @param {number} day
   * @param {number} hour
   */
  function go(day, hour) {
    cursor = { day: Math.min(days - 1, Math.max(0, day)), hour: Math.min(HOURS - 1, Math.max(0, hour)) };
    about.tell(cursor.day, cursor.hour);
    draw();
  }

  /** @param {MouseEvent} event */
  function point(event) {
    const { width, height } = cell();
    go(Math.floor((event.offsetX - LEFT) / width), Math.floor((event.offsetY - TOP) / height));
  }

  /** The newest day of which something is known. */
  const newest = Math.max(0, Math.floor(heat.wh.findLastIndex((wh) => wh !== null) / HOURS));

  element.addEventListener("keydown", (event) => {
    const { day, hour } = cursor ?? { day: newest, hour: 0 };
    /** @type {Record<string, () => void>} */
    const moves = {
      ArrowLeft: () => go(day - 1, hour),
      ArrowRight: () => go(day + 1, hour),
      ArrowUp: () => go(day, hour - 1),
      ArrowDown: () => go(day, hour + 1),
      PageUp: () => go(day - 30, hour),
      PageDown: () => go(day + 30, hour),
      Home: () => go(0, hour),
      End: () => go(newest, hour),
      Enter: () => about.open(day),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  });
  element.addEventListener("mousemove", point);
  element.addEventListener("click", point);
  element.addEventListener("dblclick", () => cursor && about.open(cursor.day));
  element.addEventListener("focus", () => cursor || go(newest, 0));
  document.addEventListener("tema", draw);
  new ResizeObserver(draw).observe(element);
  draw();
  card.scrollLeft = card.scrollWidth * (newest / days) - card.clientWidth / 2;
}
