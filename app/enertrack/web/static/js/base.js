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

for (const button of choices) {
  button.addEventListener("click", () => {
    document.dispatchEvent(new CustomEvent("tema:elegido", { detail: button.dataset.themeChoice }));
  });
}
document.addEventListener("tema", markChoice);
markChoice();

function tellAges() {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-since]"))) {
    const t = Number(element.dataset.since);
    if (t) element.textContent = ago(t);
  }
}

tellAges();
setInterval(tellAges, 1000);

const notice = document.getElementById("avisos")?.dataset.notice;
if (notice) {
  toast(notice);
  const address = new URL(location.href);
  address.searchParams.delete("aviso"); // so that loading the page again does not tell it again
  history.replaceState(history.state, "", address);
}
