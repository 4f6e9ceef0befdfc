// @ts-check
/** Come back to the page that was asked for as soon as it can be had. */

const EVERY_MS = 10_000;

async function again() {
  if (document.hidden) return;
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  if (answer?.ok && location.pathname !== "/sin-conexion") location.reload();
}

window.addEventListener("online", again);
document.addEventListener("visibilitychange", again);
setInterval(again, EVERY_MS);
