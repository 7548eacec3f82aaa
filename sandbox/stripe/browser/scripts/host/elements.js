/**
 * The Elements object: options shared by the elements of one payment.
 *
 * @typedef {import("./controller.js").Controller} Controller
 * @typedef {import("@stripe/stripe-js").StripeElementsUpdateOptions} StripeElementsUpdateOptions
 * @typedef {import("@stripe/stripe-js").StripePaymentElementOptions} StripePaymentElementOptions
 * @typedef {import("@stripe/stripe-js").StripeError} StripeError
 */
import { checkGroupOptions } from "./checks.js";
import { Emitter } from "./emitter.js";
import { IntegrationError } from "./errors.js";
import { PaymentElement } from "./payment_element.js";

/** What stripe.js knows behind an Elements object; the merchant's code does not see it. */
export class ElementsGroup {
  /**
   * @param {Controller} controller
   * @param {{[name: string]: any}} options
   */
  constructor(controller, options) {
    this.controller = controller;
    this.options = options;
    this.emitter = new Emitter();
    this.wasSubmitted = false;
    /** @type {PaymentElement | null} */
    this.payment = null;
  }

  /** @returns {string | undefined} */
  get clientSecret() {
    return this.options.clientSecret;
  }

  /**
   * Return the mounted Payment Element.
   * @param {string} caller
   * @returns {import("./payment_element.js").Mounted}
   */
  mountedPaymentElement(caller) {
    const mounted = this.payment?.mounted;
    if (mounted) return mounted;
    throw new IntegrationError(
      `Invalid value for stripe.${caller}(): elements should have a mounted Payment Element or Express Checkout Element.`,
    );
  }

  /**
   * Without a client secret the element must have been validated before the merchant's server made the intent.
   * @param {string} caller
   */
  requireSubmitted(caller) {
    if (this.clientSecret === undefined && !this.wasSubmitted) {
      throw new IntegrationError(
        `elements.submit() must be called before stripe.${caller}(). ` +
          "Learn more: https://stripe.com/docs/js/elements_object/submit",
      );
    }
  }
}

/** @type {WeakMap<object, ElementsGroup>} */
const groups = new WeakMap();

/**
 * Return what is behind an Elements object.
 * @param {unknown} elements
 * @param {string} caller
 * @returns {ElementsGroup}
 */
export function groupOf(elements, caller) {
  const group = typeof elements === "object" && elements !== null ? groups.get(elements) : undefined;
  if (group) return group;
  throw new IntegrationError(
    `Invalid value for stripe.${caller}(): elements should be an Elements object created with stripe.elements().`,
  );
}

export class Elements {
  /**
   * @param {Controller} controller
   * @param {{[name: string]: any}} options
   */
  constructor(controller, options) {
    checkGroupOptions("elements()", options);
    groups.set(this, new ElementsGroup(controller, options));
  }

  /**
   * @param {"payment"} type
   * @param {StripePaymentElementOptions} [options]
   * @returns {PaymentElement}
   */
  create(type, options = {}) {
    const group = groupOf(this, "elements");
    if (type !== "payment") {
      throw new IntegrationError(`The sandbox's stripe.js has the Payment Element only; you asked for ${type}.`);
    }
    if (group.clientSecret === undefined && group.options.mode === undefined) {
      throw new IntegrationError(
        "In order to create a payment element, you must pass a clientSecret or mode when creating your Elements group. " +
          "e.g. stripe.elements({clientSecret: '{{CLIENT_SECRET}}'})",
      );
    }
    if (group.payment)
      throw new IntegrationError("Can only create one Element of type payment through an Elements instance.");
    group.payment = new PaymentElement(group, options);
    return group.payment;
  }

  /**
   * @param {"payment"} type
   * @returns {PaymentElement | null}
   */
  getElement(type) {
    return type === "payment" ? groupOf(this, "elements").payment : null;
  }

  /**
   * Change options; resolves when the elements show them.
   * @param {StripeElementsUpdateOptions} options
   * @returns {Promise<void>}
   */
  async update(options) {
    const group = groupOf(this, "elements");
    checkGroupOptions("elements.update()", { ...group.options, ...options });
    group.options = { ...group.options, ...options };
    await group.payment?.mounted?.wire.call("updateGroup", group.options);
    group.emitter.emit("update-end");
  }

  /**
   * Read the intent again, after the merchant's server changed it.
   * @returns {Promise<{error?: {message: string, status?: string}}>}
   */
  async fetchUpdates() {
    const group = groupOf(this, "elements");
    if (group.clientSecret === undefined) {
      throw new IntegrationError(
        "elements.fetchUpdates() can only be used when elements was created with a clientSecret.",
      );
    }
    return (await group.payment?.mounted?.wire.call("fetchUpdates")) ?? {};
  }

  /**
   * Check what the customer has entered and show what is wrong with it.
   * @returns {Promise<{error?: StripeError, selectedPaymentMethod?: undefined}
   *   | {selectedPaymentMethod: string, error?: undefined}>}
   */
  async submit() {
    const group = groupOf(this, "elements");
    const mounted = group.payment?.mounted;
    if (!mounted) {
      throw new IntegrationError(
        "elements.submit() can only be called when a Payment Element or Express Checkout Element is mounted.",
      );
    }
    const result = await mounted.wire.call("submit");
    group.wasSubmitted = !result.error;
    return result;
  }

  /**
   * @param {"update-end"} event
   * @param {() => void} handler
   */
  on(event, handler) {
    groupOf(this, "elements").emitter.add(event, handler);
  }
}
