/** The bank's page inside the modal: says when it is done, and that Escape was pressed. */

const modal = window.parent;
if (modal !== window) {
  document.body.classList.add("Framed");
  const tell = (/** @type {string} */ what) => modal.postMessage(what, window.location.origin);
  if (document.body.dataset["state"] === "finished") tell("finished");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tell("close");
  });
}
