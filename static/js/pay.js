/** The pay page: two ways to pay, one at a time. */
import { readOrder } from "./order.js";
import { openPayPal } from "./wallet.js";
import { openCard } from "./card.js";
import { byId, word } from "./words.js";

const order = readOrder(byId("pay"));
const card = document.getElementById("card");
const paypal = document.getElementById("paypal");

/** @param {unknown} offer the providers that do answer */
function instead(offer) {
  const other = Array.isArray(offer) && offer.includes("paypal") ? paypal : Array.isArray(offer) && offer.includes("stripe") ? card : null;
  if (!other) return undefined;
  const link = document.createElement("a");
  link.href = `#${other.id}-title`;
  link.textContent = word(other === card ? "use_card" : "use_paypal");
  return link;
}

const till = {
  lock: () => paypal?.setAttribute("inert", ""),
  unlock: () => paypal?.removeAttribute("inert"),
  instead,
};

if (card) void openCard(card, order, till);
if (paypal) void openPayPal(paypal, order, till);
if (byId("pay-message").textContent?.trim()) byId("pay-message").focus();

// A page that comes back from the browser's memory (the back button) may be about an order that was paid meanwhile.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
