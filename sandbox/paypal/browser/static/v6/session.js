// @ts-check
import { asSdkError, noAppSwitch, noPaymentHandler, SdkError } from "./errors.js";
import { back, forget, remember } from "./returned.js";
import { openSurface } from "./surfaces.js";

/**
 * @template {string} Key
 * @typedef {{ key: Key, path: string, parameter: string }} Kind what is approved: the name of its id, and where
 */

/**
 * @template {string} Key
 * @typedef {{ [name in Key]: string }} Named an object that names what is to be approved, `{orderId}`
 */

/**
 * @template {string} Key
 * @typedef {object} Options what all kinds of sessions are given
 * @property {string} [orderId]
 * @property {boolean} [commit]
 * @property {(data: Named<Key> & { fundingSource: FundingSource, payerId?: string }) => Promise<void>} [onApprove]
 * @property {(data: { orderId?: string }) => void} [onCancel]
 * @property {(data: { paymentSessionState: "approved" | "canceled" | "error" }) => void} [onComplete]
 * @property {(data: import("@paypal/paypal-js/sdk-v6").OnErrorData) => void} [onError]
 */

/**
 * @typedef {import("@paypal/paypal-js/sdk-v6").FundingSource} FundingSource
 * @typedef {import("@paypal/paypal-js/sdk-v6").PayPalPresentationModeOptions} Presentation
 * @typedef {{ channel: "paypal-approval", id: string, outcome: "approved" | "cancelled", payerId?: string }} Message
 */

/** @type {Kind<"orderId">} */
export const ORDER = { key: "orderId", path: "/checkoutnow", parameter: "token" };
/** @type {Kind<"subscriptionId">} */
export const SUBSCRIPTION = { key: "subscriptionId", path: "/webapps/billing/subscriptions", parameter: "token" };

const LOOK_EVERY_MS = 200;
// A window that approves closes itself right after its message, which gets this many looks to arrive.
const LOOKS_BEFORE_CANCEL = 3;

/**
 * Makes a session: one button's way to an approval, which can be started again after it has ended.
 * @template {string} Key
 * @param {{ origin: string, locale: string }} context
 * @param {Kind<Key>} kind
 * @param {FundingSource} fundingSource
 * @param {Options<Key>} options
 */
export function createSession(context, kind, fundingSource, options) {
  const session = new Session(context, kind, fundingSource, options);
  return {
    /**
     * @param {Presentation} [presentation]
     * @param {Promise<Named<Key>>} [named]
     * @returns {Promise<any>} PayPal's types join two sorts of sessions here, so only `any` fits both
     */
    start: (presentation, named) => session.start(presentation, named),
    destroy: () => session.destroy(),
    cancel: () => session.cancel(),
    hasReturned: () => back(kind.key) !== undefined,
    resume: () => session.resume(),
  };
}

/** @template {string} Key */
class Session {
  /** @type {import("./surfaces.js").Surface | undefined} */
  #surface;
  /** @type {string | undefined} */
  #id;
  #stop = new AbortController();
  #destroyed = false;

  /**
   * @param {{ origin: string, locale: string }} context
   * @param {Kind<Key>} kind
   * @param {FundingSource} fundingSource
   * @param {Options<Key>} options
   */
  constructor(context, kind, fundingSource, options) {
    this.context = context;
    this.kind = kind;
    this.fundingSource = fundingSource;
    this.options = options;
  }

