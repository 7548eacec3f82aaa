/**
 * The Payment Element's form: the ways to pay, the box to save one, the terms.
 *
 * @typedef {import("../shared/api.js").Credentials} Credentials
 * @typedef {import("../shared/api.js").Parameters} Parameters
 * @typedef {import("@stripe/stripe-js").StripeError} StripeError
 * @typedef {import("./panel.js").Panel} Panel
 * @typedef {{[name: string]: any}} Data
 */
import { requestApi } from "../shared/api.js";
import { CardPanel } from "./card.js";
import { make } from "./dom.js";
import { Picker } from "./picker.js";
import { SavedPanel } from "./saved.js";
import { SepaPanel } from "./sepa.js";
import { say, sayProblem } from "./words.js";

export class PaymentForm {
  /**
   * @param {Credentials} credentials
   * @param {Data} session What `/v1/elements/sessions` answered.
   * @param {Data} group The Elements object's options.
   * @param {Data} options The Payment Element's options.
   * @param {() => void} onChange
   */
  constructor(credentials, session, group, options, onChange) {
    this.credentials = credentials;
    this.session = session;
    this.group = group;
    this.options = options;
    this.onChange = onChange;
    this.features = session.customer?.customer_session?.components?.payment_element?.features ?? {};
    this.save = make("input", {
      type: "checkbox",
      id: "Field-saveInput",
      name: "savePaymentMethod",
      className: "CheckboxInput",
    });
    this.save.addEventListener("change", () => this.#changed());
    this.saveRow = this.#makeSaveRow();
    this.terms = make("p", { className: "TermsText" });
    this.summary = make("p", { className: "Error Error--summary", role: "alert", hidden: true });
    this.picker = new Picker({ panels: this.#panels(), layout: options.layout, onChange: () => this.#changed() });
    this.element = make("form", { className: "PaymentForm", noValidate: true }, this.summary, this.picker.element);
    this.element.addEventListener("submit", (event) => event.preventDefault());
    this.#arrange();
    this.#lock();
  }

  /** @returns {Panel | null} */
  get panel() {
    return this.picker.selected;
  }

  /** The selected method's type, also for a saved one. */
  get type() {
    if (this.panel instanceof SavedPanel) return this.panel.selected?.type ?? "card";
    return this.panel?.type ?? "";
  }

  /** Whether the customer enters a new method, so that billing details are wanted. */
  get isNew() {
    return !(this.panel instanceof SavedPanel);
  }

  get isSaving() {
    return this.isNew && !this.saveRow.hidden && this.save.checked;
  }

  /** What the `change` event tells. */
  get state() {
    const saved = this.panel instanceof SavedPanel ? this.panel.selected : undefined;
    return {
      empty: this.panel?.isEmpty ?? true,
      complete: this.panel?.isComplete ?? false,
      collapsed: this.panel === null,
      value: {
        type: this.type,
        ...(this.saveRow.hidden ? {} : { savePaymentMethod: this.isSaving }),
        ...(saved
          ? { payment_method: { id: saved.id, type: saved.type, billing_details: saved.billing_details } }
          : {}),
      },
    };
  }

  /**
   * Show what is wrong and go there; return it, or null.
   * @returns {StripeError | null}
   */
  check() {
    this.summary.hidden = true;
    const problem = this.panel ? this.panel.check() : { code: "incomplete_payment_details", field: null };
    if (problem === null) return null;
    if (problem.field) problem.field.input.focus();
    else this.#showSummary(problem.code);
    return { type: "validation_error", code: problem.code, message: sayProblem(problem.code) };
  }

  /**
   * Return what the API wants for the selected method.
   * @returns {Parameters}
   */
  data() {
    const data = /** @type {Parameters} */ (this.panel?.data() ?? {});
    if (!this.isNew) return data;
    const usage = this.isSaving ? (this.features.payment_method_save_usage ?? undefined) : undefined;
    const redisplay = this.isSaving ? "always" : this.isForFuture ? "limited" : "unspecified";
    return {
      ...data,
      payment_method_data: { ...data["payment_method_data"], allow_redisplay: redisplay },
      setup_future_usage: usage,
    };
  }

  /** Whether the intent itself saves the method. */
  get isForFuture() {
    const intent = this.session["payment_intent"];
    const usage = this.group["setupFutureUsage"] ?? this.group["setup_future_usage"] ?? intent?.setup_future_usage;
    return (
      Boolean(usage) || Boolean(this.session["setup_intent"]) || ["setup", "subscription"].includes(this.group["mode"])
    );
  }

  /**
   * Take changed options of the Elements object that ask for no other fields.
   * @param {Data} group
   */
  regroup(group) {
    this.group = group;
    this.#arrange();
  }

  /**
   * Take over what was entered into a form that this one replaces.
   * @param {PaymentForm} before
   */
  restore(before) {
    for (const panel of this.picker.panels) {
      const old = before.picker.panels.find((each) => each.type === panel.type);
      for (const [index, field] of (old?.fields ?? []).entries()) panel.fields[index]?.set(field.value);
    }
    this.save.checked = before.save.checked;
    const selected = this.picker.panels.find((panel) => panel.type === before.panel?.type);
    if (selected) this.picker.select(selected);
  }

  focus() {
    this.panel?.focus();
  }

  clear() {
    for (const panel of this.picker.panels) panel.clear();
    this.summary.hidden = true;
    this.#changed();
  }

  collapse() {
    if (this.picker.panels.length > 1) this.picker.select(null);
  }

  /** @param {string} code */
  #showSummary(code) {
    this.summary.textContent = sayProblem(code);
    this.summary.hidden = false;
  }

  /** @returns {Panel[]} */
  #panels() {
    const saved = this.session["customer"]?.payment_methods ?? [];
    const makers = {
      card: () => new CardPanel(this.options, () => this.#changed()),
      sepa_debit: () => new SepaPanel(this.options, () => this.#changed()),
    };
    const types = inOrder(
      this.session["payment_method_preference"].ordered_payment_method_types,
      this.options["paymentMethodOrder"],
    );
    const panels = types
      .filter((type) => type in makers)
      .map((type) => makers[/** @type {keyof typeof makers} */ (type)]());
    return saved.length > 0 ? [this.#savedPanel(saved), ...panels] : panels;
  }

  /** @param {any[]} methods */
  #savedPanel(methods) {
    return new SavedPanel({
      methods,
      mayRemove: this.features.payment_method_remove === "enabled",
      onChange: () => this.#changed(),
      onRemove: async (method) => {
        const answer = await requestApi(this.credentials, "POST", `/v1/elements/payment_methods/${method.id}/detach`, {
          customer_session_client_secret: this.group["customerSessionClientSecret"],
        });
        return answer.error === undefined;
      },
    });
  }

  #makeSaveRow() {
    const label = make("label", { className: "CheckboxLabel", htmlFor: this.save.id }, say("save"));
    return make("div", { className: "Checkbox" }, this.save, label);
  }

  #changed() {
    this.summary.hidden = true;
    this.#arrange();
    this.onChange();
  }

  /** Put the box and the terms under the selected method's fields. */
  #arrange() {
    const canSave = this.features.payment_method_save === "enabled" && this.isNew && this.panel !== null;
    this.saveRow.hidden = !canSave;
    this.terms.textContent = this.#termsText();
    this.terms.hidden = this.terms.textContent === "";
    if (this.panel) this.picker.bodies.get(this.panel)?.append(this.saveRow, this.terms);
  }

  #termsText() {
    if (!this.isNew || !this.panel) return "";
    const isSepa = this.type === "sepa_debit";
    const wish = this.options["terms"]?.[isSepa ? "sepaDebit" : "card"] ?? "auto";
    if (wish === "never") return "";
    const business = this.options["business"]?.name ?? this.session["merchant_name"] ?? "";
    if (isSepa) return say("sepaTerms", { business });
    return wish === "always" || this.isForFuture || this.isSaving ? say("cardTerms", { business }) : "";
  }

  #lock() {
    if (this.options["readOnly"]) for (const panel of this.picker.panels) panel.lock(true);
  }
}

/**
 * Put the merchant's favourite types first; the rest follow in Stripe's order.
 * @param {string[]} types
 * @param {string[]} [wishes]
 * @returns {string[]}
 */
function inOrder(types, wishes = []) {
  return [...wishes.filter((type) => types.includes(type)), ...types.filter((type) => !wishes.includes(type))];
}
