/**
 * The Payment Element as the merchant's page holds it; the form itself is in a frame (`frame/payment.js`).
 *
 * @typedef {import("./elements.js").ElementsGroup} ElementsGroup
 * @typedef {import("@stripe/stripe-js").StripePaymentElementOptions} StripePaymentElementOptions
 * @typedef {object} Mounted
 * @property {HTMLElement} holder
 * @property {HTMLElement} target
 * @property {HTMLIFrameElement} frame
 * @property {Wire} wire
 * @property {{[name: string]: any}} options
 */
import { connectionError } from "../shared/api.js";
import { Wire } from "../shared/wire.js";
import { Emitter } from "./emitter.js";
import { IntegrationError } from "./errors.js";
import { makeFrame, setStyles, whenLost } from "./frames.js";

const EVENTS = ["ready", "change", "focus", "blur", "escape", "loaderror", "loaderstart"];
const SILENT = [
  "carddetailschange",
  "savedpaymentmethodupdate",
  "savedpaymentmethodremove",
  "availablepaymentmethodschange",
];
/** The focus ring and shadows of inputs reach beyond the form, so the frame is wider than its place by this on each side. */
const BLEED = 4;

export class PaymentElement {
  #group;
  #emitter = new Emitter();
  #isDestroyed = false;
  /** @type {{[name: string]: any}} */
  #options;
  /** @type {Mounted | null} */
  #mounted = null;

  /**
   * @param {ElementsGroup} group
   * @param {StripePaymentElementOptions} options
   */
  constructor(group, options) {
    this.#group = group;
    this.#options = options;
  }

  /** What is in the page now; null while the element is not mounted. */
  get mounted() {
    return this.#mounted;
  }

  /**
   * Put the form into the page. Mounting again in the same place does nothing; elsewhere, it moves there and starts empty.
   * @param {string | HTMLElement} place
   */
  mount(place) {
    if (this.#isDestroyed)
      throw new IntegrationError("This Element has already been destroyed. Please create a new one.");
    const target = findTarget(place);
    if (this.#mounted?.target === target) return;
    this.unmount();
    this.#mounted = this.#build(target);
    this.#mounted.wire.emit("start", { group: this.#group.options, element: this.#options });
  }

  unmount() {
    if (!this.#mounted) return;
    const { holder, target, wire } = this.#mounted;
    this.#mounted = null;
    wire.cut();
    holder.remove();
    target.classList.remove("StripeElement", "StripeElement--focus", "StripeElement--complete", "StripeElement--empty");
  }

  destroy() {
    this.unmount();
    this.#isDestroyed = true;
    this.#group.payment = null;
  }

  /**
   * @param {string} event
   * @param {(event: any) => any} handler
   * @returns {this}
   */
  on(event, handler) {
    return this.#listen("on", event, handler, false);
  }

  /**
   * @param {string} event
   * @param {(event: any) => any} handler
   * @returns {this}
   */
  once(event, handler) {
    return this.#listen("once", event, handler, true);
  }

  /**
   * @param {string} event
   * @param {(event: any) => any} [handler]
   * @returns {this}
   */
  off(event, handler) {
    this.#emitter.remove(event, handler);
    return this;
  }

  /**
   * @param {Partial<StripePaymentElementOptions>} options
   * @returns {this}
   */
  update(options) {
    this.#options = { ...this.#options, ...options };
    if (this.#mounted) {
      this.#mounted.options = this.#options;
      this.#mounted.wire.emit("updateElement", this.#options);
    }
    return this;
  }

  focus() {
    this.#require("focus").wire.emit("focus");
  }

  blur() {
    this.#require("blur").wire.emit("blur");
  }

  clear() {
    this.#require("clear").wire.emit("clear");
  }

  /** @returns {this} */
  collapse() {
    this.#require("collapse").wire.emit("collapse");
    return this;
  }

  /** @param {string} caller */
  #require(caller) {
    if (this.#mounted) return this.#mounted;
    throw new IntegrationError(`This Element is not mounted: mount it before calling ${caller}().`);
  }

  /**
   * @param {string} caller
   * @param {string} event
   * @param {(event: any) => any} handler
   * @param {boolean} once
   * @returns {this}
   */
  #listen(caller, event, handler, once) {
    if (typeof handler !== "function") {
      throw new IntegrationError(`Missing value for element.${caller}(): handler should be a function.`);
    }
    if (!EVENTS.includes(event) && !SILENT.includes(event)) {
      throw new IntegrationError(`${event} is not an event of the payment Element.`);
    }
    this.#emitter.add(event, handler, once);
    return this;
  }

  /**
   * @param {HTMLElement} target
   * @returns {Mounted}
   */
  #build(target) {
    const { origin, key, account } = this.#group.controller;
    const { frame, channel } = makeFrame(origin, "payment.html", {
      name: "__privateStripeFrame",
      title: "Secure payment input frame",
      styles: {
        display: "block",
        width: `calc(100% + ${2 * BLEED}px)`,
        "min-width": "100%",
        "max-width": "none",
        margin: `-${BLEED}px`,
        height: "1px",
        opacity: "0",
      },
      parameters: { key, account, bleed: String(BLEED) },
    });
    const holder = document.createElement("div");
    holder.className = "__PrivateStripeElement";
    setStyles(holder, {
      position: "relative",
      display: "block",
      margin: "0",
      padding: "0",
      border: "0",
      background: "transparent",
    });
    const wire = new Wire(() => frame.contentWindow, origin, channel, this.#handlers(target, frame));
    whenLost(
      frame,
      () => wire.isOpen,
      () => {
        this.#emitter.emit("loaderror", { elementType: "payment", error: connectionError() });
      },
    );
    holder.append(frame);
    target.replaceChildren(holder);
    target.classList.add("StripeElement", "StripeElement--empty");
    return { holder, target, frame, wire, options: this.#options };
  }

  /**
   * Return what the frame may tell this page.
   * @param {HTMLElement} target
   * @param {HTMLIFrameElement} frame
   */
  #handlers(target, frame) {
    const tell = (/** @type {string} */ event, /** @type {object} */ value = {}) =>
      this.#emitter.emit(event, { elementType: "payment", ...value });
    return {
      onresize: (/** @type {number} */ height) => setStyles(frame, { height: `${height}px` }),
      onloaderstart: () => {
        setStyles(frame, { opacity: "1" });
        tell("loaderstart");
      },
      onready: () => tell("ready"),
      onloaderror: (/** @type {object} */ error) => tell("loaderror", { error }),
      onchange: (/** @type {{complete: boolean, empty: boolean}} */ value) => {
        target.classList.toggle("StripeElement--complete", value.complete);
        target.classList.toggle("StripeElement--empty", value.empty);
        tell("change", value);
      },
      onfocus: () => {
        target.classList.add("StripeElement--focus");
        tell("focus");
      },
      onblur: () => {
        target.classList.remove("StripeElement--focus");
        tell("blur");
      },
      onescape: () => tell("escape"),
      onwarning: (/** @type {string} */ text) => console.warn(`[Stripe.js] ${text}`),
    };
  }
}

/**
 * @param {string | HTMLElement} place
 * @returns {HTMLElement}
 */
function findTarget(place) {
  const target = typeof place === "string" ? document.querySelector(place) : place;
  if (target instanceof HTMLElement) {
    if (!target.isConnected) throw new IntegrationError("The node you passed to mount() is not in the document.");
    return target;
  }
  throw new IntegrationError(
    `The selector you specified (${place}) applies to no DOM elements that are currently on the page. ` +
      "Make sure the element exists on the page before calling mount().",
  );
}
