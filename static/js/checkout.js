/** Checkout: another place, way of shipping or VAT id changes what it costs; the server says how much. */

import { fieldsOf } from "./fields.js";
import { word } from "./words.js";

const MATTERS = ["country", "region", "postal_code", "shipping", "vat_id", "billing_country"];
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("checkout"));
const status = document.getElementById("cost-status");
let asked = 0;
let released = Promise.resolve(); // what is replaced under a finger would swallow the press

document.addEventListener("pointerdown", () => {
  released = new Promise((done) => {
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(end, () => setTimeout(done), { once: true }); // the click comes right behind it
    }
  });
});

/** @param {HTMLFormElement} of */
async function refresh(of) {
  const turn = ++asked;
  const target = of.getAttribute("action") ?? ""; // `of.action` would be the button of that name
  const parts = document.querySelectorAll("[data-refresh]");
  parts.forEach((part) => part.setAttribute("aria-busy", "true"));
  say(word("recomputing"));
  const body = fieldsOf(of, "refresh");
  try {
    const response = await fetch(target, { method: "POST", body });
    if (turn !== asked) return;
    if (response.redirected) return window.location.assign(response.url);
    if (!response.ok) return say(word("not_recomputed"));
    const html = await response.text();
    await released;
    if (turn !== asked) return;
    swap(html, parts);
    say(`${word("recomputed")} ${document.querySelector(".sums__total .money")?.textContent ?? ""}`);
  } catch {
    if (turn === asked) say(word("not_recomputed"));
  } finally {
    if (turn === asked) parts.forEach((part) => part.removeAttribute("aria-busy"));
  }
}

/** @param {string} text */
function say(text) {
  if (status) status.textContent = text;
}

/**
 * Put the new parts in place of the old. What was typed while the server was asked stays, and so does the focus.
 * @param {string} html
 * @param {NodeListOf<Element>} parts
 */
function swap(html, parts) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const focused = document.activeElement?.id ?? "";
  parts.forEach((part) => {
    const fresh = page.querySelector(`[data-refresh="${part.getAttribute("data-refresh")}"]`);
    if (!fresh) return;
    keepTyped(part, fresh);
    part.replaceChildren(...fresh.childNodes);
  });
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
}

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function keepTyped(old, fresh) {
  old.querySelectorAll("input:not([type=radio]):not([type=hidden])").forEach((input) => {
    const same = fresh.querySelector(`#${CSS.escape(input.id)}`);
    if (input instanceof HTMLInputElement && same instanceof HTMLInputElement) same.value = input.value;
  });
}

form?.addEventListener("change", (event) => {
  const target = event.target;
  if (target instanceof Element && MATTERS.includes(target.getAttribute("name") ?? "")) void refresh(form);
});

// The first marked field has the focus already; an error without a field of its own is told at the top.
if (!document.querySelector("[aria-invalid]")) document.getElementById("error-summary")?.focus();
