/**
 * PaymentIntents and SetupIntents as stripe.js reads them.
 *
 * @typedef {import("./controller.js").Controller} Controller
 * @typedef {import("../shared/api.js").Answer} Answer
 * @typedef {import("@stripe/stripe-js").StripeError} StripeError
 * @typedef {object} Kind
 * @property {"PaymentIntent" | "SetupIntent"} noun
 * @property {"payment_intent" | "setup_intent"} name How errors and return addresses call it.
 * @property {string} path
 * @property {"paymentIntent" | "setupIntent"} result How results call it.
 * @property {"last_payment_error" | "last_setup_error"} lastError
 * @property {string} prefix
 */
import { IntegrationError } from "./errors.js";

/** @type {Kind} */
export const PAYMENT = {
  noun: "PaymentIntent",
  name: "payment_intent",
  path: "/v1/payment_intents",
  result: "paymentIntent",
  lastError: "last_payment_error",
  prefix: "pi",
};

/** @type {Kind} */
export const SETUP = {
  noun: "SetupIntent",
  name: "setup_intent",
  path: "/v1/setup_intents",
  result: "setupIntent",
  lastError: "last_setup_error",
  prefix: "seti",
};

/**
 * Return the id inside a client secret.
 * @param {Kind} kind
 * @param {string} caller The function of stripe.js that was called.
 * @param {unknown} secret
 * @returns {string}
 * @throws {IntegrationError} if the secret has not the form of one.
 */
export function intentId(kind, caller, secret) {
  const match = new RegExp(`^(${kind.prefix}_[A-Za-z0-9]+)_secret_[A-Za-z0-9]+$`).exec(String(secret));
  if (typeof secret === "string" && match) return String(match[1]);
  throw new IntegrationError(
    `Invalid value for stripe.${caller} intent secret: value should be a client secret of the form ` +
      "${id}_secret_${secret}. You specified: " +
      `${secret}.`,
  );
}

/**
 * Return what a client secret belongs to.
 * @param {string} caller
 * @param {unknown} secret
 * @returns {Kind}
 */
export function intentKind(caller, secret) {
  const kind = String(secret).startsWith("seti_") ? SETUP : PAYMENT;
  intentId(kind, caller, secret);
  return kind;
}

/**
 * Fetch an intent with its client secret.
 * @param {Controller} controller
 * @param {Kind} kind
 * @param {string} caller
 * @param {unknown} secret
 * @returns {Promise<Answer>}
 */
export function readIntent(controller, kind, caller, secret) {
  return controller.request("GET", `${kind.path}/${intentId(kind, caller, secret)}`, { client_secret: secret });
}

/**
 * Return the result that a function of stripe.js resolves to for an intent that asks for nothing more.
 * An intent that needs another payment method is an error: its last one, with the intent beside it.
 * @param {Kind} kind
 * @param {any} intent
 * @returns {any}
 */
export function outcome(kind, intent) {
  if (intent.status !== "requires_payment_method") return { [kind.result]: intent };
  const error = intent[kind.lastError] ?? {
    type: "invalid_request_error",
    code: `${kind.name}_authentication_failure`,
    message:
      "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
  };
  return { error: { ...error, [kind.name]: intent } };
}
