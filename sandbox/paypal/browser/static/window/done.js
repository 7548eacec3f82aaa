// @ts-check
/** Tells the merchant's page what the buyer decided, at the origin that opened this window and no other. */

const { outcome, id, payer, origin, onward } = document.body.dataset;
const merchant = window.opener ?? (window.parent === window ? null : window.parent);

if (merchant && origin) {
  merchant.postMessage({ channel: "paypal-approval", id, outcome, payerId: payer }, origin);
  if (window.opener) window.close();
} else if (onward) {
  location.replace(onward);
}
