// @ts-check
// Loaded before the page is drawn, so that it never shows in the wrong colours.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  const bar = /** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=theme-color]"));
  const light = bar?.content ?? "";

  /** @returns {string} */
  function stored() {
    try {
      return localStorage.getItem("tema") ?? "";
    } catch {
      return ""; // storage is switched off
    }
  }

  function apply() {
    const root = document.documentElement;
    const choice = root.dataset.theme || stored() || "auto"; // the account's, or this browser's before it signs in
    const theme = choice === "oscuro" || (choice === "auto" && dark.matches) ? "dark" : "light";
    root.dataset.bsTheme = theme;
    root.dataset.themeChoice = choice;
    if (bar) bar.content = (theme === "dark" && bar.dataset.dark) || light;
  }

  apply();
  dark.addEventListener("change", () => {
    apply();
    document.dispatchEvent(new Event("tema"));
  });
  document.addEventListener("tema:elegido", (event) => {
    const { detail } = /** @type {CustomEvent<string>} */ (event);
    document.documentElement.dataset.theme = detail;
    try {
      localStorage.setItem("tema", detail);
    } catch {
      // it holds for this page alone
    }
    apply();
    document.dispatchEvent(new Event("tema"));
  });
})();
