// @ts-check
/** Live values by Server-Sent Events, while the page is in sight. */

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
const AGAIN_MS = 5000;

/**
 * The browser connects again by itself after a break, but not after a refusal (a server that is being started again):
 * then we do.
 * @param {string} url
 * @param {Record<string, (data: any) => void>} handlers by the event's name
 */
export function listen(url, handlers) {
  const notice = document.querySelector("[data-live-notice]");
  /** @type {EventSource | null} */
  let source = null;
  let patience = 0;
  let again = 0;

  /** @param {boolean} well */
  function tell(well) {
    clearTimeout(patience);
    patience = 0;
    notice?.classList.toggle("d-none", well);
  }

  function connect() {
    if (source || document.hidden) return;
    const opened = new EventSource(url);
    source = opened;
    opened.addEventListener("broker", (event) => tell(JSON.parse(event.data).conectado));
    opened.addEventListener("error", () => {
      patience ||= setTimeout(() => tell(false), PATIENCE_MS);
      if (opened.readyState !== EventSource.CLOSED) return;
      source = null;
      again = setTimeout(retry, AGAIN_MS);
    });
    for (const [name, handle] of Object.entries(handlers)) {
      opened.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    }
  }

  function close() {
    clearTimeout(again);
    clearTimeout(patience);
    patience = 0;
    source?.close();
    source = null;
  }

  async function retry() {
    const stop = new AbortController();
    const answer = await fetch(url, { signal: stop.signal }).catch(() => null);
    stop.abort();
    if (answer?.status === 401) location.reload(); // the session has ended: to the form, and back here
    else if (answer?.status === 404) tell(false); // no longer ours
    else if (answer?.ok) connect();
    else again = setTimeout(retry, AGAIN_MS);
  }

  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", connect);
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : connect()));
  connect();
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
