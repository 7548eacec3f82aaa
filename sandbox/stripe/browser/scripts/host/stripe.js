/** The entry of stripe.js: puts `Stripe` on the window. */
import { StripeClient } from "./client.js";
import { IntegrationError } from "./errors.js";

/**
 * @typedef {import("@stripe/stripe-js").StripeConstructor} StripeConstructor
 * @typedef {import("@stripe/stripe-js").StripeConstructorOptions} StripeConstructorOptions
 */

const source = new URL(/** @type {HTMLScriptElement} */ (document.currentScript).src);

/**
 * What `Stripe(key, options)` calls, with or without `new`.
 * @param {string} publishableKey
 * @param {StripeConstructorOptions} [options]
 * @returns {StripeClient}
 */
export function createStripe(publishableKey, options = {}) {
  if (typeof publishableKey !== "string" || publishableKey.trim() === "") {
    throw new IntegrationError("Missing value for Stripe(): apiKey should be a string.");
  }
  if (/^(sk|rk)_/.test(publishableKey)) {
    throw new IntegrationError(
      "You should not use your secret key with Stripe.js. Please pass a publishable key instead.",
    );
  }
  return new StripeClient(source.origin, publishableKey.trim(), options);
}

// The type of `window.Stripe` is the whole of Stripe.js; tests/types checks what is here against its part of it.
const factory = /** @type {StripeConstructor & {version: string | number}} */ (
  /** @type {unknown} */ (
    function Stripe(/** @type {string} */ key, /** @type {StripeConstructorOptions} */ options) {
      return createStripe(key, options);
    }
  )
);
factory.version = source.pathname.startsWith("/v3") ? 3 : "endive";

if (window.Stripe) {
  console.warn("It looks like Stripe.js was loaded more than one time. Please only load it once per page.");
} else {
  window.Stripe = factory;
}
