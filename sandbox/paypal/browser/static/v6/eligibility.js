// @ts-check
import { SdkError } from "./errors.js";

/**
 * @typedef {import("@paypal/paypal-js/sdk-v6").EligiblePaymentMethodsOutput} Output
 * @typedef {import("@paypal/paypal-js/sdk-v6").FindEligiblePaymentMethodsResponse} Answer
 * @typedef {import("@paypal/paypal-js/sdk-v6").EligiblePaymentMethods} Method
 */

/** The SDK's name of a funding source, and the name the eligibility answer uses for it. @type {Record<string, Method>} */
const NAMES = {
  paypal: "paypal",
  paylater: "paypal_pay_later",
  credit: "paypal_credit",
  venmo: "venmo",
  card: "basic_cards",
  advanced_cards: "advanced_cards",
  applepay: "apple_pay",
  googlepay: "google_pay",
};

/**
 * Asks which methods this merchant may offer; without a currency, those for US dollars.
 * @param {{ origin: string, clientId: string }} context
 * @param {import("@paypal/paypal-js/sdk-v6").FindEligibleMethodsOptions} [options]
 * @returns {Promise<Output>}
 */
export async function findEligibleMethods({ origin, clientId }, options = {}) {
  const query = new URLSearchParams({ client_id: clientId, currency: options.currencyCode ?? "USD" });
  if (options.amount) query.set("amount", options.amount);
  if (options.paymentFlow) query.set("payment_flow", options.paymentFlow);
  const answer = await fetch(`${origin}/web-sdk/v6/eligible-methods?${query}`, { credentials: "omit" });
  if (!answer.ok) throw new SdkError("NETWORK_ERROR", `PayPal answered ${answer.status}.`, { isRecoverable: true });
  return hydrate(await answer.json());
}

/**
 * Gives an eligibility answer the shape that pages work with.
 * @param {Answer} answer
 * @returns {Output}
 */
export function hydrate(answer) {
  const methods = answer.eligible_methods;
  /** @param {string} source */
  const detailsOf = (source) => {
    const name = NAMES[source];
    return name && methods[name];
  };
  return {
    isEligible: (source) => detailsOf(source) !== undefined,
    getDetails: (source) => {
      const found = detailsOf(source);
      if (!found) throw new SdkError("ERR_SANDBOX_NOT_ELIGIBLE", `"${source}" is not eligible, so it has no details.`);
      return /** @type {any} */ ({
        canBeVaulted: found.can_be_vaulted ?? false,
        countryCode: found.country_code,
        productCode: found.product_code,
      });
    },
  };
}
