/**
 * createPaymentMethod and createConfirmationToken.
 *
 * @typedef {import("./controller.js").Controller} Controller
 * @typedef {import("@stripe/stripe-js").PaymentMethodResult} PaymentMethodResult
 * @typedef {import("@stripe/stripe-js").ConfirmationTokenResult} ConfirmationTokenResult
 */
import { requireBillingDetails } from "./checks.js";
import { groupOf } from "./elements.js";
import { IntegrationError } from "./errors.js";

/**
 * Make a payment method of what an Elements object holds, or of plain data such as `{type: "card", card: {token}}`.
 * @param {Controller} controller
 * @param {any} options
 * @returns {Promise<PaymentMethodResult>}
 */
export async function createPaymentMethod(controller, options) {
  if (options?.elements) {
    const group = groupOf(options.elements, "createPaymentMethod");
    if (group.options.paymentMethodCreation !== "manual") {
      throw new IntegrationError(
        "Invalid value for stripe.createPaymentMethod(): elements should be created with paymentMethodCreation 'manual'.",
      );
    }
    const answer = await fromFrame(options.elements, "createPaymentMethod", options.params ?? {});
    return answer.error ? { error: answer.error } : { paymentMethod: answer.object };
  }
  if (typeof options?.type !== "string") {
    throw new IntegrationError("Missing value for stripe.createPaymentMethod(): pass elements, or data with a type.");
  }
  const answer = await controller.request("POST", "/v1/payment_methods", options);
  return answer.error ? { error: answer.error } : { paymentMethod: answer.object };
}

/**
 * @param {any} options
 * @returns {Promise<ConfirmationTokenResult>}
 */
export async function createConfirmationToken(options) {
  const answer = await fromFrame(options?.elements, "createConfirmationToken", options?.params ?? {});
  return answer.error ? { error: answer.error } : { confirmationToken: answer.object };
}

/**
 * @param {unknown} elements
 * @param {"createPaymentMethod" | "createConfirmationToken"} caller
 * @param {{[name: string]: any}} params
 * @returns {Promise<import("../shared/api.js").Answer>}
 */
async function fromFrame(elements, caller, params) {
  const group = groupOf(elements, caller);
  const element = group.mountedPaymentElement(caller);
  group.requireSubmitted(caller);
  const details = caller === "createPaymentMethod" ? params : params["payment_method_data"];
  requireBillingDetails(caller, element.options, await element.wire.call("selection"), {
    payment_method_data: details,
  });
  return element.wire.call(caller, params);
}
