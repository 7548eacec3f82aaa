/** One labelled input with its message. */
import { make } from "./dom.js";
import { say, sayProblem } from "./words.js";

/**
 * @typedef {object} FieldOptions
 * @property {string} name The input's name, as in Stripe's own frame.
 * @property {import("./words.js").Word} label
 * @property {string} [placeholder]
 * @property {string} [autocomplete]
 * @property {string} [inputMode]
 * @property {string} [type]
 * @property {string} [value]
 * @property {(text: string) => string} [format]
 * @property {(text: string) => string | null} problem The code of what is wrong, or null.
 * @property {(field: Field) => void} [onInput]
 * @property {Node} [icon] Something to show at the end of the input.
 * @property {string} [width] A class for the grid.
 */

/** How long a press of a button may take. */
const PRESS_MILLISECONDS = 250;

export class Field {
  /** @param {FieldOptions} options */
  constructor(options) {
    this.options = options;
    const id = `Field-${options.name}Input`;
    this.label = make("label", { className: "Label", htmlFor: id }, say(options.label));
    this.input = make("input", {
      className: "Input Input--empty",
      id,
      name: options.name,
      type: options.type ?? "text",
      value: options.value ?? "",
      placeholder: options.placeholder ?? "",
      autocomplete: options.autocomplete ?? "off",
      inputMode: options.inputMode ?? "text",
      "aria-required": "true",
      "aria-invalid": "false",
      spellcheck: false,
      dir: "ltr",
    });
    this.message = make("p", { className: "Error", id: `Field-${options.name}Error`, role: "alert", hidden: true });
    const wrapper = make("div", { className: "InputWrapper" }, this.input, ...(options.icon ? [options.icon] : []));
    this.element = make(
      "div",
      { className: `Field Field--${options.width ?? "full"}` },
      this.label,
      wrapper,
      this.message,
    );
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("blur", (event) => this.#left(event));
    this.#paint();
  }

  get value() {
    return this.input.value.trim();
  }

  get isEmpty() {
    return this.value === "";
  }

  /** @returns {string | null} */
  get problem() {
    return this.options.problem(this.value);
  }

  /**
   * Put a value in as if it had been typed.
   * @param {string} value
   */
  set(value) {
    this.input.value = this.options.format ? this.options.format(value) : value;
    this.#paint();
  }

  clear() {
    this.set("");
    this.show(null);
  }

  /**
   * Show a message for the code of a problem, or take it away.
   * @param {string | null} code
   */
  show(code) {
    const text = code === null ? "" : sayProblem(code);
    this.message.textContent = text;
    this.message.hidden = text === "";
    this.input.setAttribute("aria-invalid", String(text !== ""));
    if (text === "") this.input.removeAttribute("aria-describedby");
    else this.input.setAttribute("aria-describedby", this.message.id);
    this.input.classList.toggle("Input--invalid", text !== "");
    this.label.classList.toggle("Label--invalid", text !== "");
  }

  #typed() {
    if (this.options.format) writeFormatted(this.input, this.options.format);
    this.#paint();
    const code = this.problem;
    // What cannot become right by typing on is said at once; what is merely unfinished waits until the field is left.
    this.show(code !== null && code.startsWith("invalid") ? code : null);
    this.options.onInput?.(this);
  }

  /**
   * Say what is wrong. When the form itself is left, the message waits for a moment: it makes the frame higher, and a button
   * of the merchant's must not move away under the pointer that is pressing it.
   * @param {FocusEvent} event
   */
  #left(event) {
    const tell = () => {
      const isBack = document.hasFocus() && document.activeElement === this.input;
      if (!this.isEmpty && !isBack) this.show(this.problem);
    };
    if (event.relatedTarget === null) setTimeout(tell, PRESS_MILLISECONDS);
    else tell();
  }

  #paint() {
    this.input.classList.toggle("Input--empty", this.isEmpty);
    this.label.classList.toggle("Label--empty", this.isEmpty);
  }
}

/**
 * Rewrite an input in its format and keep the cursor behind the same digit.
 * @param {HTMLInputElement} input
 * @param {(text: string) => string} format
 */
function writeFormatted(input, format) {
  const text = input.value;
  const cursor = input.selectionStart ?? text.length;
  const formatted = format(text);
  if (formatted === text) return;
  input.value = formatted;
  if (cursor >= text.length) return;
  let left = text.slice(0, cursor).replace(/[^a-z0-9]/gi, "").length;
  let position = 0;
  while (left > 0 && position < formatted.length) {
    if (/[a-z0-9]/i.test(formatted.charAt(position))) left -= 1;
    position += 1;
  }
  input.setSelectionRange(position, position);
}

/** A labelled choice from a list. */
export class Choice {
  /**
   * @param {{name: string, label: import("./words.js").Word, value: string, autocomplete: string,
   *   options: Array<{code: string, name: string}>, onChange: () => void}} options
   */
  constructor({ name, label, value, autocomplete, options, onChange }) {
    const id = `Field-${name}Input`;
    this.input = make("select", { className: "Input Input--select", id, name, autocomplete });
    for (const option of options) this.input.append(make("option", { value: option.code }, option.name));
    this.input.value = value;
    this.input.addEventListener("change", onChange);
    this.element = make(
      "div",
      { className: "Field Field--full" },
      make("label", { className: "Label", htmlFor: id }, say(label)),
      make("div", { className: "InputWrapper" }, this.input),
    );
  }

  get value() {
    return this.input.value;
  }
}
