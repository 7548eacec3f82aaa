/**
 * What every way to pay has in common: a set of fields, checked and read together.
 *
 * @typedef {import("./field.js").Field} Field
 * @typedef {{code: string, field: Field | null}} Problem
 * @typedef {{[name: string]: any}} Data
 */

export class Panel {
  /**
   * @param {string} type The payment method's type.
   * @param {HTMLElement} element
   */
  constructor(type, element) {
    this.type = type;
    this.element = element;
  }

  /**
   * The fields that are shown now, in the order of the form.
   * @returns {Field[]}
   */
  get fields() {
    return [];
  }

  get isEmpty() {
    return this.fields.every((field) => field.isEmpty);
  }

  get isComplete() {
    return this.fields.every((field) => field.problem === null);
  }

  /**
   * Show what is wrong with each field and return the first problem, or null.
   * @returns {Problem | null}
   */
  check() {
    /** @type {Problem | null} */
    let first = null;
    for (const field of this.fields) {
      const code = field.problem;
      field.show(code);
      if (code !== null && first === null) first = { code, field };
    }
    return first;
  }

  /**
   * Return what the API wants to know: `{payment_method}` or `{payment_method_data}`, and what goes with it.
   * @returns {Data}
   */
  data() {
    return {};
  }

  focus() {
    (this.fields.find((field) => field.problem !== null) ?? this.fields[0])?.input.focus();
  }

  clear() {
    for (const field of this.fields) field.clear();
  }

  /** @param {boolean} isReadOnly */
  lock(isReadOnly) {
    for (const field of this.fields) field.input.readOnly = isReadOnly;
  }
}
