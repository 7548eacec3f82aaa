/**
 * What stripe.js refuses to accept from a merchant's page, in Stripe's words where they are known.
 *
 * The wording of Stripe's own IntegrationErrors is not published; the conditions are.
 */
import { IntegrationError } from "./errors.js";

const MODES = ["payment", "setup", "subscription"];

/**
 * Refuse options that `stripe.elements()` or `elements.update()` would refuse.
 * @param {string} caller
 * @param {{[name: string]: any}} options
 */
export function checkGroupOptions(caller, options) {
  for (const gone of ["paymentMethodTypes", "payment_method_types"]) {
    if (gone in options) {
      throw new IntegrationError(
        `Invalid value for ${caller}: ${gone} is no longer supported in this version of Stripe.js. ` +
          "Manage payment methods in the Dashboard, or use allowedPaymentMethodTypes or excludedPaymentMethodTypes.",
      );
    }
  }
  if (options.mode !== undefined && options.clientSecret !== undefined) {
    throw new IntegrationError(`Invalid value for ${caller}: pass either clientSecret or mode, not both.`);
  }
  if (options.allowedPaymentMethodTypes && options.excludedPaymentMethodTypes) {
    throw new IntegrationError(
      `Invalid value for ${caller}: pass either allowedPaymentMethodTypes or excludedPaymentMethodTypes, not both.`,
    );
  }
  if (options.mode !== undefined) checkDeferred(caller, options);
  if (options.clientSecret !== undefined) checkSecret(caller, options.clientSecret);
}

/**
 * @param {string} caller
 * @param {{[name: string]: any}} options
 */
function checkDeferred(caller, { mode, amount, currency }) {
  if (!MODES.includes(mode)) {
    throw new IntegrationError(
      `Invalid value for ${caller}: mode should be one of the following strings: ${MODES.join(", ")}. ` +
        `You specified: ${mode}.`,
    );
  }
  if (mode === "setup") return;
  if (typeof currency !== "string" || !/^[a-z]{3}$/.test(currency)) {
    throw new IntegrationError(
      `Invalid value for ${caller}: currency should be a three-letter ISO currency code in lowercase. ` +
        `You specified: ${currency}.`,
    );
  }
  const isValid = Number.isInteger(amount) && (mode === "subscription" ? amount >= 0 : amount > 0);
  if (!isValid) {
    throw new IntegrationError(
      `Invalid value for ${caller}: amount should be a positive integer in the currency's smallest unit. ` +
        `You specified: ${amount}.`,
    );
  }
}

/**
 * @param {string} caller
 * @param {unknown} secret
 */
function checkSecret(caller, secret) {
  if (/^(pi|seti)_[A-Za-z0-9]+_secret_[A-Za-z0-9]+$/.test(String(secret))) return;
  throw new IntegrationError(
    `Invalid value for ${caller}: clientSecret should be a client secret of the form ` +
      "${id}_secret_${secret}. You specified: " +
      `${secret}.`,
  );
}

/** The billing details that can be turned off, as the option names them and as the API does. */
const DETAILS = [
  ["name", "name"],
  ["email", "email"],
  ["phone", "phone"],
];
const ADDRESS = [
  ["line1", "line1"],
  ["line2", "line2"],
  ["city", "city"],
  ["state", "state"],
  ["country", "country"],
  ["postalCode", "postal_code"],
];

/**
 * Refuse a confirmation that lacks billing details which the element was told not to collect.
 * @param {string} caller
 * @param {{[name: string]: any}} options The Payment Element's options.
 * @param {{isNew: boolean}} selection
 * @param {{[name: string]: any}} confirmParams
 */
export function requireBillingDetails(caller, options, selection, confirmParams) {
  if (!selection.isNew) return;
  const given = confirmParams.payment_method_data?.billing_details ?? {};
  const fields = options.fields?.billingDetails ?? {};
  const address = typeof fields === "string" ? fields : (fields.address ?? {});
  const missing = [
    ...DETAILS.filter(([key]) => isNever(fields, key)).filter(([, name]) => !(String(name) in given)),
    ...ADDRESS.filter(([key]) => isNever(address, key))
      .filter(([, name]) => !(String(name) in (given.address ?? {})))
      .map(([key, name]) => [`address.${key}`, `address.${name}`]),
  ][0];
  if (!missing) return;
  const name = `billing_details.${missing[1]}`;
  throw new IntegrationError(
    `You specified "never" for fields.${name} when creating the payment Element, but did not pass ` +
      `confirmParams.payment_method_data.${name} when calling stripe.${caller}(). If you opt out of collecting data ` +
      `via the payment Element using the fields option, the data must be passed in when calling stripe.${caller}().`,
  );
}

/**
 * @param {any} fields
 * @param {string | undefined} key
 */
function isNever(fields, key) {
  return (typeof fields === "string" ? fields : fields[String(key)]) === "never";
}
