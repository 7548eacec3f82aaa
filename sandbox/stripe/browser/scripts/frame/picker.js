/**
 * Tabs or an accordion to choose a way to pay.
 *
 * @typedef {import("./panel.js").Panel} Panel
 * @typedef {object} PickerOptions
 * @property {Panel[]} panels
 * @property {any} layout As the Payment Element's option of that name.
 * @property {() => void} onChange
 */
import { make, picture } from "./dom.js";
import { say } from "./words.js";

const ICONS = { card: "card", sepa_debit: "bank", saved: "saved" };

/**
 * Read the layout option. Since the basil release an accordion is the default.
 * @param {any} layout
 * @returns {{type: "tabs" | "accordion", defaultCollapsed?: boolean, radios: string, spaced: boolean}}
 */
export function readLayout(layout) {
  const given = typeof layout === "string" ? { type: layout } : (layout ?? {});
  return {
    type: given.type === "tabs" ? "tabs" : "accordion",
    defaultCollapsed: given.defaultCollapsed,
    radios: given.radios ?? "auto",
    spaced: given.spacedAccordionItems === true,
  };
}

export class Picker {
  /** @param {PickerOptions} options */
  constructor({ panels, layout, onChange }) {
    this.panels = panels;
    this.layout = readLayout(layout);
    this.onChange = onChange;
    this.element = make("div", {
      className: `Picker Picker--${this.layout.type}${this.layout.spaced ? " Picker--spaced" : ""}`,
    });
    /** @type {Panel | null} */
    this.selected = this.#first();
    /** @type {Map<Panel, HTMLElement>} */
    this.buttons = new Map();
    /** @type {Map<Panel, HTMLElement>} */
    this.bodies = new Map();
    this.#draw();
  }

  /** @returns {Panel | null} */
  #first() {
    const isOnly = this.panels.length === 1;
    const isCollapsed = this.layout.defaultCollapsed ?? (this.layout.type === "accordion" && !this.hasSaved);
    return isOnly || !isCollapsed ? (this.panels[0] ?? null) : null;
  }

  /** A customer with saved methods finds them open. */
  get hasSaved() {
    return this.panels[0]?.type === "saved";
  }

  /** @param {Panel | null} panel */
  select(panel) {
    if (panel === this.selected) return;
    this.selected = panel;
    this.#paint();
    this.onChange();
  }

  #draw() {
    if (this.panels.length === 1) this.#drawAlone();
    else if (this.layout.type === "tabs") this.#drawTabs();
    else this.#drawAccordion();
    this.#paint();
  }

  #drawAlone() {
    for (const panel of this.panels) this.element.append(this.#body(panel, { className: "Block Block--alone" }));
  }

  #drawTabs() {
    const row = make("div", { className: "TabList", role: "tablist", "aria-label": say("methods") });
    for (const panel of this.panels) {
      const button = make(
        "button",
        {
          type: "button",
          className: "Tab",
          id: `${panel.type}-tab`,
          role: "tab",
          value: panel.type,
          "aria-controls": `${panel.type}-panel`,
        },
        picture(ICONS[/** @type {keyof typeof ICONS} */ (panel.type)], "TabIcon"),
        make("span", { className: "TabLabel" }, labelOf(panel)),
      );
      button.dataset["testid"] = panel.type;
      button.addEventListener("click", () => this.select(panel));
      this.buttons.set(panel, button);
      row.append(button);
    }
    row.addEventListener("keydown", (event) => this.#moveByKey(event));
    this.element.append(row);
    for (const panel of this.panels) {
      const attributes = {
        className: "TabPanel",
        id: `${panel.type}-panel`,
        role: "tabpanel",
        "aria-labelledby": `${panel.type}-tab`,
      };
      this.element.append(this.#body(panel, attributes));
    }
  }

  /**
   * @param {Panel} panel
   * @param {{[name: string]: string}} attributes
   */
  #body(panel, attributes) {
    const body = make("div", attributes);
    this.bodies.set(panel, body);
    return body;
  }

  #drawAccordion() {
    const hasRadios = this.layout.radios === "always" || ["auto", "if_multiple"].includes(this.layout.radios);
    for (const panel of this.panels) {
      const button = make(
        "button",
        {
          type: "button",
          className: "AccordionButton",
          id: `${panel.type}-tab`,
          value: panel.type,
          "aria-controls": `${panel.type}-panel`,
        },
        ...(hasRadios ? [make("span", { className: "RadioIcon", "aria-hidden": "true" })] : []),
        picture(ICONS[/** @type {keyof typeof ICONS} */ (panel.type)], "TabIcon"),
        make("span", { className: "AccordionItemLabel" }, labelOf(panel)),
      );
      button.dataset["testid"] = panel.type;
      button.addEventListener("click", () => this.select(panel));
      this.buttons.set(panel, button);
      const attributes = {
        className: "AccordionBody",
        id: `${panel.type}-panel`,
        role: "region",
        "aria-labelledby": `${panel.type}-tab`,
      };
      this.element.append(make("div", { className: "AccordionItem" }, button, this.#body(panel, attributes)));
    }
  }

  #paint() {
    for (const [panel, button] of this.buttons) {
      const isSelected = panel === this.selected;
      const isTab = button.getAttribute("role") === "tab";
      button.setAttribute(isTab ? "aria-selected" : "aria-expanded", String(isSelected));
      if (isTab) button.tabIndex = isSelected || this.selected === null ? 0 : -1;
      button.classList.toggle("Tab--selected", isTab && isSelected);
      button.querySelector(".TabIcon, .TabLabel")?.classList.toggle("TabIcon--selected", isSelected);
      if (!isTab) button.parentElement?.classList.toggle("AccordionItem--selected", isSelected);
    }
    // Only the selected form is in the page, so that each input's name stands there once.
    for (const [panel, body] of this.bodies) {
      body.hidden = panel !== this.selected;
      if (body.hidden) body.replaceChildren();
      else body.append(panel.element);
    }
  }

  /** @param {KeyboardEvent} event */
  #moveByKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const index = this.selected ? this.panels.indexOf(this.selected) : -1;
    const next = this.panels[(index + step + this.panels.length) % this.panels.length] ?? null;
    this.select(next);
    if (next) this.buttons.get(next)?.focus();
  }
}

/** @param {Panel} panel */
function labelOf(panel) {
  return say(/** @type {import("./words.js").Word} */ (panel.type));
}
