/**
 * Frames of the sandbox's origin in the merchant's page.
 *
 * Styles are set through the object model, one property at a time: a page whose content security policy forbids inline
 * styles allows that, while a `style` attribute or a `<style>` element would be refused.
 */

let lastFrame = 0;
/** How long after its loading a frame may be silent. */
const HELLO_MILLISECONDS = 1500;

/**
 * Make a frame; it is not in the page yet.
 * @param {string} origin The sandbox's origin.
 * @param {string} page A page under `/elements/`.
 * @param {{name: string, title: string, styles: Record<string, string>, parameters: Record<string, string | undefined>}} options
 * @returns {{frame: HTMLIFrameElement, channel: string}}
 */
export function makeFrame(origin, page, { name, title, styles, parameters }) {
  lastFrame += 1;
  const channel = `${name}${lastFrame}-${randomWord()}`;
  const given = Object.entries({ ...parameters, channel, origin: window.location.origin });
  const hash = new URLSearchParams();
  for (const [key, value] of given) if (value !== undefined) hash.set(key, value);
  const frame = document.createElement("iframe");
  frame.name = `${name}${lastFrame}`;
  frame.title = title;
  frame.src = `${origin}/elements/${page}#${hash}`;
  frame.setAttribute("frameborder", "0");
  frame.setAttribute("scrolling", "no");
  frame.setAttribute("allow", "payment *; clipboard-write");
  // A frame whose colour scheme differs from its page's is painted opaque; the frames draw their own background.
  setStyles(frame, { "color-scheme": "light", border: "0", ...styles });
  return { frame, channel };
}

/**
 * Act when a frame has loaded something that is not its page: an error of the server or of the network. A page of ours says
 * hello while it loads, but that word may arrive a little after the news of the loading.
 * @param {HTMLIFrameElement} frame
 * @param {() => boolean} hasSaidHello
 * @param {() => void} act
 */
export function whenLost(frame, hasSaidHello, act) {
  frame.addEventListener("load", () => {
    setTimeout(() => {
      if (frame.isConnected && !hasSaidHello()) act();
    }, HELLO_MILLISECONDS);
  });
}

/**
 * @param {HTMLElement} element
 * @param {Record<string, string>} styles Property names as CSS writes them.
 */
export function setStyles(element, styles) {
  for (const [name, value] of Object.entries(styles)) element.style.setProperty(name, value, "important");
}

/** @returns {string} Twelve random letters and digits. */
function randomWord() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => (byte % 36).toString(36)).join("");
}
