/**
 * What the sandbox's stripe.js promises: its part of Stripe's own types. A member that is missing here is not simulated.
 */
import type {
  Stripe,
  StripeConstructor,
  StripeElements,
  StripeElementsOptionsClientSecret,
  StripeElementsOptionsMode,
  StripePaymentElement,
} from "@stripe/stripe-js";
import { createStripe } from "../../sandbox/stripe/browser/scripts/host/stripe.js";

type SimulatedElement = Pick<
  StripePaymentElement,
  "mount" | "unmount" | "destroy" | "focus" | "blur" | "clear"
> & {
  // `on`, `once`, `off`, `update` and `collapse` return the whole element, so their arguments alone are compared.
  on(...given: Parameters<StripePaymentElement["on"]>): unknown;
  once(...given: Parameters<StripePaymentElement["once"]>): unknown;
  off(...given: Parameters<StripePaymentElement["off"]>): unknown;
  update(...given: Parameters<StripePaymentElement["update"]>): unknown;
  collapse(): unknown;
};

type SimulatedElements = Pick<StripeElements, "submit" | "update" | "fetchUpdates" | "on"> & {
  create(type: "payment", options?: Parameters<StripeElements["create"]>[1]): SimulatedElement;
  getElement(type: "payment"): SimulatedElement | null;
};

type SimulatedStripe = Pick<
  Stripe,
  | "confirmPayment"
  | "confirmSetup"
  | "confirmCardPayment"
  | "confirmCardSetup"
  | "handleNextAction"
  | "retrievePaymentIntent"
  | "retrieveSetupIntent"
  | "createPaymentMethod"
  | "createConfirmationToken"
  | "registerAppInfo"
> & {
  elements(options?: StripeElementsOptionsClientSecret | StripeElementsOptionsMode): SimulatedElements;
};

const factory: (...given: Parameters<StripeConstructor>) => SimulatedStripe = createStripe;
export const stripe: SimulatedStripe = factory("pk_test_sandbox", { locale: "de" });
export const elements: SimulatedElements = stripe.elements({ mode: "payment", amount: 2450, currency: "eur" });
export const element: SimulatedElement = elements.create("payment", { layout: "tabs" });
