/**
 * The hidden frame that carries stripe.js's own calls to the API.
 *
 * @typedef {import("../shared/api.js").Answer} Answer
 */
import { connectionError } from "../shared/api.js";
import { Wire } from "../shared/wire.js";
import { makeFrame, whenLost } from "./frames.js";

const HIDDEN = {
  width: "1px",
  height: "1px",
  position: "fixed",
  top: "-1px",
  left: "0",
  visibility: "hidden",
  "pointer-events": "none",
};

export class Controller {
  /**
   * @param {string} origin
   * @param {string} key
   * @param {string} [account]
   */
  constructor(origin, key, account) {
    this.origin = origin;
    this.key = key;
    this.account = account;
    const { frame, channel } = makeFrame(origin, "controller.html", {
      name: "__privateStripeController",
      title: "Stripe controller",
      styles: HIDDEN,
      parameters: { key, account },
    });
    frame.setAttribute("aria-hidden", "true");
    frame.tabIndex = -1;
    this.wire = new Wire(() => frame.contentWindow, origin, channel, {});
    this.isLost = false;
    whenLost(
      frame,
      () => this.wire.isOpen,
      () => this.#lose(),
    );
    whenBodyExists(() => document.body.append(frame));
  }

  /**
   * Call the API; never rejects.
   * @param {"GET" | "POST"} method
   * @param {string} path
   * @param {object} parameters
   * @returns {Promise<Answer>}
   */
  async request(method, path, parameters) {
    if (this.isLost) return { error: connectionError() };
    try {
      return await this.wire.call("request", { method, path, parameters });
    } catch {
      return { error: connectionError() };
    }
  }

  #lose() {
    this.isLost = true;
    this.wire.cut();
  }
}

/** @param {() => void} act Runs now, or as soon as a script in `<head>` has a body to write to. */
function whenBodyExists(act) {
  if (document.body) act();
  else document.addEventListener("DOMContentLoaded", act, { once: true });
}
