// @ts-check

/** @typedef {"buynow" | "checkout" | "donate" | "pay" | "subscribe"} ButtonType */

/** What stands around the name, by language and type; other languages have the English words. */
const ENGLISH = new Map([
  ["buynow", ["Buy now with ", ""]],
  ["checkout", ["Check out with ", ""]],
  ["donate", ["Donate with ", ""]],
  ["pay", ["Pay with ", ""]],
  ["subscribe", ["Subscribe with ", ""]],
]);
const GERMAN = new Map([
  ["buynow", ["Jetzt mit ", " kaufen"]],
  ["checkout", ["Mit ", " zur Kasse"]],
  ["donate", ["Mit ", " spenden"]],
  ["pay", ["Mit ", " bezahlen"]],
  ["subscribe", ["Mit ", " abonnieren"]],
]);

let labels = ENGLISH;
/** @type {Set<PayPalButton>} */
const shown = new Set();

const LOOK = `
:host { display: inline-block; width: 100%; min-width: 7.5rem; height: 48px; vertical-align: top; }
:host([hidden]) { display: none; }
button {
  display: flex; align-items: center; justify-content: center; gap: 0.3em;
  width: 100%; height: 100%; min-height: 25px; margin: 0; padding: 0 1rem;
  border: 1px solid transparent; border-radius: var(--paypal-button-border-radius, 4px);
  background: #ffc439; color: #111827; cursor: pointer;
  font: 600 1rem/1 "Helvetica Neue", Helvetica, Arial, sans-serif; white-space: nowrap;
}
button:hover { filter: brightness(0.95); }
button:focus-visible { outline: 3px solid #1040c1; outline-offset: 2px; }
button:disabled { opacity: 0.45; cursor: default; filter: none; }
.word { font-weight: 800; font-style: italic; font-size: 1.12em; letter-spacing: -0.02em; color: #12337a; }
:host(.paypal-blue) button { background: #0551b5; color: #fff; }
:host(.paypal-black) button { background: #1b1d21; color: #fff; }
:host(.paypal-white) button { background: #fff; border-color: #545d69; }
:host(.paypal-blue) .word, :host(.paypal-black) .word { color: #fff; }
@media (forced-colors: active) { button { border-color: ButtonText; } .word { color: inherit; } }
`;

/** The `<paypal-button>` element: a real button in a shadow root, so that keyboard and screen readers know it. */
class PayPalButton extends HTMLElement {
  static observedAttributes = ["type", "disabled"];

  #button = document.createElement("button");

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(LOOK);
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [sheet];
    this.#button.type = "button";
    root.append(this.#button);
    // `element.click()` reaches a disabled element all the same; this listener is the first one on the host.
    this.addEventListener("click", (event) => this.disabled && event.stopImmediatePropagation(), { capture: true });
    this.#draw();
  }

  /** @returns {ButtonType | undefined} */
  get type() {
    const given = this.getAttribute("type") ?? "";
    return ENGLISH.has(given) ? /** @type {ButtonType} */ (given) : undefined;
  }

  set type(value) {
    if (value) this.setAttribute("type", value);
    else this.removeAttribute("type");
  }

  get disabled() {
    return this.hasAttribute("disabled");
  }

  set disabled(value) {
    this.toggleAttribute("disabled", Boolean(value));
  }

  connectedCallback() {
    shown.add(this);
    this.#draw();
  }

  disconnectedCallback() {
    shown.delete(this);
  }

  attributeChangedCallback() {
    this.#draw();
  }

  /** Writes the label anew, in the language of now. */
  redraw() {
    this.#draw();
  }

  #draw() {
    const [before = "", after = ""] = labels.get(this.type ?? "") ?? [];
    const word = document.createElement("span");
    word.className = "word";
    word.textContent = "PayPal";
    this.#button.replaceChildren(before, word, after);
    this.#button.setAttribute("aria-label", `${before}PayPal${after}`);
    this.#button.disabled = this.disabled;
  }
}

/**
 * Labels every button of the page in a language: "de-DE", "en-US", ...
 * @param {string} locale
 */
export function speak(locale) {
  labels = locale.toLowerCase().startsWith("de") ? GERMAN : ENGLISH;
  for (const button of shown) button.redraw();
}

/** Makes the elements known; a second call does nothing, a second copy of the script neither. */
export function defineButtons() {
  if (!customElements.get("paypal-button")) customElements.define("paypal-button", PayPalButton);
}
