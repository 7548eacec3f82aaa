/**
 * The modal around the bank's page: a dimmed window with a button to close it.
 *
 * Stripe's modal nests the bank's page in a frame called `challengeFrame`; this one does too.
 */
import { frameParameters, Wire } from "../shared/wire.js";

const { channel, origin, authentication } = frameParameters();
const address = `/3ds/${encodeURIComponent(String(authentication))}`;

const bank = document.createElement("iframe");
bank.id = "challengeFrame";
bank.name = "challengeFrame";
bank.title = "Your bank";
bank.src = address;

const close = document.createElement("button");
close.type = "button";
close.className = "Close";
close.id = "challenge-close";
close.setAttribute("aria-label", "Close");
close.textContent = "×";

const box = document.createElement("div");
box.className = "Modal";
box.append(bank, close);
document.body.append(box);

const wire = new Wire(() => window.parent, origin, channel, { onclose: cancel });
let isDone = false;

/** Tell the sandbox that the customer gave up; then the merchant's page reads the intent. */
async function cancel() {
  if (isDone) return;
  isDone = true;
  try {
    await fetch(address, { method: "POST", body: new URLSearchParams({ outcome: "cancel" }), redirect: "manual" });
  } finally {
    wire.emit("finished");
  }
}

close.addEventListener("click", () => void cancel());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") void cancel();
});
window.addEventListener("message", (event) => {
  if (event.origin !== window.location.origin || event.source !== bank.contentWindow) return;
  if (event.data === "close") void cancel();
  if (event.data === "finished" && !isDone) {
    isDone = true;
    wire.emit("finished");
  }
});
wire.hello();
bank.focus();
