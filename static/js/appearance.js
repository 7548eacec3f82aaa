/** The Payment Element wears the page's own tokens, in both colour schemes. */

const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** @returns {import("@stripe/stripe-js").Appearance} */
export function appearance() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const token = (name) => style.getPropertyValue(name).trim();
  return {
    theme: dark.matches ? "night" : "stripe",
    variables: {
      colorPrimary: token("--accent"),
      colorBackground: token("--paper-raised"),
      colorText: token("--ink"),
      colorTextSecondary: token("--ink-muted"),
      colorTextPlaceholder: token("--ink-muted"),
      colorDanger: token("--danger"),
      fontFamily: "Commissioner, Arial, sans-serif",
      fontSizeBase: "17px",
      borderRadius: token("--radius-field"),
      spacingUnit: "4px",
    },
    rules: {
      ".Input": { border: `1px solid ${token("--hairline-strong")}`, boxShadow: "none" },
      ".Input:focus": { border: `1px solid ${token("--focus")}`, boxShadow: `0 0 0 1px ${token("--focus")}` },
      ".Input--invalid": { border: `2px solid ${token("--danger-line")}`, boxShadow: "none" },
      ".Label": { fontWeight: "500" },
      ".AccordionItem": { border: `1px solid ${token("--hairline")}`, boxShadow: "none" },
    },
  };
}

/** @param {() => void} tell */
export function onSchemeChange(tell) {
  dark.addEventListener("change", tell);
}
