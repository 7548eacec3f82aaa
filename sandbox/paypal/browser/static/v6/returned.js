// @ts-check
/** What redirect mode remembers in this tab while the buyer is away on PayPal's page. */

const KEY = "__paypal_sandbox_session__";

/** @typedef {{ kind: string, id: string, fundingSource: string }} Away */

/** @param {Away} away */
export function remember(away) {
  sessionStorage.setItem(KEY, JSON.stringify(away));
}

/**
 * Tells whether this page load is the way back of a session of this kind, and what the buyer did.
 * PayPal sends an approving buyer to the return address with `token` and `PayerID`, one who cancels to the cancel
 * address with `token` alone.
 * @param {string} kind
 * @returns {(Away & { payerId: string | undefined }) | undefined}
 */
export function back(kind) {
  const stored = sessionStorage.getItem(KEY);
  if (!stored) return undefined;
  const away = /** @type {Away} */ (JSON.parse(stored));
  const query = new URLSearchParams(location.search);
  const named = [query.get("token"), query.get("subscription_id")];
  if (away.kind !== kind || !named.includes(away.id)) return undefined;
  return { ...away, payerId: query.get("PayerID") ?? undefined };
}

export function forget() {
  sessionStorage.removeItem(KEY);
}
