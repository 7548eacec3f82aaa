/** The form for a new card. */
import {
  brandOf,
  codeProblem,
  digitsOf,
  expiryProblem,
  formatExpiry,
  formatNumber,
  isWholeNumber,
  numberProblem,
  readExpiry,
} from "./card_rules.js";
import {
  countries,
  likelyCountry,
  needsPostalCode,
  postalCodeLabel,
  postalCodePlaceholder,
  postalCodeProblem,
} from "./countries.js";
import { make, picture } from "./dom.js";
import { Choice, Field } from "./field.js";
import { Panel } from "./panel.js";
import { defaultDetails, isAddressWanted } from "./wanted.js";
import { say, spoken } from "./words.js";

const COMMON_BRANDS = ["visa", "mastercard", "amex", "discover"];

export class CardPanel extends Panel {
  /**
   * @param {import("./wanted.js").ElementOptions} options
   * @param {() => void} onChange
   */
  constructor(options, onChange) {
    super("card", make("div", { className: "Fields" }));
    this.onChange = onChange;
    this.logos = make("span", { className: "CardBrands" });
    this.number = this.#makeNumber();
    this.expiry = this.#makeExpiry();
    this.code = this.#makeCode();
    this.country = isAddressWanted(options, "card", "country") ? this.#makeCountry(options) : null;
    this.fixedCountry = defaultDetails(options).address.country ?? likelyCountry(navigator.language);
    this.mayAskPostalCode = isAddressWanted(options, "card", "postalCode");
    this.postalCode = this.#makePostalCode(options);
    this.element.append(this.number.element, this.expiry.element, this.code.element);
    if (this.country) this.element.append(this.country.element);
    this.element.append(this.postalCode.element);
    this.#showBrand();
    this.#showPostalCode();
  }

  get fields() {
    const all = [this.number, this.expiry, this.code];
    return this.asksPostalCode ? [...all, this.postalCode] : all;
  }

  get isEmpty() {
    return this.number.isEmpty && this.expiry.isEmpty && this.code.isEmpty;
  }

  get countryCode() {
    return this.country?.value ?? this.fixedCountry;
  }

  get asksPostalCode() {
    return this.mayAskPostalCode && needsPostalCode(this.countryCode);
  }

  data() {
    const { month, year } = readExpiry(this.expiry.value);
    const address = {
      country: this.country ? this.countryCode : undefined,
      postal_code: this.asksPostalCode ? this.postalCode.value : undefined,
    };
    return {
      payment_method_data: {
        type: "card",
        card: { number: digitsOf(this.number.value), exp_month: month, exp_year: year, cvc: this.code.value },
        billing_details: { address },
      },
    };
  }

  #makeNumber() {
    return new Field({
      name: "number",
      label: "cardNumber",
      placeholder: "1234 1234 1234 1234",
      autocomplete: "cc-number",
      inputMode: "numeric",
      format: formatNumber,
      problem: numberProblem,
      icon: this.logos,
      onInput: (field) => {
        this.#showBrand();
        if (isWholeNumber(field.input.value)) this.#advance(field, this.expiry);
        else this.onChange();
      },
    });
  }

  #makeExpiry() {
    return new Field({
      name: "expiry",
      label: "expiry",
      placeholder: say("expiryPlaceholder"),
      autocomplete: "cc-exp",
      inputMode: "numeric",
      format: formatExpiry,
      problem: (text) => expiryProblem(text, new Date()),
      width: "half",
      onInput: (field) => this.#advance(field, this.code),
    });
  }

  #makeCode() {
    return new Field({
      name: "cvc",
      label: "cvc",
      placeholder: say("cvcPlaceholder"),
      autocomplete: "cc-csc",
      inputMode: "numeric",
      format: (text) => digitsOf(text).slice(0, brandOf(digitsOf(this.number.value)).codeLength),
      problem: (text) => codeProblem(text, this.number.value),
      width: "half",
      icon: picture("cvc"),
      onInput: () => this.onChange(),
    });
  }

  /** @param {import("./wanted.js").ElementOptions} options */
  #makeCountry(options) {
    return new Choice({
      name: "country",
      label: "country",
      value: defaultDetails(options).address.country ?? likelyCountry(navigator.language),
      autocomplete: "billing country",
      options: countries(spoken()),
      onChange: () => {
        this.#showPostalCode();
        this.onChange();
      },
    });
  }

  /** @param {import("./wanted.js").ElementOptions} options */
  #makePostalCode(options) {
    return new Field({
      name: "postalCode",
      label: "postalCode",
      autocomplete: "billing postal-code",
      value: defaultDetails(options).address.postal_code,
      problem: (text) => postalCodeProblem(text, this.countryCode),
      onInput: () => this.onChange(),
    });
  }

  #showBrand() {
    const { name } = brandOf(digitsOf(this.number.value));
    const names = name === "unknown" ? COMMON_BRANDS : [name];
    this.logos.replaceChildren(...names.map((each) => picture(each)));
    this.logos.title = name === "unknown" ? say("supported") : "";
  }

  #showPostalCode() {
    this.postalCode.element.hidden = !this.asksPostalCode;
    this.postalCode.label.textContent = postalCodeLabel(this.countryCode);
    this.postalCode.input.placeholder = postalCodePlaceholder(this.countryCode);
    this.postalCode.show(null);
  }

  /**
   * Report the change, and go to the next field when this one is full.
   * @param {Field} field
   * @param {Field} next
   */
  #advance(field, next) {
    if (field.problem === null && next.isEmpty && document.activeElement === field.input) next.input.focus();
    this.onChange();
  }
}
