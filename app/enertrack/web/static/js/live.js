// @ts-check
/** Live values by Server-Sent Events; the browser connects again by itself. */

import { ago, number } from "./format.js";

/**
 * @typedef {object} Values
 * @property {string} nodo
 * @property {number} t
 * @property {number} [potencia]
 * @property {number} [tension]
 * @property {number} [corriente]
 * @property {number} [fp]
 * @property {number} [frecuencia]
 */

const FRESH_S = 300;
const PATIENCE_MS = 8000;

/**
 * @param {string} url
 * @param {Record<string, (data: any) => void>} handlers by the event's name
 */
export function listen(url, handlers) {
  const source = new EventSource(url);
  const notice = document.querySelector("[data-live-notice]");
  let broker = true;
  let timer = 0;

  /** @param {boolean} hidden */
  const show = (hidden) => notice?.classList.toggle("d-none", hidden);

  source.addEventListener("open", () => {
    clearTimeout(timer);
    timer = 0;
    show(broker);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) show(false); // refused: the session has ended
    else if (!timer) timer = setTimeout(() => show(false), PATIENCE_MS);
  });
  source.addEventListener("broker", (event) => {
    broker = JSON.parse(event.data).conectado;
    show(broker);
  });
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
  window.addEventListener("pagehide", () => source.close());
}

/**
 * Write the values of a meter into the places that are marked for them.
 * @param {ParentNode} root
 * @param {Values} values
 */
export function writeValues(root, values) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-value]"))) {
    const value = values[/** @type {keyof Values} */ (place.dataset.value)];
    if (typeof value === "number") place.textContent = number(value, Number(place.dataset.decimals));
  }
  const since = /** @type {HTMLElement | null} */ (root.querySelector("[data-since]"));
  if (since && values.t > Number(since.dataset.since)) {
    since.dataset.since = String(values.t);
    since.textContent = ago(values.t);
  }
  if (Date.now() / 1000 - values.t < FRESH_S) setState(root, "activo");
}

/** @type {Map<string, string>} */
const names = new Map();
for (const template of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-state-text]"))) {
  names.set(template.dataset.stateText ?? "", template.textContent ?? "");
}

/**
 * @param {ParentNode} root
 * @param {string} state
 */
export function setState(root, state) {
  const badge = /** @type {HTMLElement | null} */ (root.querySelector(".state"));
  const name = badge?.querySelector("[data-state-name]");
  if (!badge || !name || badge.dataset.state === state) return;
  badge.classList.replace(`state-${badge.dataset.state}`, `state-${state}`);
  badge.dataset.state = state;
  name.textContent = names.get(state) ?? state;
}
