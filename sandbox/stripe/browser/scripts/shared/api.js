/**
 * Calls to the API with a publishable key, from a frame of the API's own origin.
 *
 * @typedef {import("@stripe/stripe-js").StripeError} StripeError
 * @typedef {{key: string, account?: string}} Credentials
 * @typedef {{[name: string]: any}} Parameters
 * @typedef {{object: any, error?: undefined} | {object?: undefined, error: StripeError}} Answer
 */

const API_VERSION = "2026-10-28.endive";

/**
 * Send one request; never rejects. A failed connection is an `api_connection_error`, as in Stripe.js.
 * @param {Credentials} credentials
 * @param {"GET" | "POST"} method
 * @param {string} path
 * @param {Parameters} [parameters]
 * @returns {Promise<Answer>}
 */
export async function requestApi(credentials, method, path, parameters = {}) {
  const form = encodeForm({ ...parameters, key: credentials.key });
  /** @type {Record<string, string>} */
  const headers = { "Stripe-Version": API_VERSION };
  if (credentials.account) headers["Stripe-Account"] = credentials.account;
  try {
    const response = await (method === "GET"
      ? fetch(`${path}?${form}`, { headers })
      : fetch(path, { method, headers, body: form }));
    return readAnswer(response.ok, await response.json());
  } catch {
    return { error: connectionError() };
  }
}

/**
 * @param {boolean} isOk
 * @param {any} body
 * @returns {Answer}
 */
function readAnswer(isOk, body) {
  if (isOk) return { object: body };
  return { error: body.error ?? { type: "api_error", message: "An unexpected error has occurred." } };
}

/**
 * What Stripe.js says when Stripe cannot be reached.
 * @returns {StripeError}
 */
export function connectionError() {
  return {
    type: "api_connection_error",
    message:
      "We are experiencing issues connecting to our payments provider. " +
      "Please check your internet connection and try again.",
  };
}

/**
 * Write nested values the way the API reads them: `a[b][c]=d`, `a[0]=b`. Undefined and null are left out.
 * @param {Parameters} values
 * @returns {URLSearchParams}
 */
export function encodeForm(values) {
  const form = new URLSearchParams();
  /** @type {(name: string, value: any) => void} */
  const add = (name, value) => {
    if (value === undefined || value === null) return;
    if (typeof value !== "object") form.append(name, String(value));
    else for (const [part, inner] of Object.entries(value)) add(`${name}[${part}]`, inner);
  };
  for (const [name, value] of Object.entries(values)) add(name, value);
  return form;
}
