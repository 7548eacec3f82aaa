// @ts-check

/**
 * Shows the copy buttons inside `root` and makes them copy what they name.
 * @param {ParentNode} root
 */
export function addCopyButtons(root) {
  for (const button of root.querySelectorAll(".copy-button")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy ?? "");
  button.textContent = "Copied";
  button.classList.add("copied");
  window.setTimeout(() => {
    button.textContent = "Copy";
    button.classList.remove("copied");
  }, 1500);
}
