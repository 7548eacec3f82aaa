/**
 * The themes that an appearance builds on.
 *
 * @typedef {{[name: string]: string}} Variables
 * @typedef {{[selector: string]: {[property: string]: string}}} Rules
 */

/** @type {Variables} */
const BASE = {
  fontFamily: "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontSizeBase: "16px",
  fontSizeSm: "0.93rem",
  fontSizeXs: "0.8rem",
  fontLineHeight: "1.4",
  fontWeightNormal: "400",
  fontWeightMedium: "500",
  fontWeightBold: "600",
  spacingUnit: "0.25rem",
  borderRadius: "5px",
  colorPrimary: "#0570de",
  colorBackground: "#ffffff",
  colorText: "#30313d",
  colorTextSecondary: "#6d6e78",
  colorTextPlaceholder: "#757680",
  colorSuccess: "#30b130",
  colorDanger: "#df1b41",
  colorWarning: "#b3063d",
  accessibleColorOnColorPrimary: "#ffffff",
  colorBorder: "#e6e6e6",
  shadow: "0px 1px 1px rgba(0, 0, 0, 0.03), 0px 3px 6px rgba(0, 0, 0, 0.02)",
  focusRing: "0px 0px 0px 3px color-mix(in srgb, var(--colorPrimary) 25%, transparent)",
};

/** @type {{[theme: string]: {variables: Variables, rules: Rules}}} */
export const THEMES = {
  stripe: { variables: BASE, rules: {} },
  night: {
    variables: {
      ...BASE,
      colorPrimary: "#85d996",
      colorBackground: "#30313d",
      colorText: "#ffffff",
      colorTextSecondary: "#c9c9d1",
      colorTextPlaceholder: "#a3a3ad",
      colorDanger: "#fe87a1",
      colorBorder: "#424353",
      accessibleColorOnColorPrimary: "#15201a",
      shadow: "0px 2px 4px rgba(0, 0, 0, 0.5)",
    },
    rules: {},
  },
  flat: {
    variables: { ...BASE, colorBackground: "#f1f1f1", colorBorder: "transparent", shadow: "none", borderRadius: "4px" },
    rules: { ".AccordionItem": { backgroundColor: "transparent", borderColor: "#dcdcdc" } },
  },
  none: {
    variables: { ...BASE, colorBorder: "#cccccc", shadow: "none", borderRadius: "0px", focusRing: "none" },
    rules: { ".Input:focus": { outline: "2px solid" }, ".Tab:focus": { outline: "2px solid" } },
  },
};

/** Older names of variables that Stripe still reads. */
export const FORMER_NAMES = /** @type {const} */ ({
  spacingGridRow: "gridRowSpacing",
  spacingGridColumn: "gridColumnSpacing",
  spacingTab: "tabSpacing",
  spacingAccordionItem: "accordionItemSpacing",
  colorPrimaryText: "accessibleColorOnColorPrimary",
  colorIcon: "iconColor",
  fontSizeSM: "fontSizeSm",
});
