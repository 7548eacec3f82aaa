/** Checkout: another country or another way of shipping changes what it costs; the server says how much. */

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("checkout"));
let asked = 0;

/** @param {HTMLFormElement} of */
async function refresh(of) {
  const turn = ++asked;
  const target = of.getAttribute("action") ?? ""; // `of.action` would be the button of that name
  const parts = document.querySelectorAll("[data-refresh]");
  parts.forEach((part) => part.setAttribute("aria-busy", "true"));
  const body = new FormData(of);
  body.set("action", "refresh");
  try {
    const response = await fetch(target, { method: "POST", body });
    if (turn === asked && response.ok && !response.redirected) swap(await response.text(), parts);
    if (response.redirected) window.location.assign(response.url);
  } finally {
    if (turn === asked) parts.forEach((part) => part.removeAttribute("aria-busy"));
  }
}

/**
 * Put the new parts in place of the old, and give the focus back to what had it.
 * @param {string} html
 * @param {NodeListOf<Element>} parts
 */
function swap(html, parts) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const focused = document.activeElement instanceof HTMLInputElement ? document.activeElement.value : "";
  parts.forEach((part) => {
    const name = part.getAttribute("data-refresh");
    const fresh = page.querySelector(`[data-refresh="${name}"]`);
    if (fresh) part.replaceChildren(...fresh.childNodes);
  });
  const again = focused && document.querySelector(`input[name="shipping"][value="${CSS.escape(focused)}"]`);
  if (again instanceof HTMLInputElement) again.focus();
}

form?.addEventListener("change", (event) => {
  const target = event.target;
  if (target instanceof Element && ["country", "shipping"].includes(target.getAttribute("name") ?? "")) void refresh(form);
});

// The first marked field has the focus already; an error without a field of its own is told at the top.
if (!document.querySelector("[aria-invalid]")) document.getElementById("error-summary")?.focus();
