/** The cart: a quantity counts as soon as it is typed. The server answers with the whole slip, and its figures. */

import { fieldsOf } from "./fields.js";

const PAUSE = 600; // milliseconds without a key before quantities are sent

const cart = document.getElementById("cart");
/** @type {Set<HTMLFormElement>} */
const typed = new Set(); // lines whose quantity is not at the server yet
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
let sending = Promise.resolve(); // one request after the other: the last one typed is the last to arrive
let turn = 0;

/** Send what was typed, line by line, and show the slip that comes back last. */
function flush() {
  clearTimeout(waiting);
  sending = sending.then(async () => {
    const now = ++turn;
    let html = "";
    if (typed.size) cart?.setAttribute("aria-busy", "true");
    for (const form of typed) {
      typed.delete(form);
      html = await send(form);
    }
    if (now === turn) cart?.removeAttribute("aria-busy");
    if (now === turn && html) swap(html);
  });
  return sending;
}

/**
 * Send one line; return the page that comes back, or nothing when there is no answer.
 * @param {HTMLFormElement} form
 */
async function send(form) {
  const body = fieldsOf(form, "update");
  try {
    const response = await fetch(form.getAttribute("action") ?? "", { method: "POST", body });
    return await response.text();
  } catch {
    form.querySelector("[data-by-itself]")?.removeAttribute("hidden"); // to be pressed, once the network is back
    return "";
  }
}

/**
 * Put the new slip in place of the old, give the focus back to what had it, and say the new sum aloud.
 * @param {string} html
 */
function swap(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.getElementById("cart");
  if (!cart || !fresh) return window.location.reload();
  const focused = document.activeElement?.id;
  const code = codeField()?.value;
  cart.replaceChildren(...fresh.childNodes);
  const place = codeField();
  if (place && code) place.value = code; // the server has not seen it: somebody is typing it, or has just pressed Apply
  const count = page.getElementById("cart-link");
  if (count) document.getElementById("cart-link")?.replaceChildren(...count.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  const said = document.getElementById("cart-said");
  if (said) said.textContent = cart.querySelector("[data-said]")?.getAttribute("data-said") ?? "";
  dress();
}

/** Return the field for a code, which is there while no code counts. */
function codeField() {
  const field = document.getElementById("code");
  return field instanceof HTMLInputElement ? field : null;
}

/** Take away what needs no pressing any more. */
function dress() {
  cart?.querySelectorAll("[data-by-itself]").forEach((button) => button.setAttribute("hidden", ""));
}

/**
 * Let a press wait until what was typed has arrived, and let it happen only if nothing was wrong with that.
 * @param {Event} event
 * @param {() => void} then
 */
function hold(event, then) {
  if (!typed.size) return;
  event.preventDefault();
  void flush().then(() => {
    if (!cart?.querySelector("[aria-invalid]")) then();
  });
}

cart?.addEventListener("input", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || field.name !== "quantity" || !field.form) return;
  clearTimeout(waiting);
  turn++; // an answer that is still under way is out of date
  cart.removeAttribute("aria-busy");
  if (!field.checkValidity()) return void typed.delete(field.form);
  typed.add(field.form);
  waiting = setTimeout(() => void flush(), PAUSE);
});

cart?.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link) return;
  const wrong = cart.querySelector("input[name=quantity]:invalid");
  if (wrong instanceof HTMLInputElement && link.hasAttribute("data-onward")) {
    event.preventDefault();
    return void wrong.reportValidity(); // the browser says what is wrong with it, and puts the focus there
  }
  hold(event, () => window.location.assign(link.href));
});

cart?.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  const pressed = event.submitter;
  typed.delete(form); // it goes its own way now
  hold(event, () => {
    const again = document.querySelector(`form[action="${CSS.escape(form.getAttribute("action") ?? "")}"]`);
    const button = pressed instanceof HTMLButtonElement && again?.querySelector(`[value="${CSS.escape(pressed.value)}"]`);
    if (again instanceof HTMLFormElement) again.requestSubmit(button instanceof HTMLButtonElement ? button : null);
  });
});

dress();

// What was typed before this script was here counts as well.
cart?.querySelectorAll("input[name=quantity]").forEach((field) => {
  if (field instanceof HTMLInputElement && field.value !== field.defaultValue) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
