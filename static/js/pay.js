/** The pay page: two ways to pay, one at a time. */
import { readOrder } from "./order.js";
import { openPayPal } from "./wallet.js";
import { openCard } from "./card.js";
import { byId, showError, word } from "./words.js";

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

/** One way at a time: while it is used the other one rests, and what it said before is no longer true. */
const till = {
  /** @param {"card" | "paypal"} by */
  lock: (by) => {
    const other = by === "card" ? paypal : card;
    other?.setAttribute("inert", "");
    if (other && other.dataset.state !== "blocked") showError(byId(`${other.id}-error`), "");
    byId("pay-message").replaceChildren();
  },
  unlock: () => {
    card?.removeAttribute("inert");
    paypal?.removeAttribute("inert");
  },
  instead,
};

if (card) void openCard(card, order, till);
if (paypal) void openPayPal(paypal, order, till);
if (byId("pay-message").textContent?.trim()) byId("pay-message").focus();

// A page that comes back from the browser's memory (the back button) may be about an order that was paid meanwhile.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
