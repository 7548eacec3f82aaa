// @ts-check
/** What JavaScript adds to the console's pages; every page works without it. */

import { addCopyButtons } from "./copy.js";
import { keepFresh } from "./live.js";

addCopyButtons(document);
for (const region of document.querySelectorAll("[data-live]")) {
  if (region instanceof HTMLElement) keepFresh(region, addCopyButtons);
}

// On a phone the menu is a strip wider than the screen: the page one is on should be in sight.
document.querySelector(".shell-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.dataset.confirm) return;
  if (!window.confirm(form.dataset.confirm)) event.preventDefault();
});
