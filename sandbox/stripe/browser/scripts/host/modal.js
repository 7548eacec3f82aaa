/** The 3-D Secure challenge over the whole window. */
import { Wire } from "../shared/wire.js";
import { makeFrame, setStyles, whenLost } from "./frames.js";

const COVER = {
  position: "fixed",
  inset: "0",
  width: "100%",
  height: "100%",
  "max-width": "none",
  "max-height": "none",
  margin: "0",
  padding: "0",
  border: "0",
  background: "transparent",
  overflow: "hidden",
};

/**
 * Show the bank's page; resolves when the customer has answered or closed it. What came of it, the intent tells.
 *
 * A dialog holds the frame, so that the page behind can neither be clicked nor reached by keyboard.
 * @param {string} origin
 * @param {string} authentication The id in the intent's next action.
 * @returns {Promise<void>}
 */
export function openChallenge(origin, authentication) {
  const before = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", "3D Secure authentication");
  setStyles(dialog, COVER);
  const { frame, channel } = makeFrame(origin, "three-ds-2-challenge.html", {
    name: "__privateStripeFrame",
    title: "3D Secure authentication",
    styles: { display: "block", width: "100%", height: "100%" },
    parameters: { authentication },
  });
  dialog.append(frame);
  return new Promise((resolve) => {
    const finish = () => {
      wire.cut();
      dialog.remove();
      if (before instanceof HTMLElement) before.focus();
      resolve();
    };
    const wire = new Wire(() => frame.contentWindow, origin, channel, { onfinished: finish });
    whenLost(frame, () => wire.isOpen, finish);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      wire.emit("close");
    });
    document.body.append(dialog);
    dialog.showModal();
    frame.focus();
  });
}
