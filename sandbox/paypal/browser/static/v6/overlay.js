// @ts-check
/** The cover over the merchant's page: words and two buttons beside a window, or the frame of the modal mode. */

const LOOK = `
dialog {
  box-sizing: border-box; width: 100%; height: 100%; max-width: none; max-height: none; margin: 0; padding: 1rem;
  border: 0; background: rgb(13 20 38 / 82%); color: #fff; font: 400 1rem/1.5 system-ui, sans-serif; overflow: auto;
}
dialog[open] { display: grid; place-items: center; }
dialog::backdrop { background: transparent; }
.words { display: grid; justify-items: center; gap: 1rem; max-width: 26rem; text-align: center; }
.name { font-size: 1.6rem; font-weight: 800; font-style: italic; letter-spacing: -0.02em; }
p { margin: 0; }
button {
  min-height: 44px; padding: 0 1.25rem; border: 1px solid #fff; border-radius: 999px;
  background: transparent; color: #fff; font: 600 1rem/1 system-ui, sans-serif; cursor: pointer;
}
button.first { background: #fff; color: #12337a; }
button:focus-visible { outline: 3px solid #8fb4ff; outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: 0.75rem; justify-content: center; }
.sheet { display: grid; grid-template-rows: auto 1fr; width: min(100%, 500px); height: min(100%, 760px); }
.sheet .row { justify-content: end; padding-bottom: 0.5rem; }
iframe { width: 100%; height: 100%; border: 0; border-radius: 12px; background: #fff; }
`;

/**
 * Covers the page; Escape and the button dismiss. Styles live in a constructed sheet, which a strict
 * Content-Security-Policy of the merchant allows.
 * @param {{ onDismiss: () => void, onFocus?: () => void, frame?: HTMLIFrameElement }} parts
 * @returns {HTMLElement} remove it to uncover the page
 */
export function createOverlay({ onDismiss, onFocus, frame }) {
  const host = document.createElement("paypal-overlay");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LOOK);
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", "PayPal");
  dialog.append(frame ? framed(frame, onDismiss) : words(onDismiss, onFocus));
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    onDismiss();
  });
  root.append(dialog);
  document.body.append(host);
  dialog.showModal();
  return host;
}

/**
 * @param {() => void} onDismiss
 * @param {(() => void) | undefined} onFocus
 */
function words(onDismiss, onFocus) {
  const box = element("div", "words");
  const row = element("div", "row");
  if (onFocus) row.append(button("Show the PayPal window", onFocus, "first"));
  row.append(button("Cancel", onDismiss));
  box.append(element("span", "name", "PayPal"), element("p", "", "Finish in the PayPal window that has opened."), row);
  return box;
}

/**
 * @param {HTMLIFrameElement} frame
 * @param {() => void} onDismiss
 */
function framed(frame, onDismiss) {
  const box = element("div", "sheet");
  const row = element("div", "row");
  row.append(button("Close", onDismiss));
  box.append(row, frame);
  return box;
}

/**
 * @param {string} name
 * @param {string} [className]
 * @param {string} [text]
 */
function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

/**
 * @param {string} label
 * @param {() => void} run
 * @param {string} [className]
 */
function button(label, run, className) {
  const made = element("button", className, label);
  made.setAttribute("type", "button");
  made.addEventListener("click", run);
  return made;
}
