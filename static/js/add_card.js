/**
 * Saving a card on the account page. The SetupIntent is made when the person presses the button, as an intent is on the
 * pay page. Source: docs.stripe.com/payments/save-and-reuse, docs.stripe.com/payments/accept-a-payment-deferred
 */
import { appearance, onSchemeChange } from "./appearance.js";
import { refused, wordsFor } from "./card.js";
import { begin } from "./order.js";
import { byId, link, loadScript, note, showBusy, showError, word } from "./words.js";

const section = byId("card");
const { key = "", script = "", currency = "EUR", locale = "en", csrf = "", startUrl = "" } = section.dataset;
const till = { lock: () => {}, unlock: () => {}, instead: () => undefined };

async function open() {
  try {
    await loadScript(script);
    const stripe = window.Stripe?.(key);
    if (!stripe) throw new Error("Stripe's script is not there");
    const elements = stripe.elements({
      mode: "setup",
      currency: currency.toLowerCase(),
      allowedPaymentMethodTypes: ["card"],
      locale: /** @type {import("@stripe/stripe-js").StripeElementLocale} */ (locale),
      appearance: appearance(),
    });
    onSchemeChange(() => void elements.update({ appearance: appearance() }));
    await shown(elements);
    byId("card-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void submit(stripe, elements);
    });
  } catch {
    section.dataset.state = "blocked";
    note(byId("card-error"), word("card_blocked"), link(window.location.href, word("reload")));
  }
}

/**
 * @param {import("@stripe/stripe-js").StripeElements} elements
 * @returns {Promise<void>}
 */
function shown(elements) {
  const element = elements.create("payment", { layout: { type: "accordion", defaultCollapsed: false }, terms: { card: "never" } });
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
 * One press of the button; a second one while it goes on does nothing.
 * @param {import("@stripe/stripe-js").Stripe} stripe
 * @param {import("@stripe/stripe-js").StripeElements} elements
 */
async function submit(stripe, elements) {
  const button = byId("card-pay");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  showError(byId("card-error"), "");
  showBusy(byId("card-busy"), word("paying"));
  try {
    await save(stripe, elements);
  } catch {
    showError(byId("card-error"), word("fault"));
  }
  showBusy(byId("card-busy"), "");
  if (!button.dataset.waits) button.removeAttribute("aria-disabled");
}

/**
 * Resolves only when the person stays on the page, which is when it did not work.
 * @param {import("@stripe/stripe-js").Stripe} stripe
 * @param {import("@stripe/stripe-js").StripeElements} elements
 */
async function save(stripe, elements) {
  const error = byId("card-error");
  const checked = await elements.submit();
  if (checked.error) return note(error, checked.error.message ?? "");
  const begun = await begin(startUrl, csrf, () => showBusy(byId("card-busy"), word("confirming")));
  if (begun.status !== 200) return refused(begun, error, till);
  const confirmed = await stripe.confirmSetup({
    elements,
    clientSecret: begun.body.client_secret,
    confirmParams: { return_url: begun.body.return_url },
  });
  const status = confirmed.error.setup_intent?.status ?? "";
  // What the script could not finish may have been finished without it: the return page asks Stripe.
  if (confirmed.error.type === "api_connection_error" || status === "succeeded") {
    return window.location.assign(begun.body.return_url);
  }
  if (status === "canceled") return window.location.reload();
  showError(error, wordsFor(confirmed.error));
}

void open();
