/** The Payment Element's frame: draws the form, tells the merchant's page what changes, and sends what was entered. */
import { requestApi } from "../shared/api.js";
import { frameParameters, Wire } from "../shared/wire.js";
import { dress, loadFonts } from "./appearance.js";
import { confirmIntent, joinMethod } from "./confirm.js";
import { make } from "./dom.js";
import { PaymentForm } from "./form.js";
import { loadSession } from "./session.js";
import { say, speak } from "./words.js";

/** @typedef {{[name: string]: any}} Data */

const { channel, origin, key, account, bleed } = frameParameters();
const credentials = { key: String(key), account };
const root = make("div", { className: "Root" });
/** @type {PaymentForm | null} */
let form = null;
/** @type {Data} */
let group = {};
/** @type {Data} */
let options = {};
let lastState = "";

/** Changes of Elements' options that may offer other ways to pay. */
const RELOADING = [
  "currency",
  "mode",
  "customerSessionClientSecret",
  "allowedPaymentMethodTypes",
  "excludedPaymentMethodTypes",
];

const wire = new Wire(() => window.parent, origin, channel, {
  /** @param {{group: Data, element: Data}} given */
  onstart: (given) => {
    group = given.group;
    options = given.element;
    void start();
  },
  /** @param {Data} changed */
  onupdateElement: (changed) => {
    options = changed;
    redraw();
  },
  /** @param {Data} changed */
  updateGroup: async (changed) => {
    const differs = (/** @type {string} */ name) => changed[name] !== group[name];
    const [isOther, isTranslated] = [RELOADING.some(differs), differs("locale")];
    group = changed;
    show(group["appearance"], group["locale"]);
    if (isOther) await reload();
    else if (isTranslated) redraw();
    else form?.regroup(group);
  },
  fetchUpdates: async () => {
    const error = await reload();
    return error ? { error: { message: error.message } } : {};
  },
  onfocus: () => form?.focus(),
  onblur: () => document.activeElement instanceof HTMLElement && document.activeElement.blur(),
  onclear: () => form?.clear(),
  oncollapse: () => form?.collapse(),
  selection: () => ({ isNew: form?.isNew ?? true }),
  submit: () => {
    const error = problem();
    return error ? { error } : { selectedPaymentMethod: form?.type };
  },
  /** @param {import("./confirm.js").Confirmation} confirmation */
  confirm: (confirmation) => checked((data) => confirmIntent(credentials, group, data, confirmation)),
  /** @param {Data} params */
  createPaymentMethod: (params) =>
    checked((data) =>
      data["payment_method"]
        ? requestApi(credentials, "GET", `/v1/payment_methods/${data["payment_method"]}`)
        : requestApi(credentials, "POST", "/v1/payment_methods", joinMethod(params, data["payment_method_data"])),
    ),
  /** @param {Data} params */
  createConfirmationToken: (params) =>
    checked(({ payment_method_data: made, ...data }) => {
      const { payment_method_data: given = {}, ...rest } = params;
      const method = made ? { payment_method_data: joinMethod(given, made) } : {};
      return requestApi(credentials, "POST", "/v1/confirmation_tokens", { ...rest, ...data, ...method });
    }),
});

/** @returns {import("@stripe/stripe-js").StripeError | null} */
function problem() {
  if (form) return form.check();
  return { type: "validation_error", code: "incomplete_payment_details", message: say("incomplete_payment_details") };
}

/**
 * Send what the form holds, if it is in order.
 * @param {(data: Data) => Promise<import("../shared/api.js").Answer>} send
 * @returns {Promise<import("../shared/api.js").Answer>}
 */
async function checked(send) {
  const error = problem();
  return error || !form ? { error: error ?? { type: "api_error" } } : send(form.data());
}

async function start() {
  root.style.setProperty("padding", `${Number(bleed)}px`);
  document.body.append(root);
  show(group["appearance"], group["locale"]);
  loadFonts(group["fonts"]);
  root.append(make("p", { className: "Loading", role: "status" }, say("loading")));
  if (group["loader"] !== "never") wire.emit("loaderstart");
  new ResizeObserver(() => wire.emit("resize", Math.ceil(root.getBoundingClientRect().height))).observe(root);
  listenForFocus();
  const error = await reload();
  if (error) return;
  if (group["loader"] === "never") wire.emit("loaderstart");
  wire.emit("ready");
}

/**
 * Load the session and draw the form.
 * @returns {Promise<import("@stripe/stripe-js").StripeError | null>}
 */
async function reload() {
  const answer = await loadSession(credentials, group);
  if (!answer.error) {
    draw(answer.object);
    return null;
  }
  if (!form) {
    root.replaceChildren();
    wire.emit("loaderror", answer.error);
  }
  return answer.error;
}

/** Draw the form anew with changed options. */
function redraw() {
  if (form) draw(form.session);
}

/**
 * Draw the form; what was entered before stays, and so does the focus.
 * @param {Data} session
 */
function draw(session) {
  const before = form;
  const focused = document.activeElement instanceof HTMLInputElement ? document.activeElement.name : null;
  form = new PaymentForm(credentials, session, group, options, report);
  if (before) form.restore(before);
  root.replaceChildren(form.element);
  const again = focused ? form.element.querySelector(`[name="${CSS.escape(focused)}"]`) : null;
  if (again instanceof HTMLElement) again.focus();
  report();
}

/** Tell the merchant's page, if anything it can see has changed. */
function report() {
  const state = form?.state;
  const text = JSON.stringify(state);
  if (text === lastState) return;
  lastState = text;
  wire.emit("change", state);
}

/**
 * @param {Data | undefined} appearance
 * @param {string | undefined} locale
 */
function show(appearance, locale) {
  speak(locale);
  for (const warning of dress(appearance ?? {})) wire.emit("warning", warning);
}

function listenForFocus() {
  let hasFocus = false;
  const tell = () => {
    const now = document.hasFocus() && document.activeElement !== document.body;
    if (now !== hasFocus) wire.emit(now ? "focus" : "blur");
    hasFocus = now;
  };
  document.addEventListener("focusin", tell);
  document.addEventListener("focusout", () => setTimeout(tell));
  window.addEventListener("focus", tell);
  window.addEventListener("blur", tell);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") wire.emit("escape");
  });
}

wire.hello();
