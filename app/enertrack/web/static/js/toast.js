// @ts-check

/**
 * Tell something in a corner of the page; what it tells already is not told twice.
 * @param {string} text
 * @param {{ warns?: boolean }} [how] a warning stays until it is closed
 */
export function toast(text, { warns = false } = {}) {
  const area = document.getElementById("avisos");
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById(warns ? "advertencia" : "aviso"));
  const element = /** @type {HTMLElement | null} */ (template?.content.firstElementChild?.cloneNode(true) ?? null);
  const body = element?.querySelector(".toast-body");
  if (!area || !element || !body) return;
  if ([...area.querySelectorAll(".toast-body")].some((told) => told.textContent === text)) return;
  body.textContent = text;
  area.append(element);
  element.addEventListener("hidden.bs.toast", () => element.remove());
  new window.bootstrap.Toast(element).show();
}
