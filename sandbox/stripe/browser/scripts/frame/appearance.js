/**
 * Dresses the form as the merchant's appearance option asks.
 *
 * The rules come from another origin, so only selectors and properties that Stripe documents are taken, and no value that
 * could load something or end a rule: https://docs.stripe.com/elements/appearance-api
 *
 * @typedef {{[name: string]: any}} Appearance
 */
import { make } from "./dom.js";
import { FORMER_NAMES, THEMES } from "./themes.js";

const CLASSES =
  "AccordionItem AccordionItemLabel AccordionItemBody Action Block BlockAction BlockDivider Button Checkbox CheckboxInput CheckboxLabel " +
  "CodeInput Dropdown DropdownItem Error Input InputCloseIcon InputDivider Label Link MenuAction MenuIcon PickerAction " +
  "PickerItem RadioIcon RadioIconInner RadioIconOuter RedirectText SecondaryLink Switch SwitchControl Tab TabIcon TabLabel " +
  "TabMore TermsLink TermsText";
const STATES = "checked|disabled|empty|floating|focused|highlight|invalid|loading|resting|selected|active|focus|new";
const PSEUDO =
  ":hover|:focus|:focus-visible|:active|:disabled|:autofill|:first-child|:last-child|::placeholder|::selection";
const SELECTOR = new RegExp(`^\\.(${CLASSES.split(" ").join("|")})(--(${STATES}))*(${PSEUDO})*$`);
const PROPERTY = new RegExp(
  "^(-webkit-|-moz-)?(background(-color)?|border(-.*)?|box-shadow|color|fill(-.*)?|font(-.*)?|letter-spacing|line-height|" +
    "margin(-.*)?|opacity|outline(-.*)?|padding(-.*)?|stroke(-.*)?|text-(align|decoration|shadow|transform|fill-color)|" +
    "transition|font-smoothing|row-gap|column-gap|backdrop-filter)$",
);
const DANGEROUS = /[;{}<>@\\]|url\(|image\(|expression/i;

const sheet = new CSSStyleSheet();

/**
 * Apply an appearance; return a warning for each part that was left out.
 * @param {Appearance} appearance
 * @returns {string[]}
 */
export function dress(appearance) {
  /** @type {string[]} */
  const warnings = [];
  const theme = THEMES[appearance["theme"] ?? "stripe"];
  if (!theme) warnings.push(`Unknown theme ${appearance["theme"]}; using stripe.`);
  const { variables, rules } = theme ?? /** @type {{variables: {}, rules: {}}} */ (THEMES["stripe"]);
  const wanted = withCurrentNames({ ...variables, ...appearance["variables"] });
  const texts = [`:root { ${variableText(wanted, warnings)} }`];
  for (const [selector, properties] of [...Object.entries(rules), ...Object.entries(appearance["rules"] ?? {})]) {
    const text = ruleText(selector, /** @type {{[name: string]: unknown}} */ (properties), warnings);
    if (text) texts.push(text);
  }
  sheet.replaceSync(texts.join("\n"));
  document.adoptedStyleSheets = [sheet];
  const { classList } = document.documentElement;
  classList.toggle("Labels--floating", appearance["labels"] === "floating");
  classList.toggle("Inputs--condensed", appearance["inputs"] === "condensed");
  classList.toggle("Animations--off", appearance["disableAnimations"] === true);
  return warnings;
}

/** @param {{[name: string]: any}} variables */
function withCurrentNames(variables) {
  const current = { ...variables };
  for (const [former, name] of Object.entries(FORMER_NAMES)) {
    if (former in current && !(name in current)) current[name] = current[former];
  }
  return current;
}

/**
 * @param {{[name: string]: any}} variables
 * @param {string[]} warnings
 */
function variableText(variables, warnings) {
  return Object.entries(variables)
    .filter(([name, value]) => isHarmless(name, value, /^[a-z][a-zA-Z0-9]*$/, warnings))
    .map(([name, value]) => `--${name}: ${value};`)
    .join(" ");
}

/**
 * @param {string} selector
 * @param {{[name: string]: unknown}} properties
 * @param {string[]} warnings
 * @returns {string | null}
 */
function ruleText(selector, properties, warnings) {
  const parts = selector.split(",").map((part) => part.trim());
  const bad = parts.find((part) => !SELECTOR.test(part));
  if (bad !== undefined) {
    warnings.push(`${bad} is not a supported selector of appearance.rules.`);
    return null;
  }
  const lines = Object.entries(properties)
    .map(([name, value]) => /** @type {[string, unknown]} */ ([hyphenated(name), value]))
    .filter(([name, value]) => isHarmless(name, value, PROPERTY, warnings))
    .map(([name, value]) => `${name}: ${value};`);
  return `${parts.join(", ")} { ${lines.join(" ")} }`;
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {RegExp} allowed
 * @param {string[]} warnings
 */
function isHarmless(name, value, allowed, warnings) {
  const isFine = allowed.test(name) && !DANGEROUS.test(String(value));
  if (!isFine) warnings.push(`${name}: ${value} is not a supported part of an appearance.`);
  return isFine;
}

/** @param {string} name `backgroundColor`, `WebkitTextFillColor` */
function hyphenated(name) {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * Load the fonts of `elements({fonts})`: a stylesheet's address, or a family with its source.
 * @param {Array<{[name: string]: any}>} [fonts]
 */
export function loadFonts(fonts = []) {
  for (const { cssSrc, family, src, ...descriptors } of fonts) {
    if (typeof cssSrc === "string") {
      document.head.append(make("link", { rel: "stylesheet", href: cssSrc }));
    } else {
      const face = new FontFace(family, src, descriptors);
      document.fonts.add(face);
      void face.load().catch(() => {});
    }
  }
}
