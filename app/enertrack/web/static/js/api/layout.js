// @ts-check
/**
 * Swagger UI as a part of a page: its own layout has a second <main> and leaves out a rank of headings, and it puts
 * links, which lead nowhere else, into buttons.
 */

/**
 * @typedef {(type: unknown, props?: object | null, ...children: unknown[]) => unknown} CreateElement
 * @typedef {{ createElement: CreateElement, useEffect: (effect: () => void) => void }} React
 * @typedef {{ getComponent: (name: string, container: boolean) => unknown }} Components
 * @typedef {{ specSelectors: { loadingStatus: () => string | undefined } }} Document
 */

/**
 * A plugin for ``layout: "PartOfThePage"``.
 *
 * @param {HTMLElement} place where it is shown, busy until it is; ``data-heading`` is over the operations for who
 *   cannot see them
 * @returns {(system: { React: React }) => object}
 */
export function asPartOfThePage(place) {
  return ({ React: { createElement: make, useEffect } }) => {
    /** @param {Components & Document} system */
    function PartOfThePage({ getComponent, specSelectors }) {
      const status = specSelectors.loadingStatus();
      useEffect(() => {
        place.ariaBusy = String(status !== "success" && status !== "failed");
      });
      /** @param {string} name */
      const part = (name) => make(getComponent(name, true));
      const heading = make("h2", { className: "visually-hidden" }, place.dataset.heading);
      const document = [
        make("div", { className: "wrapper" }, part("InfoContainer"), part("AuthorizeBtnContainer")),
        make("div", { className: "wrapper" }, heading, part("operations")),
        make("div", { className: "wrapper" }, part("Models")),
      ];
      return make("div", { className: "swagger-ui" }, part("errors"), ...(status === "success" ? document : []));
    }

    /** @param {{ text: unknown }} link */
    const text = ({ text }) => make("span", { className: "nostyle" }, text);
    return { components: { PartOfThePage }, wrapComponents: { DeepLink: () => text } };
  };
}
