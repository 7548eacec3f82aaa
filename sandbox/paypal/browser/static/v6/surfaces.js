// @ts-check
import { popupBlocked } from "./errors.js";
import { createOverlay } from "./overlay.js";

/**
 * Where the approval page is shown: a window of its own, or a frame over the merchant's page.
 * @typedef {object} Surface
 * @property {"popup" | "modal"} mode
 * @property {Window | null} page where messages come from
 * @property {(address: string) => void} show
 * @property {() => void} focus
 * @property {() => void} close
 * @property {() => boolean} isGone the buyer closed it
 *
 * @typedef {{ origin: string, overlay: boolean, onDismiss: () => void }} Setting
 */

const WIDTH = 500;
const HEIGHT = 720;

// The waiting page is let load before anything else is done to its window: two navigations at once, each into another
// process, can leave a browser with neither, and a window told to close while it changes process can stay open. Should
// it never say that it has loaded, what was asked for is done all the same.
const LOAD_MS = 3000;

/**
 * Opens the surface at once, within the click, showing PayPal's waiting page until the order is known.
 * @param {"auto" | "popup" | "modal"} mode
 * @param {Setting} setting
 * @returns {Surface}
 * @throws {import("./errors.js").SdkError} recoverable, when the browser blocks the window and only a window was asked for
 */
export function openSurface(mode, setting) {
  if (mode === "modal") return openModal(setting);
  const opened = openPopup(setting);
  if (opened) return opened;
  if (mode === "popup") throw popupBlocked();
  return openModal(setting);
}

/**
 * @param {Setting} setting
 * @returns {Surface | undefined}
 */
function openPopup({ origin, overlay, onDismiss }) {
  const left = Math.round(window.screenX + Math.max(0, (window.outerWidth - WIDTH) / 2));
  const top = Math.round(window.screenY + Math.max(0, (window.outerHeight - HEIGHT) / 2));
  const features = `popup,width=${WIDTH},height=${HEIGHT},left=${left},top=${top}`;
  const page = window.open(waiting(origin), `paypal_${Date.now()}`, features);
  if (!page || page.closed) return undefined;
  const cover = overlay ? createOverlay({ onDismiss, onFocus: () => page.focus() }) : undefined;
  const waited = Promise.race([loaded(page, origin), elapsed(LOAD_MS)]);
  return {
    mode: "popup",
    page,
    show: (address) => {
      void waited.then(() => page.closed || (page.location.href = address));
    },
    focus: () => page.focus(),
    close: () => {
      void waited.then(() => page.close());
      cover?.remove();
    },
    isGone: () => page.closed,
  };
}

/**
 * @param {Setting} setting
 * @returns {Surface}
 */
function openModal({ origin, onDismiss }) {
  const frame = document.createElement("iframe");
  frame.title = "PayPal";
  frame.src = waiting(origin);
  const waited = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  const cover = createOverlay({ onDismiss, frame });
  return {
    mode: "modal",
    page: frame.contentWindow,
    show: (address) => {
      void waited.then(() => (frame.src = address));
    },
    focus: () => frame.focus(),
    close: () => cover.remove(),
    isGone: () => false,
  };
}

/**
 * Resolves when the waiting page in a window says that it has loaded.
 * @param {Window} page
 * @param {string} origin
 * @returns {Promise<void>}
 */
function loaded(page, origin) {
  const stop = new AbortController();
  return new Promise((resolve) => {
    /** @param {MessageEvent} event */
    const hear = (event) => {
      if (event.source !== page || event.origin !== origin || event.data?.channel !== "paypal-waiting") return;
      stop.abort();
      resolve();
    };
    window.addEventListener("message", hear, { signal: stop.signal });
  });
}

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
function elapsed(ms) {
  return new Promise((resolve) => window.setTimeout(resolve, ms));
}

/** @param {string} origin */
function waiting(origin) {
  return `${origin}/web-sdk/v6/waiting`;
}
