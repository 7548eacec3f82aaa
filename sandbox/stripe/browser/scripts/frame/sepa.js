/** The form for a SEPA Direct Debit. */
import { needsSepaAddress } from "./countries.js";
import { make } from "./dom.js";
import { Field } from "./field.js";
import { formatIban, ibanProblem, plainIban } from "./iban_rules.js";
import { Panel } from "./panel.js";
import { defaultDetails, isAddressWanted, isDetailWanted } from "./wanted.js";
import { say } from "./words.js";

export class SepaPanel extends Panel {
  /**
   * @param {import("./wanted.js").ElementOptions} options
   * @param {() => void} onChange
   */
  constructor(options, onChange) {
    super("sepa_debit", make("div", { className: "Fields" }));
    const known = defaultDetails(options);
    this.options = options;
    this.iban = new Field({
      name: "iban",
      label: "iban",
      placeholder: "DE00 0000 0000 0000 0000 00",
      format: formatIban,
      problem: ibanProblem,
      onInput: () => this.#changed(onChange),
    });
    this.name = makeName(known.name, onChange);
    this.email = makeEmail(known.email, onChange);
    this.address = makeAddress(known.address, onChange);
    this.element.append(...[this.iban, this.name, this.email, ...this.address].map((field) => field.element));
    this.#showWanted();
  }

  get fields() {
    return [this.iban, this.name, this.email, ...this.address].filter((field) => !field.element.hidden);
  }

  get isEmpty() {
    return this.iban.isEmpty;
  }

  data() {
    const [line1, city, postalCode] = this.address.map((field) => (field.element.hidden ? undefined : field.value));
    const iban = plainIban(this.iban.value);
    const details = {
      name: this.name.element.hidden ? undefined : this.name.value,
      email: this.email.element.hidden ? undefined : this.email.value,
      address: line1 === undefined ? undefined : { line1, city, postal_code: postalCode, country: iban.slice(0, 2) },
    };
    // The mandate needs no word of its own: the API takes it from a form that shows its text.
    return { payment_method_data: { type: "sepa_debit", sepa_debit: { iban }, billing_details: details } };
  }

  /** @param {() => void} onChange */
  #changed(onChange) {
    this.#showWanted();
    onChange();
  }

  #showWanted() {
    this.name.element.hidden = !isDetailWanted(this.options, "sepa_debit", "name");
    this.email.element.hidden = !isDetailWanted(this.options, "sepa_debit", "email");
    const isNeeded = needsSepaAddress(plainIban(this.iban.value).slice(0, 2));
    for (const field of this.address) {
      field.element.hidden = !isNeeded || !isAddressWanted(this.options, "sepa_debit", "line1");
    }
  }
}

/**
 * @param {string | undefined} value
 * @param {() => void} onInput
 */
function makeName(value, onInput) {
  return new Field({
    name: "name",
    label: "fullName",
    placeholder: say("fullNamePlaceholder"),
    autocomplete: "billing name",
    value,
    problem: (text) => (text === "" ? "incomplete_name" : null),
    onInput,
  });
}

/**
 * @param {string | undefined} value
 * @param {() => void} onInput
 */
function makeEmail(value, onInput) {
  return new Field({
    name: "email",
    label: "email",
    type: "email",
    placeholder: "you@example.com",
    autocomplete: "billing email",
    inputMode: "email",
    value,
    problem: (text) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? null : "incomplete_email"),
    onInput,
  });
}

/**
 * @param {{[name: string]: string | undefined}} known
 * @param {() => void} onInput
 */
function makeAddress(known, onInput) {
  const problem = (/** @type {string} */ text) => (text === "" ? "incomplete_address" : null);
  return [
    new Field({
      name: "addressLine1",
      label: "line1",
      autocomplete: "billing address-line1",
      value: known["line1"],
      problem,
      onInput,
    }),
    new Field({
      name: "locality",
      label: "city",
      autocomplete: "billing address-level2",
      value: known["city"],
      problem,
      onInput,
      width: "half",
    }),
    new Field({
      name: "postalCode",
      label: "postalCode",
      autocomplete: "billing postal-code",
      value: known["postal_code"],
      problem,
      onInput,
      width: "half",
    }),
  ];
}
