/**
 * What the sandbox's web SDK promises, held against PayPal's own types: an instance of the two components it has.
 */
import type { PayPalPaymentsInstance, PayPalSubscriptionsInstance, PayPalV6Namespace } from "@paypal/paypal-js/sdk-v6";
import { createInstance } from "../../sandbox/paypal/browser/static/v6/instance.js";

const create: PayPalV6Namespace["createInstance"] = (options) => createInstance("http://localhost:8002", options);

/** A merchant's page, as PayPal's samples write it. */
export async function usage(): Promise<void> {
  const sdk = await create({
    clientId: "sandbox-client",
    components: ["paypal-payments", "paypal-subscriptions"],
    pageType: "checkout",
    locale: "en-US",
  });
  const payments: PayPalPaymentsInstance = sdk;
  const subscriptions: PayPalSubscriptionsInstance = sdk;
  const methods = await sdk.findEligibleMethods({ currencyCode: "EUR" });
  if (!methods.isEligible("paypal")) return;
  const session = payments.createPayPalOneTimePaymentSession({
    onApprove: async ({ orderId, payerId }) => console.log(orderId, payerId),
    onCancel: ({ orderId }) => console.log(orderId),
    onError: (error) => console.log(error.code, error.isRecoverable),
    onComplete: ({ paymentSessionState }) => console.log(paymentSessionState),
  });
  if (session.hasReturned?.()) await session.resume?.();
  await session.start({ presentationMode: "auto" }, Promise.resolve({ orderId: "5O190127TN364715T" }));
  const subscription = subscriptions.createPayPalSubscriptionPaymentSession({
    onApprove: async ({ subscriptionId }) => console.log(subscriptionId),
  });
  await subscription.start({ presentationMode: "popup" }, Promise.resolve({ subscriptionId: "I-BW452GLLEP1G" }));
}
