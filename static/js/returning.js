/** The return page: ask where the payment stands, less and less often, and go on as soon as it is known. */
import { byId } from "./words.js";

const root = byId("return");
const FIRST = 1000; // milliseconds
const LONGEST = 8000;
const PATIENCE = 120_000; // then the page says that a mail will tell

const began = Date.now();

/** @param {number} wait */
async function ask(wait) {
  const told = await state();
  if (isNews(told)) {
    if (told.redirect) return window.location.replace(told.redirect);
    if (told.state !== root.dataset.state) return window.location.reload();
  }
  if (Date.now() - began > PATIENCE) return tooLong();
  setTimeout(() => void ask(Math.min(wait * 1.4, LONGEST)), wait);
}

/** @typedef {{state?: string, redirect?: string, answer?: number}} Told  nothing in it when the shop did not answer */

const OVER = ["paid", "authorized", "ended"]; // true whoever has said it

/**
 * Whether the provider has answered since this page asked. What was known before, a decline of the try before this one,
 * says nothing of a payment whose answer is still missing.
 * @param {Told} told
 */
function isNews(told) {
  if (!told.state || told.state === "confirming") return false;
  return OVER.includes(told.state) || String(told.answer) !== root.dataset.answer;
}

/** @returns {Promise<Told>} */
async function state() {
  try {
    const response = await fetch(root.dataset.statusUrl ?? "", { headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

/** Say that a mail will tell; while a bank is at work, the page has said so from the beginning. */
function tooLong() {
  if (root.dataset.state !== "confirming") return;
  byId("return-waiting").hidden = true;
  byId("return-long").hidden = false;
}

void ask(FIRST);
