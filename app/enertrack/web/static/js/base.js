// @ts-check
/** What every page does: the choice of theme, and how long ago a moment was. */

import { ago } from "./format.js";
import { toast } from "./toast.js";

const choices = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-theme-choice]"));

function markChoice() {
  const chosen = document.documentElement.dataset.themeChoice;
  for (const button of choices) {
    const active = button.dataset.themeChoice === chosen;
    button.classList.toggle("active", active);
    button.setAttribute("aria-pressed", String(active));
  }
}

/** @param {string} tema */
function keepTheme(tema) {
  const { themeSave, csrf } = document.documentElement.dataset;
  if (!themeSave) return;
  const headers = { "X-CSRF-Token": csrf ?? "" };
  // Without network the choice holds until the next page.
  fetch(themeSave, { method: "POST", headers, body: new URLSearchParams({ tema }), keepalive: true }).catch(() => undefined);
}

for (const button of choices) {
  button.addEventListener("click", () => {
    document.dispatchEvent(new CustomEvent("tema:elegido", { detail: button.dataset.themeChoice }));
    keepTheme(button.dataset.themeChoice ?? "");
  });
}
document.addEventListener("tema", markChoice);
markChoice();

// On a narrow screen the row of pages may be longer than what is in sight of it.
document.querySelector(".pills-scroll .active")?.scrollIntoView({ block: "nearest", inline: "center" });

function tellAges() {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-since]"))) {
    const t = Number(element.dataset.since);
    if (t) element.textContent = ago(t);
  }
}

tellAges();
setInterval(tellAges, 1000);

const { notice, warns } = document.getElementById("avisos")?.dataset ?? {};
if (notice) {
  toast(notice, { warns: warns !== undefined });
  const address = new URL(location.href);
  address.searchParams.delete("aviso"); // so that loading the page again does not tell it again
  history.replaceState(history.state, "", address);
}

const worker = document.body.dataset.worker;
if (worker && "serviceWorker" in navigator) {
  // A browser that refuses it (a private window) shows all but the page without network.
  window.addEventListener("load", () => navigator.serviceWorker.register(worker).catch(() => undefined));
}
