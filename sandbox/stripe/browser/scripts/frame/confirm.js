/**
 * The requests that carry what the customer entered; they go from this frame to the API and nowhere else.
 *
 * @typedef {import("../shared/api.js").Credentials} Credentials
 * @typedef {import("../shared/api.js").Answer} Answer
 * @typedef {import("../host/intents.js").Kind} Kind
 * @typedef {{[name: string]: any}} Data
 * @typedef {{kind: Kind, clientSecret: string, parameters: Data}} Confirmation
 */
import { requestApi } from "../shared/api.js";

/**
 * Confirm an intent.
 * @param {Credentials} credentials
 * @param {Data} group The Elements object's options.
 * @param {Data} entered What the form holds.
 * @param {Confirmation} confirmation
 * @returns {Promise<Answer>}
 */
export async function confirmIntent(credentials, group, entered, { kind, clientSecret, parameters }) {
  const path = `${kind.path}/${clientSecret.split("_secret_")[0]}`;
  if (group.mode !== undefined) {
    const answer = await requestApi(credentials, "GET", path, { client_secret: clientSecret });
    if (answer.error) return answer;
    const message = mismatch(group, answer.object);
    if (message) return { error: { type: "invalid_request_error", message, [kind.name]: answer.object } };
  }
  return requestApi(credentials, "POST", `${path}/confirm`, {
    ...join(parameters, entered, kind.name === "payment_intent"),
    client_secret: clientSecret,
    use_stripe_sdk: true,
  });
}

/**
 * Say how an intent differs from what the form was opened for; Stripe refuses to confirm such an intent.
 * @param {Data} group
 * @param {Data} intent
 * @returns {string | null}
 */
function mismatch(group, intent) {
  const isSetup = intent.object === "setup_intent";
  if (isSetup !== (group.mode === "setup")) {
    return `elements was created with mode '${group.mode}', but the client secret belongs to a ${intent.object}.`;
  }
  if (isSetup) return null;
  const pairs = /** @type {Array<[string, unknown, unknown]>} */ ([
    ["amount", group.amount, intent.amount],
    ["currency", group.currency, intent.currency],
    [
      "capture_method",
      group.captureMethod ?? group.capture_method,
      (group.captureMethod ?? group.capture_method) ? intent.capture_method : undefined,
    ],
  ]);
  for (const [name, expected, actual] of pairs) {
    if (expected === actual || expected === undefined) continue;
    return (
      `The ${name} of the PaymentIntent (${actual}) does not match the ${name} that was passed to elements (${expected}). ` +
      "Call elements.update() before you confirm, or create the PaymentIntent with the same values."
    );
  }
  return null;
}

/**
 * Put the merchant's parameters and the entered details together; where both say something, what was entered counts.
 * @param {Data} parameters
 * @param {Data} entered
 * @param {boolean} isPayment
 * @returns {Data}
 */
function join(parameters, entered, isPayment) {
  const { payment_method_data: given = {}, ...rest } = parameters;
  const { payment_method_data: data, setup_future_usage: usage, ...others } = entered;
  const joined = { ...rest, ...others, ...(isPayment && usage ? { setup_future_usage: usage } : {}) };
  return data ? { ...joined, payment_method_data: joinMethod(given, data) } : joined;
}

/**
 * @param {Data} given
 * @param {Data} data
 * @returns {Data}
 */
export function joinMethod(given, data) {
  const [before, after] = [given["billing_details"] ?? {}, data["billing_details"] ?? {}];
  const address = { ...before.address, ...withoutGaps(after.address ?? {}) };
  return { ...given, ...data, billing_details: { ...before, ...withoutGaps(after), address } };
}

/** @param {Data} values */
function withoutGaps(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
