// @ts-check

/**
 * Tell something in a corner of the page.
 * @param {string} text
 */
export function toast(text) {
  const area = document.getElementById("avisos");
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("aviso"));
  const element = /** @type {HTMLElement | null} */ (template?.content.firstElementChild?.cloneNode(true) ?? null);
  const body = element?.querySelector(".toast-body");
  if (!area || !element || !body) return;
  body.textContent = text;
  area.append(element);
  element.addEventListener("hidden.bs.toast", () => element.remove());
  new window.bootstrap.Toast(element).show();
}
