/**
 * Paying with PayPal: its button, its window, and what happens when the window closes.
 * Source: the types of @paypal/paypal-js, v6. The promise of the order is passed on and not awaited: the window needs the click.
 */
import { begin, post, shownBy } from "./order.js";
import { refused } from "./card.js";
import { byId, loadScript, note, showBusy, showError, word } from "./words.js";

/** @typedef {import("./order.js").Order} Order */
/** @typedef {import("./card.js").Till} Till */
/** @typedef {import("@paypal/paypal-js/sdk-v6").OneTimePaymentSession} PayPalSession */

/** Where a browser that opens no window can go on instead; known once the shop has begun the payment. */
let approveUrl = "";

/**
 * Show PayPal's button and take payments with it.
 * @param {HTMLElement} section
 * @param {Order} order
 * @param {Till} till
 */
export async function openPayPal(section, order, till) {
  const error = byId("paypal-error");
  try {
    const session = await connect(section, order, till);
    if (session) offer(session, order, till);
    else note(error, word("paypal_not_eligible"));
    if (!session) section.dataset.state = "blocked";
  } catch {
    section.dataset.state = "blocked";
    note(error, word("paypal_blocked"));
  }
  byId("paypal-waiting").hidden = true;
}

/**
 * @param {HTMLElement} section
 * @param {Order} order
 * @param {Till} till
 * @returns {Promise<PayPalSession | null>} null where PayPal does not take this order
 */
async function connect(section, order, till) {
  await loadScript(section.dataset.script ?? "");
  const { paypal } = /** @type {{paypal: import("@paypal/paypal-js/sdk-v6").PayPalV6Namespace}} */ (
    /** @type {unknown} */ (window)
  );
  const sdk = await paypal.createInstance({
    clientId: section.dataset.key ?? "",
    components: ["paypal-payments"],
    pageType: "checkout",
    locale: order.locale,
  });
  const methods = await sdk.findEligibleMethods({ currencyCode: order.currency });
  if (!methods.isEligible("paypal")) return null;
  return sdk.createPayPalOneTimePaymentSession({
    onApprove: () => approved(order, till),
    onCancel: () => ended("", word("paypal_cancelled"), till),
    onError: () => ended(word("paypal_error"), "", till),
  });
}

/**
 * @param {PayPalSession} session
 * @param {Order} order
 * @param {Till} till
 */
function offer(session, order, till) {
  const button = document.createElement("paypal-button");
  button.setAttribute("type", "pay");
  button.addEventListener("click", () => {
    till.lock("paypal");
    showError(byId("paypal-error"), "");
    showBusy(byId("paypal-busy"), word("paypal_open"));
    session.start({ presentationMode: "auto" }, created(order, till)).catch(() => stuck(till));
  });
  byId("paypal-button").append(button);
}

/**
 * Have the shop begin the payment; rejects with the words already on the page where it could not.
 * @param {Order} order
 * @param {Till} till
 * @returns {Promise<{orderId: string}>}
 */
async function created(order, till) {
  const answer = await begin(order.paypalUrl, order.csrf, () => showBusy(byId("paypal-busy"), word("confirming")), shownBy(order));
  if (answer.status !== 200) {
    showBusy(byId("paypal-busy"), "");
    refused(answer, byId("paypal-error"), till);
    throw new Error("the payment did not begin");
  }
  approveUrl = answer.body.approve_url ?? "";
  return { orderId: answer.body.orderId };
}

/**
 * The window did not open: the same page can go to PayPal instead.
 * @param {Till} till
 */
function stuck(till) {
  showBusy(byId("paypal-busy"), "");
  till.unlock();
  if (!byId("paypal-error").hidden) return; // the reason is told already
  const link = document.createElement("a");
  link.href = approveUrl;
  link.textContent = word("paypal_link");
  if (approveUrl) showError(byId("paypal-error"), word("paypal_popup"), link);
  else showError(byId("paypal-error"), word("paypal_error"));
}

/**
 * The person has approved: the shop takes the money and says where to go on.
 * @param {Order} order
 * @param {Till} till
 */
async function approved(order, till) {
  showBusy(byId("paypal-busy"), word("paypal_taking"));
  const answer = await post(order.approvedUrl, order.csrf);
  if (answer.status === 200 && answer.body.state === "failed") {
    showBusy(byId("paypal-busy"), "");
    till.unlock();
    return showError(byId("paypal-error"), answer.body.message ?? "");
  }
  window.location.assign(answer.body.redirect ?? order.returnUrl);
}

/**
 * The window closed without a payment.
 * @param {string} fault
 * @param {string} note
 * @param {Till} till
 */
function ended(fault, note, till) {
  showBusy(byId("paypal-busy"), "");
  till.unlock();
  const error = byId("paypal-error");
  if (error.hidden) showError(error, fault || note);
}