  /**
   * Opens the window synchronously, so that the click's activation counts, and shows the approval page in it once the
   * promise has named what to approve. Resolves when the page is shown; the callbacks tell what came of it.
   * Rejects when nothing can be shown or the promise rejects; in that second case `onError` hears of it as well.
   * While the window is open, a repeat brings it to the front.
   * @param {Presentation} [presentation]
   * @param {Promise<Named<Key>>} [named]
   * @returns {Promise<void | { redirectURL?: string }>}
   */
  async start(presentation = { presentationMode: "auto" }, named = undefined) {
    this.#check(named);
    const mode = presentation.presentationMode;
    if (mode === "payment-handler") throw noPaymentHandler();
    if (mode === "direct-app-switch") throw noAppSwitch();
    if (mode === "redirect") return this.#redirect(named, presentation.autoRedirect?.enabled !== false);
    if (this.#surface) return this.#surface.focus();
    const surface = openSurface(mode, {
      origin: this.context.origin,
      overlay: presentation.fullPageOverlay?.enabled !== false,
      onDismiss: () => this.cancel(),
    });
    this.#attend(surface);
    const id = await this.#identify(named);
    // The buyer may have closed the window while the order was being made.
    if (!this.#isShowing(surface)) return undefined;
    this.#id = id;
    return surface.show(this.#address(id, surface.mode));
  }

  /** Closes the window, as the buyer would. */
  cancel() {
    if (this.#surface) this.#cancelled();
  }

  /** Closes the window without a word and lets nothing be started any more. */
  destroy() {
    this.#destroyed = true;
    this.#close();
  }

  /** Ends a redirect that has come back to this page, with the callback that fits. */
  async resume() {
    const returned = back(this.kind.key);
    if (!returned) throw new SdkError("ERR_SANDBOX_NOT_RETURNED", "This page is not the way back of a session.");
    forget();
    this.#id = returned.id;
    if (returned.payerId) await this.#approved(returned.payerId);
    else this.#cancelled();
  }

  /** @param {Promise<Named<Key>> | undefined} named */
  #check(named) {
    if (this.#destroyed) throw new SdkError("ERR_SANDBOX_DESTROYED", "This session was destroyed. Create another one.");
    if (named !== undefined && typeof named.then !== "function") {
      throw new SdkError("ERR_SANDBOX_NO_PROMISE", `.start() expects a Promise. Received '${typeof named}'.`, {
        name: "SdkInitError",
      });
    }
    if (named === undefined && !this.options.orderId) {
      throw new SdkError("ERR_SANDBOX_NO_ID", `Pass a Promise of {${this.kind.key}} to .start().`);
    }
  }

  /**
   * @param {Promise<Named<Key>> | undefined} named
   * @returns {Promise<string>}
   */
  async #identify(named) {
    try {
      const id = named ? (await named)?.[this.kind.key] : this.options.orderId;
      if (typeof id === "string" && id !== "") return id;
      throw new SdkError("ERR_SANDBOX_NO_ID", `The promise resolved without ${this.kind.key}.`);
    } catch (thrown) {
      this.#close();
      this.#failed(thrown, "ERR_SANDBOX_CREATE_FAILED");
      throw thrown;
    }
  }

  /**
   * @param {Promise<Named<Key>> | undefined} named
   * @param {boolean} goes whether this page is left at once
   */
  async #redirect(named, goes) {
    const id = await this.#identify(named);
    remember({ kind: this.kind.key, id, fundingSource: this.fundingSource });
    const redirectURL = this.#address(id, "redirect");
    if (goes) location.assign(redirectURL);
    return { redirectURL };
  }

  /**
   * @param {string} id
   * @param {"popup" | "modal" | "redirect"} mode
   */
  #address(id, mode) {
    const address = new URL(this.kind.path, this.context.origin);
    address.searchParams.set(this.kind.parameter, id);
    address.searchParams.set("fundingSource", this.fundingSource);
    if (this.options.commit === false) address.searchParams.set("commit", "false");
    if (mode === "redirect") return address.href;
    address.searchParams.set("present", mode);
    address.searchParams.set("origin", location.origin);
    return address.href;
  }

  /**
   * Listens to the window, and looks whether the buyer has closed it.
   * @param {import("./surfaces.js").Surface} surface
   */
  #attend(surface) {
    this.#surface = surface;
    this.#id = undefined;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    window.addEventListener("message", (event) => this.#hear(event, surface), { signal });
    let looks = 0;
    const timer = window.setInterval(() => {
      if (surface.isGone() && ++looks === LOOKS_BEFORE_CANCEL) this.#cancelled();
    }, LOOK_EVERY_MS);
    signal.addEventListener("abort", () => window.clearInterval(timer));
  }

  /**
   * @param {MessageEvent} event
   * @param {import("./surfaces.js").Surface} surface
   */
  #hear(event, surface) {
    if (event.origin !== this.context.origin || event.source !== surface.page) return;
    const message = /** @type {Partial<Message> | null} */ (event.data);
    if (message?.channel !== "paypal-approval" || message.id !== this.#id) return;
    if (message.outcome === "approved") {
      this.#close();
      void this.#approved(message.payerId);
    } else if (message.outcome === "cancelled") {
      this.#cancelled();
    }
  }

  /** @param {import("./surfaces.js").Surface} surface */
  #isShowing(surface) {
    return this.#surface === surface;
  }

  #close() {
    this.#stop.abort();
    this.#surface?.close();
    this.#surface = undefined;
  }

  /** @param {string | undefined} payerId */
  async #approved(payerId) {
    const named = /** @type {Named<Key>} */ ({ [this.kind.key]: this.#id ?? "" });
    try {
      await this.options.onApprove?.({ ...named, fundingSource: this.fundingSource, payerId });
      this.options.onComplete?.({ paymentSessionState: "approved" });
    } catch (thrown) {
      this.#failed(thrown, "ERR_SANDBOX_ON_APPROVE_FAILED");
    }
  }

  #cancelled() {
    this.#close();
    this.options.onCancel?.(this.#id && this.kind.key === "orderId" ? { orderId: this.#id } : {});
    this.options.onComplete?.({ paymentSessionState: "canceled" });
  }

  /**
   * @param {unknown} thrown
   * @param {string} code
   */
  #failed(thrown, code) {
    const error = asSdkError(thrown, code);
    if (this.options.onError) this.options.onError(error);
    else reportError(error);
    this.options.onComplete?.({ paymentSessionState: "error" });
  }
}
