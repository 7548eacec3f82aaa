/**
 * Which billing details a form collects: what the merchant's `fields` option leaves in, and what it begins with.
 *
 * @typedef {{[name: string]: any}} ElementOptions
 * @typedef {"name" | "email" | "phone"} Detail
 */

/**
 * @param {ElementOptions} options
 * @param {string} type The payment method's type, whose own setting goes before the general one.
 * @param {Detail} detail
 */
export function isDetailWanted(options, type, detail) {
  const setting = options.fields?.[type]?.billingDetails ?? options.fields?.billingDetails ?? "auto";
  return (typeof setting === "string" ? setting : setting[detail]) !== "never";
}

/**
 * @param {ElementOptions} options
 * @param {string} type
 * @param {"country" | "postalCode" | "line1" | "city"} line
 */
export function isAddressWanted(options, type, line) {
  const setting = options.fields?.[type]?.billingDetails ?? options.fields?.billingDetails ?? "auto";
  const address = typeof setting === "string" ? setting : (setting.address ?? "auto");
  return (typeof address === "string" ? address : address[line]) !== "never";
}

/**
 * @param {ElementOptions} options
 * @returns {{[name: string]: any}} The default billing details, with an `address` that may be empty.
 */
export function defaultDetails(options) {
  const details = options.defaultValues?.billingDetails ?? {};
  return { ...details, address: details.address ?? {} };
}
