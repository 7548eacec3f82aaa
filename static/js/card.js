/**
 * Paying by card or bank account. The intent is made when the person presses Pay, not when the page loads: the element is
 * opened with the amount alone, the shop makes the intent, and Stripe's script confirms it.
 * Source: docs.stripe.com/payments/accept-a-payment-deferred
 * The file is not called after the provider, because content blockers go by such names.
 */
import { appearance, onSchemeChange } from "./appearance.js";
import { begin, post, shownBy } from "./order.js";
import { byId, countDown, declineWords, link, loadScript, note, showBusy, showError, word } from "./words.js";

/** @typedef {import("./order.js").Order} Order */
/** @typedef {import("./order.js").Answer} Answer */
/** @typedef {{lock: (by: "card" | "paypal") => void, unlock: () => void, instead: (offer: unknown) => HTMLElement | undefined}} Till */

/**
 * Open the card form and take payments with it.
 * @param {HTMLElement} section
 * @param {Order} order
 * @param {Till} till
 */
export async function openCard(section, order, till) {
  const error = byId("card-error");
  try {
    const { stripe, elements } = await mount(section, order);
    byId("card-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void submit(stripe, elements, order, till);
    });
  } catch {
    section.dataset.state = "blocked";
    const again = link(window.location.href, word("reload"));
    note(error, word("card_blocked"), again, till.instead(["paypal"]));
  }
}

/**
 * @param {HTMLElement} section
 * @param {Order} order
 */
async function mount(section, order) {
  const [secret] = await Promise.all([savedCards(order), loadScript(section.dataset.script ?? "")]);
  const stripe = window.Stripe?.(section.dataset.key ?? "");
  if (!stripe) throw new Error("Stripe's script is not there");
  const locale = /** @type {import("@stripe/stripe-js").StripeElementLocale} */ (order.locale);
  const elements = stripe.elements({
    mode: "payment",
    amount: order.amount,
    currency: order.currency.toLowerCase(),
    locale,
    appearance: appearance(),
    ...(secret ? { customerSessionClientSecret: secret } : {}),
  });
  onSchemeChange(() => void elements.update({ appearance: appearance() }));
  await shown(elements, order);
  return { stripe, elements };
}

/**
 * Ask the shop for the secret by which the form shows its owner's saved cards; without it the form is as for a guest.
 * @param {Order} order
 * @returns {Promise<string>}
 */
async function savedCards(order) {
  if (!order.cardsUrl) return "";
  const answer = await post(order.cardsUrl, order.csrf);
  const secret = answer.status === 200 ? String(answer.body.secret ?? "") : "";
  byId(secret ? "card-consent" : "card-unshown").hidden = false;
  return secret;
}

/**
 * Show the element; settles when it can be used, or cannot. An error stays until the next press of Pay: taken away while
 * somebody types, it would pull the button from under the pointer.
 * @param {import("@stripe/stripe-js").StripeElements} elements
 * @param {Order} order
 * @returns {Promise<void>}
 */
function shown(elements, order) {
  const element = elements.create("payment", {
    layout: { type: "accordion", defaultCollapsed: false },
    defaultValues: { billingDetails: order.billing },
    business: { name: order.business }, // whom a debit's mandate is given to
  });
  return new Promise((resolve, reject) => {
    element.on("ready", () => {
      byId("card-waiting").hidden = true;
      byId("card-pay").removeAttribute("aria-disabled");
      resolve();
    });
    element.on("loaderror", (event) => reject(new Error(event.error.message)));
    element.mount("#card-element");
  });
}

/**
 * One press of Pay: check the fields, have the shop make the intent, confirm it. A second press while this goes on does nothing.
 * @param {import("@stripe/stripe-js").Stripe} stripe
 * @param {import("@stripe/stripe-js").StripeElements} elements
 * @param {Order} order
 * @param {Till} till
 */
