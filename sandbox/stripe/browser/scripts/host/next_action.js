/**
 * What an intent in `requires_action` asks of the customer: the bank's page in a modal, or a visit to another page.
 *
 * @typedef {import("./intents.js").Kind} Kind
 * @typedef {import("./controller.js").Controller} Controller
 */
import { IntegrationError } from "./errors.js";
import { outcome, readIntent } from "./intents.js";
import { openChallenge } from "./modal.js";

/** What an intent may be when a payment went well: paid, under way with the bank, or held for a later capture. */
const GOOD = ["succeeded", "processing", "requires_capture"];

/**
 * Let the customer act, and return the result. A redirect leaves the page and never returns.
 * @param {Controller} controller
 * @param {Kind} kind
 * @param {any} intent
 * @returns {Promise<any>}
 */
export async function actOnRequest(controller, kind, intent) {
  const action = intent.next_action;
  if (action?.type === "redirect_to_url") return leaveFor(action.redirect_to_url.url);
  if (action?.type !== "use_stripe_sdk") {
    throw new IntegrationError(`The sandbox's stripe.js cannot handle a next action of type ${action?.type}.`);
  }
  await openChallenge(controller.origin, action.use_stripe_sdk.source);
  const answer = await readIntent(controller, kind, "handleNextAction", intent.client_secret);
  if (answer.error) return { error: answer.error };
  if (answer.object.status === "requires_action") return actOnRequest(controller, kind, answer.object);
  return outcome(kind, answer.object);
}

/**
 * Go to another page; the promise stays open because this page is about to end.
 * @param {string} address
 * @returns {Promise<never>}
 */
export function leaveFor(address) {
  window.location.assign(address);
  return new Promise(() => {});
}

/**
 * Return the merchant's return address with what Stripe adds to it.
 * @param {Kind} kind
 * @param {any} intent
 * @param {string} returnUrl
 * @returns {string}
 */
export function returnAddress(kind, intent, returnUrl) {
  const address = new URL(returnUrl);
  address.searchParams.set(kind.name, intent.id);
  address.searchParams.set(`${kind.name}_client_secret`, intent.client_secret);
  address.searchParams.set("redirect_status", GOOD.includes(intent.status) ? "succeeded" : "failed");
  return address.href;
}
