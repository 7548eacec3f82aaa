/** The customer's saved payment methods. */
import { make, picture } from "./dom.js";
import { Panel } from "./panel.js";
import { say } from "./words.js";

/**
 * @typedef {object} SavedOptions
 * @property {any[]} methods Payment methods, the one to begin with first.
 * @property {boolean} mayRemove
 * @property {() => void} onChange
 * @property {(method: any) => Promise<boolean>} onRemove Resolves to whether it is gone.
 */

export class SavedPanel extends Panel {
  /** @param {SavedOptions} options */
  constructor(options) {
    super("saved", make("div", { className: "SavedMethods", role: "radiogroup", "aria-label": say("savedMethods") }));
    this.options = options;
    this.methods = options.methods;
    this.selected = options.methods[0];
    this.#draw();
  }

  get isEmpty() {
    return this.selected === undefined;
  }

  get isComplete() {
    return this.selected !== undefined;
  }

  check() {
    return this.selected === undefined ? { code: "incomplete_payment_details", field: null } : null;
  }

  data() {
    return { payment_method: this.selected.id };
  }

  focus() {
    this.element.querySelector("input")?.focus();
  }

  /** @param {boolean} isReadOnly */
  lock(isReadOnly) {
    for (const input of this.element.querySelectorAll("input")) input.disabled = isReadOnly;
  }

  #draw() {
    this.element.replaceChildren(...this.methods.map((method) => this.#item(method)));
  }

  /** @param {any} method */
  #item(method) {
    const isSelected = method === this.selected;
    const input = make("input", {
      type: "radio",
      name: "savedMethod",
      value: method.id,
      checked: isSelected,
      className: "RadioInput",
    });
    input.addEventListener("change", () => {
      this.selected = method;
      for (const item of this.element.querySelectorAll(".PickerItem")) {
        item.classList.toggle("PickerItem--selected", item.contains(input));
      }
      this.options.onChange();
    });
    const { icon, name, note } = describe(method);
    const text = make(
      "span",
      { className: "PickerItemText" },
      make("span", {}, name),
      make("span", { className: "PickerItemNote" }, note),
    );
    const label = make("label", { className: "PickerItemLabel" }, input, picture(icon), text);
    const item = make("div", { className: `PickerItem${isSelected ? " PickerItem--selected" : ""}` }, label);
    if (this.options.mayRemove) item.append(this.#removal(method, name, item));
    return item;
  }

  /**
   * A button that asks once more before it removes.
   * @param {any} method
   * @param {string} name
   * @param {HTMLElement} item
   */
  #removal(method, name, item) {
    const button = make(
      "button",
      { type: "button", className: "PickerAction", "aria-label": `${say("remove")}: ${name}` },
      say("remove"),
    );
    button.addEventListener("click", () => {
      const yes = make("button", { type: "button", className: "PickerAction PickerAction--danger" }, say("remove"));
      const no = make("button", { type: "button", className: "PickerAction" }, say("keep"));
      const question = make("div", { className: "PickerQuestion" }, say("removeQuestion", { name }), yes, no);
      no.addEventListener("click", () => question.replaceWith(button));
      yes.addEventListener("click", () => void this.#remove(method));
      button.replaceWith(question);
      item.append(question);
      no.focus();
    });
    return button;
  }

  /** @param {any} method */
  async #remove(method) {
    if (!(await this.options.onRemove(method))) return;
    this.methods = this.methods.filter((each) => each !== method);
    if (this.selected === method) this.selected = this.methods[0];
    this.#draw();
    this.options.onChange();
  }
}

/**
 * Return how a saved method is shown.
 * @param {any} method
 * @returns {{icon: string, name: string, note: string}}
 */
function describe(method) {
  if (method.type === "sepa_debit") {
    return { icon: "bank", name: `•••• ${method.sepa_debit.last4}`, note: say("sepa_debit") };
  }
  const { brand, last4, exp_month: month, exp_year: year } = method.card;
  const date = `${String(month).padStart(2, "0")} / ${String(year).slice(-2)}`;
  const icons = ["visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay"];
  return { icon: icons.includes(brand) ? brand : "unknown", name: `•••• ${last4}`, note: say("expires", { date }) };
}
