/**
 * confirmPayment, confirmSetup and their older siblings for cards.
 *
 * @typedef {import("./intents.js").Kind} Kind
 * @typedef {import("./controller.js").Controller} Controller
 * @typedef {import("../shared/api.js").Answer} Answer
 * @typedef {object} ConfirmOptions
 * @property {object} [elements]
 * @property {string} [clientSecret]
 * @property {{[name: string]: any}} [confirmParams]
 * @property {"always" | "if_required"} [redirect]
 */
import { requireBillingDetails } from "./checks.js";
import { groupOf } from "./elements.js";
import { IntegrationError } from "./errors.js";
import { intentId, outcome } from "./intents.js";
import { actOnRequest, leaveFor, returnAddress } from "./next_action.js";

/**
 * Confirm an intent with what the Payment Element holds, let the customer authenticate, and go to the return address.
 * @param {Controller} controller
 * @param {Kind} kind
 * @param {string} caller
 * @param {ConfirmOptions} options
 * @returns {Promise<any>}
 */
export async function confirmWithElements(controller, kind, caller, options) {
  const { elements, confirmParams = {}, redirect = "always" } = options ?? {};
  checkRedirect(caller, redirect, confirmParams);
  const group = elements === undefined ? undefined : groupOf(elements, caller);
  const clientSecret = secretFor(caller, options, group);
  intentId(kind, caller, clientSecret);
  const answer = group
    ? await confirmInFrame(group, kind, caller, clientSecret, confirmParams)
    : await confirmDirectly(controller, kind, caller, clientSecret, confirmParams);
  if (answer.error) return { error: answer.error };
  const result = await settle(controller, kind, answer.object);
  if (result.error || redirect === "if_required") return result;
  return leaveFor(returnAddress(kind, result[kind.result], confirmParams.return_url));
}

/**
 * Confirm with a saved card, a token, or the method that the intent already has.
 * @param {Controller} controller
 * @param {Kind} kind
 * @param {string} caller
 * @param {string} clientSecret
 * @param {any} [data]
 * @param {{handleActions?: boolean}} [options]
 * @returns {Promise<any>}
 */
export async function confirmCard(controller, kind, caller, clientSecret, data = {}, options = {}) {
  const { payment_method: method, ...rest } = data;
  const parameters =
    typeof method === "object" && method !== null
      ? { ...rest, payment_method_data: { ...method, type: "card" } }
      : { ...rest, payment_method: method };
  const answer = await confirmDirectly(controller, kind, caller, clientSecret, parameters);
  if (answer.error) return { error: answer.error };
  if (options.handleActions === false) return { [kind.result]: answer.object };
  return settle(controller, kind, answer.object);
}

/**
 * @param {string} caller
 * @param {unknown} redirect
 * @param {{[name: string]: any}} confirmParams
 */
function checkRedirect(caller, redirect, confirmParams) {
  if (redirect !== "always" && redirect !== "if_required") {
    throw new IntegrationError(
      `Invalid value for stripe.${caller}(): redirect should be 'always' or 'if_required'. You specified: ${redirect}.`,
    );
  }
  const address = confirmParams.return_url;
  if (redirect === "always" && typeof address !== "string") {
    throw new IntegrationError(
      `Missing value for stripe.${caller}(): confirmParams.return_url should be a string, ` +
        "unless redirect is 'if_required'.",
    );
  }
  if (address !== undefined && !isAbsolute(address)) {
    throw new IntegrationError(
      `Invalid value for stripe.${caller}(): confirmParams.return_url should be an absolute URL with its scheme. ` +
        `You specified: ${address}.`,
    );
  }
}

/** @param {unknown} address */
function isAbsolute(address) {
  return typeof address === "string" && /^[a-z][a-z0-9+.-]*:\/\/./i.test(address);
}

/**
 * @param {string} caller
 * @param {ConfirmOptions} options
 * @param {import("./elements.js").ElementsGroup} [group]
 * @returns {string | undefined}
 */
function secretFor(caller, options, group) {
  if (!group) return options?.clientSecret;
  const secret = options.clientSecret ?? group.clientSecret;
  if (secret === undefined) {
    throw new IntegrationError(
      `Missing value for stripe.${caller}(): clientSecret should be a client secret string, because elements was ` +
        "created without one.",
    );
  }
  return secret;
}

/**
 * @param {import("./elements.js").ElementsGroup} group
 * @param {Kind} kind
 * @param {string} caller
 * @param {string | undefined} clientSecret
 * @param {{[name: string]: any}} confirmParams
 * @returns {Promise<Answer>}
 */
async function confirmInFrame(group, kind, caller, clientSecret, confirmParams) {
  const element = group.mountedPaymentElement(caller);
  group.requireSubmitted(caller);
  requireBillingDetails(caller, element.options, await element.wire.call("selection"), confirmParams);
  return element.wire.call("confirm", { kind, clientSecret, parameters: confirmParams });
}

/**
 * @param {Controller} controller
 * @param {Kind} kind
 * @param {string} caller
 * @param {string | undefined} clientSecret
 * @param {{[name: string]: any}} parameters
 * @returns {Promise<Answer>}
 */
function confirmDirectly(controller, kind, caller, clientSecret, parameters) {
  const id = intentId(kind, caller, clientSecret);
  return controller.request("POST", `${kind.path}/${id}/confirm`, {
    ...parameters,
    client_secret: clientSecret,
    use_stripe_sdk: true,
  });
}

/**
 * @param {Controller} controller
 * @param {Kind} kind
 * @param {any} intent
 * @returns {Promise<any>}
 */
async function settle(controller, kind, intent) {
  if (intent.status === "requires_action") return actOnRequest(controller, kind, intent);
  return outcome(kind, intent);
}
