/**
 * What the pay page knows of its order, and how it talks to the shop. No amount is ever sent: the shop knows its own.
 * @typedef {{status: number, body: Record<string, any>, wait: number}} Answer  status 0 means that there was no answer;
 *   wait is for how many seconds the shop wants to be left alone
 */

const WAITS = [1200, 2500, 4000, 6000]; // milliseconds between two questions while the shop itself waits for an answer

/**
 * @param {Order} order
 * @returns {Record<string, unknown>} what the page says is to be paid
 */
export function shownBy(order) {
  return { amount: order.amount, currency: order.currency };
}

/** @param {HTMLElement} root */
export function readOrder(root) {
  const data = root.dataset;
  return {
    amount: Number(data.amount),
    currency: data.currency ?? "EUR",
    locale: data.locale ?? "en",
    csrf: data.csrf ?? "",
    business: data.business ?? "",
    billing: {
      name: data.name ?? "",
      email: data.email ?? "",
      address: { country: data.country ?? "", postal_code: data.postalCode ?? "" },
    },
    stripeUrl: data.stripeUrl ?? "",
    paypalUrl: data.paypalUrl ?? "",
    approvedUrl: data.approvedUrl ?? "",
    returnUrl: data.returnUrl ?? "",
    cardsUrl: data.cardsUrl ?? "",
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
    return { status: response.status, body: parse(text), wait: Number(response.headers.get("Retry-After") ?? 0) };
  } catch {
    return { status: 0, body: {}, wait: 0 };
  }
}

/**
 * Begin a payment: ask again for as long as the answer is 202, which means that a worker is finishing the same beginning.
 * @param {string} url
 * @param {string} csrf
 * @param {() => void} onSlow called once, when the first answer was not the last
 * @param {Record<string, unknown>} [shown] what the page says is to be paid; the shop compares it and uses its own
 * @returns {Promise<Answer>}
 */
export async function begin(url, csrf, onSlow, shown = {}) {
  let answer = await post(url, csrf, shown);
  for (const wait of WAITS) {
    if (answer.status !== 202) return answer;
    onSlow();
    await new Promise((resolve) => setTimeout(resolve, wait));
    answer = await post(url, csrf, shown);
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
