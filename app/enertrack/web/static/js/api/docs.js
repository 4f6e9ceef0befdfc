// @ts-check
/** The API's document by Swagger UI, in the page's language; a token that is entered there is forgotten with the page. */

import { asPartOfThePage } from "./layout.js";

/** @type {(options: Record<string, unknown>) => unknown} */
const SwaggerUIBundle = Reflect.get(window, "SwaggerUIBundle");
const place = document.getElementById("documento");

/**
 * @param {{ headers?: Record<string, string> }} request
 */
function inOurLanguage(request) {
  request.headers = { "Accept-Language": document.documentElement.lang, ...request.headers };
  return request;
}

function wearTheTheme() {
  const root = document.documentElement;
  root.classList.toggle("dark-mode", root.dataset.bsTheme === "dark");
}

if (place) {
  wearTheTheme();
  document.addEventListener("tema", wearTheTheme);
  SwaggerUIBundle({
    domNode: place,
    url: place.dataset.url,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    persistAuthorization: false,
    requestInterceptor: inOurLanguage,
    plugins: [asPartOfThePage(place)],
    layout: "PartOfThePage",
  });
}
