// @ts-check
/** Text that is there to be taken elsewhere: a button copies it, another hands it to the telephone's programs. */

import { toast } from "./toast.js";

/** @param {string | undefined} id */
const textOf = (id) => document.getElementById(id ?? "")?.textContent?.trim() ?? "";

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-copy]"))) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(textOf(button.dataset.copy));
    toast(button.dataset.copied ?? "");
  });
  button.hidden = !navigator.clipboard; // there is none without https; a click selects the text
}

const share = /** @type {HTMLButtonElement | null} */ (document.querySelector("button[data-share]"));
if (share && "share" in navigator) {
  share.hidden = false;
  share.addEventListener("click", () => navigator.share({ url: textOf(share.dataset.share) }).catch(() => undefined));
}
