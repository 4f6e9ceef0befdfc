// @ts-check
/**
 * The page as a program: where there is no network, one that says so instead of the browser's own.
 * Nothing that is about anybody is kept: files of the version that the address of this one names, and that page.
 */
(() => {
  /** @typedef {Event & { waitUntil(done: Promise<unknown>): void }} Lasting */
  /** @typedef {Lasting & { request: Request, respondWith(answer: Promise<Response>): void }} Asking */
  /**
   * @typedef {object} Worker
   * @property {(name: string, handle: (event: any) => void) => void} addEventListener
   * @property {() => Promise<void>} skipWaiting
   * @property {{ claim(): Promise<void> }} clients
   */
  const worker = /** @type {Worker} */ (/** @type {unknown} */ (self));
  const version = new URL(location.href).searchParams.get("v") ?? "";
  const store = `enertrack-${version}`;
  const page = "/sin-conexion";
  const files = new Set(
    [
      "vendor/bootstrap.css",
      "vendor/icons.svg",
      "css/enertrack.css",
      "img/icon.svg",
      "js/theme.js",
      "js/offline.js",
    ].map((name) => `/static/${version}/${name}`),
  );

  async function fill() {
    const kept = await caches.open(store);
    await kept.addAll([page, ...files]);
  }

  /** @param {(name: string) => boolean} which */
  async function forget(which) {
    const names = await caches.keys();
    await Promise.all(names.filter(which).map((name) => caches.delete(name)));
  }

  /** @param {Request} request */
  async function reached(request) {
    try {
      return await fetch(request);
    } catch (error) {
      const kept = await caches.match(page);
      if (!kept) throw error;
      return kept;
    }
  }

  worker.addEventListener("install", (/** @type {Lasting} */ event) => {
    event.waitUntil(fill().then(() => worker.skipWaiting()));
  });

  worker.addEventListener("activate", (/** @type {Lasting} */ event) => {
    event.waitUntil(forget((name) => name !== store).then(() => worker.clients.claim()));
  });

  worker.addEventListener("fetch", (/** @type {Asking} */ event) => {
    const { request } = event;
    const address = new URL(request.url);
    if (request.method === "POST" && address.pathname === "/salir") {
      event.waitUntil(forget(() => true).then(fill));
    } else if (request.method === "GET" && request.mode === "navigate") {
      event.respondWith(reached(request));
    } else if (files.has(address.pathname)) {
      event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
    }
  });
})();
