// @ts-check
/** Says that the waiting page is there; it tells nothing else, so any origin may hear it. */

window.opener?.postMessage({ channel: "paypal-waiting" }, "*");
