/**
 * What the frame needs to know before it shows anything: the intent, the ways to pay, the customer's saved methods.
 *
 * @typedef {import("../shared/api.js").Credentials} Credentials
 * @typedef {import("../shared/api.js").Answer} Answer
 * @typedef {{[name: string]: any}} GroupOptions
 */
import { requestApi } from "../shared/api.js";

/** Since clover, Elements refuses intents that no payment method can be given to any more. */
const FINISHED = ["succeeded", "canceled", "processing", "requires_capture"];

/**
 * Load the session; an intent that is finished is an error.
 * @param {Credentials} credentials
 * @param {GroupOptions} group
 * @returns {Promise<Answer>}
 */
export async function loadSession(credentials, group) {
  const answer = await requestApi(credentials, "GET", "/v1/elements/sessions", {
    ...subject(group),
    customer_session_client_secret: group.customerSessionClientSecret,
  });
  if (answer.error) return answer;
  const intent = answer.object.payment_intent ?? answer.object.setup_intent;
  if (!intent || !FINISHED.includes(intent.status)) return answer;
  return {
    error: {
      type: "invalid_request_error",
      code: `${intent.object}_unexpected_state`,
      message:
        `The ${intent.object === "setup_intent" ? "SetupIntent" : "PaymentIntent"} is in a terminal state and cannot be ` +
        `used to initialize Elements: its status is ${intent.status}.`,
    },
  };
}

/** @param {GroupOptions} group */
function subject(group) {
  const { clientSecret, mode, amount, currency } = group;
  if (clientSecret !== undefined) {
    return { type: clientSecret.startsWith("seti_") ? "setup_intent" : "payment_intent", client_secret: clientSecret };
  }
  return {
    type: "deferred_intent",
    deferred_intent: {
      mode,
      amount,
      currency,
      setup_future_usage: group.setupFutureUsage ?? group.setup_future_usage,
      allowed_payment_method_types: group.allowedPaymentMethodTypes,
      excluded_payment_method_types: group.excludedPaymentMethodTypes,
    },
  };
}