async function submit(stripe, elements, order, till) {
  const button = byId("card-pay");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  till.lock("card");
  showError(byId("card-error"), "");
  showBusy(byId("card-busy"), word("paying"));
  try {
    await pay(stripe, elements, order, till);
  } catch {
    showError(byId("card-error"), word("fault"));
  }
  showBusy(byId("card-busy"), "");
  if (!button.dataset.waits) button.removeAttribute("aria-disabled");
  till.unlock();
}

/**
 * Resolves only when the person stays on the page, which is when it did not work.
 * @param {import("@stripe/stripe-js").Stripe} stripe
 * @param {import("@stripe/stripe-js").StripeElements} elements
 * @param {Order} order
 * @param {Till} till
 */
async function pay(stripe, elements, order, till) {
  const error = byId("card-error");
  const checked = await elements.submit();
  if (checked.error) return note(error, checked.error.message ?? ""); // the element has marked the field and gone there
  const begun = await begin(order.stripeUrl, order.csrf, () => showBusy(byId("card-busy"), word("confirming")), shownBy(order));
  if (begun.status !== 200) return refused(begun, error, till);
  const confirmed = await stripe.confirmPayment({
    elements,
    clientSecret: begun.body.client_secret,
    confirmParams: { return_url: begun.body.return_url },
  });
  // What the script could not finish may have been finished without it: the return page asks the provider.
  if (mayBePaid(confirmed.error)) return window.location.assign(begun.body.return_url);
  // Called back meanwhile: in another window, or after many declines. The page itself knows how to go on.
  // Or the saved cards that the form shows are of a customer who is gone at Stripe: the next page shows the new one's.
  const stale = confirmed.error.type === "invalid_request_error" && (confirmed.error.param ?? "").includes("customer");
  if (stale || confirmed.error.payment_intent?.status === "canceled") return window.location.reload();
  showError(error, wordsFor(confirmed.error));
}

const UNDER_WAY = ["succeeded", "processing", "requires_capture"];

/**
 * Whether the money may have moved all the same: the answer was lost, or another window was faster.
 * @param {import("@stripe/stripe-js").StripeError} error
 */
function mayBePaid(error) {
  return error.type === "api_connection_error" || UNDER_WAY.includes(error.payment_intent?.status ?? "");
}

/** Stripe's advice in the shop's words: docs.stripe.com/declines/card#retrying-issuer-declines */
const ADVICE = /** @type {Record<string, string>} */ ({ try_again_later: "try_again", confirm_card_data: "check_details" });

/** @param {import("@stripe/stripe-js").StripeError & {advice_code?: string}} error its types leave the advice out */
export function wordsFor(error) {
  if (error.type === "card_error") return declineWords(error.decline_code ?? error.code, ADVICE[error.advice_code ?? ""]);
  return error.type === "validation_error" ? (error.message ?? declineWords("")) : declineWords(error.code);
}

/**
 * The shop did not begin the payment: say why and what to do.
 * @param {Answer} answer
 * @param {HTMLElement} place
 * @param {Till} till
 */
export function refused(answer, place, till) {
  if (answer.body.error === "total_changed") {
    return showError(place, answer.body.message, link(window.location.href, word("see_total")));
  }
  if (answer.status === 409) return window.location.reload(); // paid, over, or being confirmed: the page itself knows
  if (answer.status === 429) return slowed(answer, place, till);
  if (answer.status === 0) return showError(place, word("offline"));
  if (answer.status === 202) return showError(place, word("slow"), till.instead(["paypal"]));
  showError(place, answer.body.message ?? word("fault"), till.instead(answer.body.offer));
}

/**
 * Too many tries: say so, count the seconds down, and let nobody press Pay before; refused for longer, the other way is offered.
 * @param {Answer} answer
 * @param {HTMLElement} place
 * @param {Till} till
 */
function slowed(answer, place, till) {
  const button = place.id === "card-error" ? document.getElementById("card-pay") : null;
  const refusedHere = answer.body.error === "refused";
  showError(place, answer.body.message ?? word("fault"), refusedHere ? till.instead(answer.body.offer) : undefined);
  if (!refusedHere) countDown(place, button, answer.wait || 60);
}
