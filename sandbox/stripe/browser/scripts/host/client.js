/**
 * The object that `Stripe(key)` returns.
 *
 * @typedef {import("@stripe/stripe-js").StripeConstructorOptions} StripeConstructorOptions
 * @typedef {import("@stripe/stripe-js").PaymentIntentResult} PaymentIntentResult
 * @typedef {import("@stripe/stripe-js").SetupIntentResult} SetupIntentResult
 * @typedef {import("@stripe/stripe-js").PaymentIntentOrSetupIntentResult} PaymentIntentOrSetupIntentResult
 * @typedef {import("@stripe/stripe-js").PaymentMethodResult} PaymentMethodResult
 * @typedef {import("@stripe/stripe-js").ConfirmationTokenResult} ConfirmationTokenResult
 * @typedef {import("@stripe/stripe-js").StripeElementsOptions} StripeElementsOptions
 * @typedef {import("./confirm.js").ConfirmOptions} ConfirmOptions
 */
import { confirmCard, confirmWithElements } from "./confirm.js";
import { Controller } from "./controller.js";
import { createConfirmationToken, createPaymentMethod } from "./creation.js";
import { Elements } from "./elements.js";
import { IntegrationError } from "./errors.js";
import { PAYMENT, SETUP, intentKind, readIntent } from "./intents.js";
import { actOnRequest } from "./next_action.js";

export class StripeClient {
  #controller;
  #locale;

  /**
   * @param {string} origin The sandbox's origin.
   * @param {string} key A publishable key.
   * @param {StripeConstructorOptions} options
   */
  constructor(origin, key, options) {
    this.#controller = new Controller(origin, key, options.stripeAccount);
    this.#locale = options.locale;
  }

  /**
   * @param {StripeElementsOptions} [options]
   * @returns {Elements}
   */
  elements(options = {}) {
    return new Elements(this.#controller, { locale: this.#locale ?? "auto", ...options });
  }

  /**
   * @param {any} options
   * @returns {Promise<any>} With `redirect: "always"` it resolves only with an error.
   */
  async confirmPayment(options) {
    return confirmWithElements(this.#controller, PAYMENT, "confirmPayment", options);
  }

  /**
   * @param {any} options
   * @returns {Promise<any>} With `redirect: "always"` it resolves only with an error.
   */
  async confirmSetup(options) {
    return confirmWithElements(this.#controller, SETUP, "confirmSetup", options);
  }

  /**
   * @param {string} clientSecret
   * @param {any} [data]
   * @param {{handleActions?: boolean}} [options]
   * @returns {Promise<PaymentIntentResult>}
   */
  async confirmCardPayment(clientSecret, data, options) {
    return confirmCard(this.#controller, PAYMENT, "confirmCardPayment", clientSecret, data, options);
  }

  /**
   * @param {string} clientSecret
   * @param {any} [data]
   * @param {{handleActions?: boolean}} [options]
   * @returns {Promise<SetupIntentResult>}
   */
  async confirmCardSetup(clientSecret, data, options) {
    return confirmCard(this.#controller, SETUP, "confirmCardSetup", clientSecret, data, options);
  }

  /**
   * Do what an intent that the server confirmed still asks of the customer.
   * @param {{clientSecret?: string, hashedValue?: string}} options A hashed value (of a shared payment token) is refused.
   * @returns {Promise<PaymentIntentOrSetupIntentResult>}
   */
  async handleNextAction(options) {
    const secret = options?.clientSecret;
    const kind = intentKind("handleNextAction", secret);
    const answer = await readIntent(this.#controller, kind, "handleNextAction", secret);
    if (answer.error) return { error: answer.error };
    if (answer.object.status !== "requires_action") {
      throw new IntegrationError(`handleNextAction: The ${kind.noun} supplied is not in the requires_action state.`);
    }
    return actOnRequest(this.#controller, kind, answer.object);
  }

  /**
   * @param {string} clientSecret
   * @returns {Promise<PaymentIntentResult>}
   */
  async retrievePaymentIntent(clientSecret) {
    const answer = await readIntent(this.#controller, PAYMENT, "retrievePaymentIntent", clientSecret);
    return answer.error ? { error: answer.error } : { paymentIntent: answer.object };
  }

  /**
   * @param {string} clientSecret
   * @returns {Promise<SetupIntentResult>}
   */
  async retrieveSetupIntent(clientSecret) {
    const answer = await readIntent(this.#controller, SETUP, "retrieveSetupIntent", clientSecret);
    return answer.error ? { error: answer.error } : { setupIntent: answer.object };
  }

  /**
   * @param {any} options
   * @returns {Promise<PaymentMethodResult>}
   */
  async createPaymentMethod(options) {
    return createPaymentMethod(this.#controller, options);
  }

  /**
   * @param {any} options
   * @returns {Promise<ConfirmationTokenResult>}
   */
  async createConfirmationToken(options) {
    return createConfirmationToken(options);
  }

  /**
   * Libraries ask whether this function exists; Stripe's own wrappers name themselves with the next two.
   * @returns {never}
   */
  createToken() {
    throw new IntegrationError("stripe.createToken is not simulated: use the Payment Element and createPaymentMethod.");
  }

  /** @param {object} _library */
  registerAppInfo(_library) {}

  /** @param {object} _library */
  _registerWrapper(_library) {}
}

/** What earlier releases had and the dahlia release took away; calling one throws, as it does at Stripe. */
const REMOVED = {
  handleCardPayment: "confirmCardPayment",
  confirmPaymentIntent: "confirmPayment",
  handleFpxPayment: "confirmPayment",
  handleCardSetup: "confirmCardSetup",
  confirmSetupIntent: "confirmSetup",
  createSource: "createPaymentMethod",
  retrieveSource: "retrievePaymentIntent",
  redirectToCheckout: "the url of the Checkout Session",
  initCheckout: "initCheckoutElementsSdk",
  initEmbeddedCheckout: "createEmbeddedCheckoutPage",
};

for (const [name, instead] of Object.entries(REMOVED)) {
  Object.defineProperty(StripeClient.prototype, name, {
    value: () => {
      throw new IntegrationError(`stripe.${name} is no longer available in this version of Stripe.js. Use ${instead}.`);
    },
  });
}
