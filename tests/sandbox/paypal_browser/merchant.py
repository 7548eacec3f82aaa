"""The smallest shop that takes PayPal: it makes orders, captures them, and writes down what its page was told."""

from __future__ import annotations

from typing import Any

import requests
from flask import Flask, Response, request

from sandbox.running import Sandbox

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">
<script src="{sdk}/web-sdk/v6/core"></script><script src="/shop.js" defer></script></head>
<body><main><h1>Shop</h1><paypal-button type="{type}" id="pay"></paypal-button>
<ol id="log"></ol></main></body></html>"""

SCRIPT = """
const query = new URLSearchParams(location.search);
const log = (...words) => {
  const line = document.createElement("li");
  line.textContent = words.map((w) => (typeof w === "string" ? w : JSON.stringify(w))).join(" ");
  document.querySelector("#log").append(line);
};
const createOrder = async () => {
  if (query.has("again")) return { orderId: query.get("again") };
  const answer = await fetch("/orders", { method: "POST" });
  if (!answer.ok) throw new Error("the shop could not make the order");
  return answer.json();
};
(async () => {
  const sdk = await window.paypal.createInstance({
    clientId: "sandbox-client", components: ["paypal-payments"], pageType: "checkout",
    locale: query.get("locale") ?? "en-US",
  });
  const methods = await sdk.findEligibleMethods({ currencyCode: query.get("currency") ?? "EUR" });
  log("eligible", methods.isEligible("paypal"), methods.isEligible("venmo"));
  const session = sdk.createPayPalOneTimePaymentSession({
    onApprove: async (data) => {
      log("approved", data);
      const answer = await fetch(`/orders/${data.orderId}/capture`, { method: "POST" });
      const { status, issue } = await answer.json();
      log("capture", status ?? issue);
    },
    onCancel: (data) => log("cancelled", data),
    onError: (error) => log("error", error.code, error.message),
    onComplete: (data) => log("complete", data),
  });
  window.session = session;
  window.createOrder = createOrder;
  const start = async (mode) => {
    try {
      const result = await session.start({ presentationMode: mode ?? query.get("mode") ?? "auto" }, createOrder());
      log("started", result ?? "");
    } catch (error) {
      log("rejected", error.code, String(error.isRecoverable));
    }
  };
  window.start = start;
  if (session.hasReturned()) { log("returned"); await session.resume(); }
  document.querySelector("#pay").addEventListener("click", () => start());
  log("ready");
})().catch((error) => log("broken", error.code, error.message));
"""

# No 'unsafe-inline' and no nonce anywhere: what the SDK draws must not need them.
POLICY = (
    "default-src 'none'; script-src 'self' {sdk}; style-src 'self'; connect-src 'self' {sdk}; frame-src {sdk}; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Merchant:
    """The shop and what it remembers."""

    def __init__(self, sandbox: Sandbox, address: str) -> None:
        self.app = Flask(__name__)
        self.address = address
        self.sandbox = sandbox
        self.fails_to_create = False
        self.expected: list[str] = []
        self._api = requests.Session()
        self._api.trust_env = False
        self._count = 0

    def expects(self, complaint: str) -> bool:
        """Tell whether a console error belongs to the test."""
        return any(words in complaint for words in self.expected)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        """Call PayPal's API as the shop's server."""
        self._count += 1
        api = self.sandbox.paypal_api
        token = self._api.post(
            f"{api}/v1/oauth2/token",
            auth=("sandbox-client", "sandbox-secret"),
            data={"grant_type": "client_credentials"},
            timeout=5,
        ).json()["access_token"]
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "PayPal-Request-Id": f"merchant-{self._count}",
        }
        return self._api.request(method, api + path, json=body, headers=headers, timeout=5)

    def order(self, **context: str) -> str:
        """Make an order of two things and return its id."""
        body = {
            "intent": "CAPTURE",
            "purchase_units": [ORDER_UNIT],
            "payment_source": {
                "paypal": {
                    "experience_context": {
                        "brand_name": "Tidewater Tea",
                        "user_action": "PAY_NOW",
                        "shipping_preference": "SET_PROVIDED_ADDRESS",
                        "return_url": f"{self.address}/?kept=1",
                        "cancel_url": f"{self.address}/?left=1",
                        **context,
                    }
                }
            },
        }
        made = self.call("POST", "/v2/checkout/orders", body)
        assert made.status_code in (200, 201), made.text
        return str(made.json()["id"])

    def status(self, order_id: str) -> str:
        """Ask PayPal what became of an order."""
        return str(self.call("GET", f"/v2/checkout/orders/{order_id}").json()["status"])


ORDER_UNIT: dict[str, Any] = {
    "description": "Tea",
    "amount": {
        "currency_code": "EUR",
        "value": "29.40",
        "breakdown": {
            "item_total": {"currency_code": "EUR", "value": "24.50"},
            "shipping": {"currency_code": "EUR", "value": "4.90"},
        },
    },
    "items": [
        {
            "name": "Keemun, 100 g",
            "quantity": "2",
            "category": "PHYSICAL_GOODS",
            "unit_amount": {"currency_code": "EUR", "value": "9.75"},
        },
        {
            "name": "Tea scoop",
            "quantity": "1",
            "description": "Brass",
            "category": "PHYSICAL_GOODS",
            "unit_amount": {"currency_code": "EUR", "value": "5.00"},
        },
    ],
    "shipping": {
        "name": {"full_name": "Alice Archer"},
        "address": {
            "address_line_1": "12 Harbour Street",
            "admin_area_2": "Portland",
            "admin_area_1": "ME",
            "postal_code": "04101",
            "country_code": "US",
        },
    },
}


def create_merchant(sandbox: Sandbox, address: str) -> Merchant:
    """Build the shop for one address."""
    merchant = Merchant(sandbox, address)
    app, sdk = merchant.app, sandbox.paypal_origin

    @app.get("/")
    def shop() -> Response:
        response = Response(PAGE.format(sdk=sdk, type=request.args.get("type", "pay")), mimetype="text/html")
        # A page that may open no windows is what a blocker makes of any page.
        blocked = "; sandbox allow-scripts allow-same-origin allow-forms" if "blocked" in request.args else ""
        response.headers["Content-Security-Policy"] = POLICY.format(sdk=sdk) + blocked
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
        return response

    @app.get("/shop.js")
    def script() -> Response:
        return Response(SCRIPT, mimetype="text/javascript")

    @app.post("/orders")
    def create() -> Any:
        if merchant.fails_to_create:
            return {"error": "sold out"}, 409
        return {"orderId": merchant.order()}

    @app.post("/orders/<order_id>/capture")
    def capture(order_id: str) -> Any:
        answer = merchant.call("POST", f"/v2/checkout/orders/{order_id}/capture")
        body = answer.json()
        return {"status": body.get("status"), "issue": (body.get("details") or [{}])[0].get("issue")}

    return merchant
