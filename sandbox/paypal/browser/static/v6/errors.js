// @ts-check

/** @typedef {import("@paypal/paypal-js/sdk-v6").OnErrorData} OnErrorData */

/**
 * An error as the SDK reports it. `isRecoverable` means: try another presentation mode.
 * @implements {OnErrorData}
 */
export class SdkError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{ isRecoverable?: boolean, name?: string, cause?: unknown }} [more]
   */
  constructor(code, message, { isRecoverable = false, name = "SdkError", cause } = {}) {
    super(message, { cause });
    this.code = code;
    this.name = name;
    this.isRecoverable = isRecoverable;
  }
}

/**
 * Gives whatever a merchant's code threw the shape that `onError` promises, keeping the error itself.
 * @param {unknown} thrown
 * @param {string} code used when the thrown error brings none
 * @returns {OnErrorData}
 */
export function asSdkError(thrown, code) {
  const error = thrown instanceof Error ? thrown : new SdkError(code, String(thrown), { cause: thrown });
  const given = /** @type {{ code?: unknown, isRecoverable?: unknown }} */ (error);
  return Object.assign(error, {
    code: typeof given.code === "string" ? given.code : code,
    isRecoverable: given.isRecoverable === true,
  });
}

/** The codes are those PayPal's v6 samples compare with; where no source names one, it says SANDBOX. */
export const popupBlocked = () =>
  new SdkError("ERR_DEV_UNABLE_TO_OPEN_POPUP", "The browser did not open the PayPal window.", { isRecoverable: true });

export const noPaymentHandler = () =>
  new SdkError(
    "ERR_FLOW_PAYMENT_HANDLER_BROWSER_INCOMPATIBLE",
    "This browser has no PayPal payment handler. Use popup, modal or redirect.",
    { isRecoverable: true },
  );

export const noAppSwitch = () =>
  new SdkError("ERR_SANDBOX_NO_APP_SWITCH", "There is no PayPal app to switch to. Use popup, modal or redirect.", {
    isRecoverable: true,
  });
