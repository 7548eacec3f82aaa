/**
 * What the pay page knows of its order, and how it talks to the shop. No amount is ever sent: the shop knows its own.
 * @typedef {{status: number, body: Record<string, any>}} Answer  status 0 means that there was no answer
 */

const WAITS = [1200, 2500, 4000, 6000]; // milliseconds between two questions while the shop itself waits for an answer

/** @param {HTMLElement} root */
export function readOrder(root) {
  const data = root.dataset;
  return {
    amount: Number(data.amount),
    currency: data.currency ?? "EUR",
    locale: data.locale ?? "en",
    csrf: data.csrf ?? "",
    billing: {
      name: data.name ?? "",
      email: data.email ?? "",
      address: { country: data.country ?? "", postal_code: data.postalCode ?? "" },
    },
    stripeUrl: data.stripeUrl ?? "",
    paypalUrl: data.paypalUrl ?? "",
    approvedUrl: data.approvedUrl ?? "",
    returnUrl: data.returnUrl ?? "",
  };
}

/** @typedef {ReturnType<typeof readOrder>} Order */

/**
 * Ask the shop once.
 * @param {string} url
 * @param {string} csrf
 * @param {Record<string, unknown>} [body]
 * @returns {Promise<Answer>}
 */
export async function post(url, csrf, body = {}) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: parse(text) };
  } catch {
    return { status: 0, body: {} };
  }
}

/**
 * Begin a payment: ask again for as long as the answer is 202, which means that a worker is finishing the same beginning.
 * @param {string} url
 * @param {string} csrf
 * @param {() => void} onSlow called once, when the first answer was not the last
 * @returns {Promise<Answer>}
 */
export async function begin(url, csrf, onSlow) {
  let answer = await post(url, csrf);
  for (const wait of WAITS) {
    if (answer.status !== 202) return answer;
    onSlow();
    await new Promise((resolve) => setTimeout(resolve, wait));
    answer = await post(url, csrf);
  }
  return answer;
}

/**
 * @param {string} text
 * @returns {Record<string, any>}
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
