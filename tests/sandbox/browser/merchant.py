"""The smallest shop that takes cards through stripe.js: one page under a strict policy, and what reached its server."""

from __future__ import annotations

from typing import Any

import stripe
from flask import Flask, Response, jsonify, request

from sandbox.running import Sandbox

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/shop.css">
<script src="{script}"></script><script src="/shop.js" defer></script></head>
<body><h1>Shop</h1><form id="form"><div id="payment"></div><button id="pay">Pay</button></form>
<p id="result" role="status"></p></body></html>"""

# What the page does: opens Elements as `?options` (JSON) say, pays on click, and writes down every event and result.
SCRIPT = """
const query = new URLSearchParams(location.search);
const read = (name) => JSON.parse(query.get(name) ?? "{}");
window.events = [];
window.results = [];
window.open_ = (options, element = {}) => {
  window.elements = window.stripe.elements(options);
  window.element = window.elements.create("payment", element);
  for (const name of ["ready", "change", "focus", "blur", "escape", "loaderror", "loaderstart"]) {
    window.element.on(name, (event) => window.events.push({ name, ...event }));
  }
  window.element.mount("#payment");
};
window.pay = async () => {
  const submitted = await window.elements.submit();
  if (submitted.error) return submitted;
  const isSetup = query.has("setup");
  let clientSecret = query.get("secret") ?? window.secret;
  if (!clientSecret) {
    const made = await fetch(isSetup ? "/setups" : "/intents", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(read("intent")),
    });
    clientSecret = (await made.json()).client_secret;
  }
  window.secret = clientSecret;
  const confirmParams = { return_url: location.origin + "/return?order=7", ...read("params") };
  const redirect = query.get("redirect") ?? "if_required";
  const confirm = isSetup ? "confirmSetup" : "confirmPayment";
  return window.stripe[confirm]({ elements: window.elements, clientSecret, confirmParams, redirect });
};
document.querySelector("#form").addEventListener("submit", async (event) => {
  event.preventDefault();
  let result;
  try {
    result = await window.pay();
  } catch (error) {
    result = { thrown: error.name, message: error.message };
  }
  window.results.push(result);
  const { error, thrown } = result;
  document.querySelector("#result").textContent =
    thrown ?? error?.message ?? (result.paymentIntent ?? result.setupIntent).status;
});
if (location.pathname === "/" && !query.has("bare")) {
  window.stripe = window.Stripe("pk_test_sandbox", read("stripe"));
  window.open_(read("options"), read("element"));
}
"""

STYLE = "body { max-width: 34rem; margin: 2rem auto; font-family: sans-serif } #payment { min-height: 18rem }"

# As strict as a shop can be and still embed Stripe: no inline script, no inline style, and no connection but to itself,
# because all of stripe.js's own calls go through a frame.
POLICY = (
    "default-src 'none'; script-src 'self' {origin}; style-src 'self'; frame-src {origin}; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Merchant:
    """The shop's server, its Stripe client, and everything a browser sent to it."""

    def __init__(self, sandbox: Sandbox, address: str) -> None:
        self.sandbox = sandbox
        self.address = address
        self.received: list[str] = []
        self.expected_complaints: list[str] = []  # words of console errors that belong to a test
        self.client = stripe.StripeClient(
            "sk_test_sandbox",
            base_addresses={"api": sandbox.stripe_api, "files": sandbox.stripe_api},
            max_network_retries=0,
        )
        self.app = _create_app(self)

    def intent(self, **params: Any) -> Any:
        """Make a PaymentIntent of 24.50 euros, or as told."""
        return self.client.v1.payment_intents.create({"amount": 2450, "currency": "eur", **params})  # type: ignore[typeddict-item]

    def setup(self, **params: Any) -> Any:
        """Make a SetupIntent."""
        return self.client.v1.setup_intents.create(params)  # type: ignore[arg-type]

    def status(self, intent_id: str) -> str:
        """Ask Stripe what became of an intent."""
        intents = self.client.v1.setup_intents if intent_id.startswith("seti_") else self.client.v1.payment_intents
        return str(intents.retrieve(intent_id).status)


def _create_app(merchant: Merchant) -> Flask:
    app = Flask("merchant")
    origin = merchant.sandbox.stripe_origin

    @app.before_request
    def note() -> None:
        merchant.received.append(f"{request.method} {request.url} {request.get_data(as_text=True)}")

    @app.get("/")
    @app.get("/return")
    def shop() -> Response:
        path = "/stripe.js" if request.path == "/" else "/v3/"
        response = Response(PAGE.format(script=origin + path), mimetype="text/html")
        response.headers["Content-Security-Policy"] = POLICY.format(origin=origin)
        return response

    @app.get("/shop.js")
    def script() -> Response:
        return Response(SCRIPT, mimetype="text/javascript")

    @app.get("/shop.css")
    def style() -> Response:
        return Response(STYLE, mimetype="text/css")

    @app.post("/intents")
    def make_intent() -> Response:
        return jsonify(client_secret=merchant.intent(**request.get_json()).client_secret)

    @app.post("/setups")
    def make_setup() -> Response:
        return jsonify(client_secret=merchant.setup(**request.get_json()).client_secret)

    return app
