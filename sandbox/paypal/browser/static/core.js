// @ts-check
/**
 * The web SDK's entry: a classic script that sets `window.paypal` before its own load event, as PayPal's does.
 * The parts behind `createInstance` are modules, fetched from where this script came from.
 */
(() => {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const origin = new URL(script.src).origin;
  const parts = import(`${origin}/web-sdk/v6/modules/instance.js`);
  // Whoever calls createInstance learns why it failed; without a caller there is nobody to tell.
  parts.catch(() => undefined);

  /** @type {import("@paypal/paypal-js/sdk-v6").PayPalV6Namespace} */
  const namespace = {
    version: "6.0.0",
    createInstance: async (options) => (await parts).createInstance(origin, options),
  };
  const name = script.dataset.namespace ?? "paypal";
  Object.defineProperty(window, name, { value: namespace, configurable: true, enumerable: true, writable: true });
})();
