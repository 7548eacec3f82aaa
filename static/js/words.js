/** The page's own words for what a script has to say: they stand in the page, translated, and only wait to be shown. */

/** @param {string} key */
export function word(key) {
  return document.querySelector(`[data-word="${key}"]`)?.textContent ?? "";
}

/**
 * The shopper's words for a decline: by the bank's code, else by the provider's advice; general ones where neither is known.
 * What a bank says of fraud is told as generic_decline, in general words whatever the advice is.
 * @param {string | undefined} code
 * @param {string | undefined} [advice] "try_again" or "check_details"
 */
export function declineWords(code, advice) {
  const known = code ? document.querySelector(`[data-decline="${CSS.escape(code)}"]`) : null;
  const advised = advice && code !== "generic_decline" ? document.querySelector(`[data-advice="${CSS.escape(advice)}"]`) : null;
  return (known ?? advised ?? document.querySelector('[data-decline=""]'))?.textContent ?? "";
}

/**
 * Show an error beside what caused it and bring the focus there; an empty text takes it away.
 * @param {HTMLElement} place
 * @param {string} text
 * @param {(HTMLElement | undefined)[]} ways links that lead on
 */
export function showError(place, text, ...ways) {
  note(place, text, ...ways);
  if (text) place.focus();
}

/**
 * Write an error down and leave the focus where it is: nothing that was pressed caused it, or the focus is there already.
 * @param {HTMLElement} place
 * @param {string} text
 * @param {(HTMLElement | undefined)[]} ways
 */
export function note(place, text, ...ways) {
  place.hidden = text === "";
  place.replaceChildren(line(text, ways));
}

/**
 * @param {string} text
 * @param {(HTMLElement | undefined)[]} ways
 */
function line(text, ways) {
  const span = document.createElement("span");
  span.append(text);
  for (const way of ways) if (way) span.append(" ", way, ".");
  return span;
}

/**
 * @param {string} href
 * @param {string} text
 */
export function link(href, text) {
  const made = document.createElement("a");
  made.href = href;
  made.textContent = text;
  return made;
}

/**
 * Count seconds down under an error, with the button out of reach until they are over. Only the words are announced.
 * @param {HTMLElement} place
 * @param {HTMLElement | null} button
 * @param {number} seconds
 */
export function countDown(place, button, seconds) {
  const counter = document.createElement("span");
  counter.setAttribute("aria-live", "off");
  (place.lastElementChild ?? place).append(" ", counter);
  if (button) button.dataset.waits = "yes";
  button?.setAttribute("aria-disabled", "true");
  const until = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    counter.textContent = left > 0 ? waiting(left) : "";
    if (left > 0) return void setTimeout(tick, 500);
    delete button?.dataset.waits;
    button?.removeAttribute("aria-disabled");
    if (counter.isConnected) place.hidden = true;
  };
  tick();
}

/**
 * @param {number} seconds
 * @returns {string}
 */
function waiting(seconds) {
  if (seconds < 90) return word("wait").replace("{seconds}", String(seconds));
  return word("wait_long").replace("{minutes}", String(Math.ceil(seconds / 60)));
}

/**
 * Say that the page is at work; an empty text ends it.
 * @param {HTMLElement} place
 * @param {string} text
 */
export function showBusy(place, text) {
  place.replaceChildren();
  if (!text) return;
  const tide = document.createElement("hr");
  tide.className = "tide";
  const words = document.createElement("p");
  words.className = "muted";
  words.textContent = text;
  place.append(tide, words);
}

/**
 * Find an element that the template promises.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/**
 * Load a provider's script from the provider, as both demand; resolves when it has run. It gets this page's nonce, which
 * PayPal's gives on to the styles that it writes (data-csp-nonce, developer.paypal.com/sdk/js/best-practices).
 * @param {string} src
 * @returns {Promise<void>}
 */
export function loadScript(src) {
  const own = /** @type {HTMLScriptElement | null} */ (document.querySelector("script[nonce]"));
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = src;
    script.async = true;
    script.nonce = own?.nonce ?? "";
    script.dataset.cspNonce = script.nonce;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new Error(`${src} did not load`)));
    document.head.append(script);
  });
}
