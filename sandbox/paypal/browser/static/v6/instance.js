// @ts-check
import { defineButtons, speak } from "./button.js";
import { findEligibleMethods, hydrate } from "./eligibility.js";
import { SdkError } from "./errors.js";
import { createSession, ORDER, SUBSCRIPTION } from "./session.js";

/**
 * @typedef {import("@paypal/paypal-js/sdk-v6").Components} Components
 * @typedef {import("@paypal/paypal-js/sdk-v6").BaseInstance} BaseInstance
 * @typedef {import("@paypal/paypal-js/sdk-v6").PayPalPaymentsInstance} Payments
 * @typedef {import("@paypal/paypal-js/sdk-v6").PayPalSubscriptionsInstance} Subscriptions
 * @typedef {{ origin: string, clientId: string, locale: string }} Context what every part of an instance knows
 */

/** @type {Partial<Record<Components, (context: Context) => object>>} */
const PARTS = { "paypal-payments": payments, "paypal-subscriptions": subscriptions };

/**
 * Builds an SDK instance with the methods of the components asked for.
 * Rejects without a client id or token, with a live one, and for a component the sandbox does not have.
 * @template {readonly Components[]} T
 * @param {string} origin where the script came from
 * @param {import("@paypal/paypal-js/sdk-v6").CreateInstanceOptions<T>} options
 * @returns {Promise<import("@paypal/paypal-js/sdk-v6").SdkInstance<T>>}
 */
export async function createInstance(origin, options) {
  const context = { origin, clientId: identity(options), locale: options.locale ?? "en-US" };
  const names = /** @type {readonly Components[]} */ (options.components ?? []);
  if (names.length === 0) throw initError("ERR_SANDBOX_COMPONENTS_MISSING", "Name at least one component.");
  const instance = names.map((name) => part(name)(context));
  defineButtons();
  speak(context.locale);
  return /** @type {import("@paypal/paypal-js/sdk-v6").SdkInstance<T>} */ (
    /** @type {unknown} */ (Object.assign(base(context), ...instance))
  );
}

/** @param {{ clientId?: string, clientToken?: string }} options */
function identity({ clientId, clientToken }) {
  const given = clientId ?? clientToken;
  if (!given) throw initError("ERR_INVALID_CLIENT_TOKEN", "Pass a clientId or a clientToken to createInstance.");
  if (given.startsWith("live")) {
    throw initError("ERR_INVALID_CLIENT_TOKEN", "This is a live client id. The sandbox takes test credentials only.");
  }
  return clientId ?? "";
}

/** @param {Components} name */
function part(name) {
  const build = PARTS[name];
  if (!build) throw initError("ERR_SANDBOX_COMPONENT", `The sandbox does not have the component "${name}".`);
  return build;
}

/**
 * @param {string} code
 * @param {string} message
 */
function initError(code, message) {
  return new SdkError(code, message, { name: "SdkInitError" });
}

/**
 * @param {Context} context
 * @returns {BaseInstance}
 */
function base(context) {
  return {
    findEligibleMethods: (options) => findEligibleMethods(context, options),
    hydrateEligibleMethods: hydrate,
    updateLocale: (locale) => {
      context.locale = locale;
      speak(locale);
    },
  };
}

/**
 * @param {Context} context
 * @returns {Payments}
 */
function payments(context) {
  return {
    createPayPalOneTimePaymentSession: (options) => createSession(context, ORDER, "paypal", options),
    createPayLaterOneTimePaymentSession: (options) => createSession(context, ORDER, "paylater", options),
    createPayPalCreditOneTimePaymentSession: (options) => createSession(context, ORDER, "credit", options),
    createPayPalSavePaymentSession: () => refuse("createPayPalSavePaymentSession"),
    createPayPalCreditSavePaymentSession: () => refuse("createPayPalCreditSavePaymentSession"),
  };
}

/**
 * @param {Context} context
 * @returns {Subscriptions}
 */
function subscriptions(context) {
  return {
    createPayPalSubscriptionPaymentSession: (options) => createSession(context, SUBSCRIPTION, "paypal", options),
  };
}

/**
 * @param {string} method
 * @returns {never}
 */
function refuse(method) {
  throw initError("ERR_SANDBOX_NO_VAULT", `The sandbox keeps no vault, so ${method} is not there.`);
}
