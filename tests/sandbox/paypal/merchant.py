"""The merchant's client and its words: PayPal's official SDK, with every exchange judged on the way."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from paypalcheckoutsdk.core import PayPalEnvironment, PayPalHttpClient
from paypalcheckoutsdk.orders import OrdersCaptureRequest, OrdersCreateRequest, OrdersGetRequest
from paypalhttp import HttpError
from paypalhttp.encoder import Encoder
from paypalhttp.serializers import FormEncoded
from paypalhttp.serializers import Json as JsonSerializer

from sandbox.paypal.responses import approvals
from sandbox.running import Sandbox
from tests.sandbox.paypal import conformance

Json = dict[str, Any]
Until = Callable[[Callable[[], bool]], None]  # waits for a condition


@dataclass
class Request:
    """A call that the SDK has no class for; its client executes anything with these four."""

    verb: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


@dataclass
class Reply:
    """An answer as the tests look at it, refusals included."""

    status: int
    body: Json
    headers: dict[str, str]

    @property
    def issues(self) -> list[str]:
        """The issues of a refusal, in order."""
        return [detail["issue"] for detail in self.body.get("details", [])]


class RawJson(JsonSerializer):  # type: ignore[misc]  # the SDK has no types
    """The SDK's own serializer would write a webhook's event anew and so break its checksum; text goes out as it is."""

    def encode(self, request: Any) -> str:
        """Return text unchanged, anything else as JSON."""
        return request.body if isinstance(request.body, str) else json.dumps(request.body)


class Merchant(PayPalHttpClient):  # type: ignore[misc]  # the SDK has no types
    """PayPal's own client; `judged` lists the exchanges that were held against the schemas."""

    def __init__(self, sandbox: Sandbox, client_id: str = "sandbox-client") -> None:
        super().__init__(PayPalEnvironment(client_id, "sandbox-secret", sandbox.paypal_api, sandbox.paypal_origin))
        self.encoder = Encoder([RawJson(), FormEncoded()])
        self.sandbox = sandbox
        self.judged: list[tuple[str, str, int]] = []

    def parse_response(self, response: requests.Response) -> Any:
        """Judge an exchange, then let the SDK read it."""
        conformance.judge(response, self.judged)
        return super().parse_response(response)

    def call(self, request: Any, *, key: str = "", full: bool = False, mock: str = "") -> Reply:
        """Execute a request of the SDK's or of ours and return the answer, whatever its status."""
        if key:
            request.headers["PayPal-Request-Id"] = key
        if full:
            request.headers["Prefer"] = "return=representation"
        if mock:
            request.headers["PayPal-Mock-Response"] = json.dumps({"mock_application_codes": mock})
        try:
            answer = self.execute(request)
        except HttpError as error:
            return Reply(error.status_code, json.loads(error.message), dict(error.headers))
        return Reply(answer.status_code, answer.result.dict() if answer.result else {}, dict(answer.headers))

    def create(self, body: Json | None = None, **how: Any) -> Reply:
        """Create an order; without a body, the usual one."""
        return self.call(OrdersCreateRequest().request_body(body or order()), **how)

    def approve(self, order_id: str, source: str = "balance") -> approvals.Outcome:
        """Let Alice approve in the window."""
        return approvals.approve(self.sandbox.world, order_id, source)

    def capture(self, order_id: str, **how: Any) -> Reply:
        """Capture an order."""
        return self.call(OrdersCaptureRequest(order_id), **how)

    def show(self, order_id: str) -> Json:
        """Return an order, whole."""
        return self.call(OrdersGetRequest(order_id)).body

    def paid(self, body: Json | None = None, source: str = "balance", **how: Any) -> Json:
        """Create, approve and capture, and return the capture."""
        order_id = self.create(body).body["id"]
        self.approve(order_id, source)
        captures: list[Json] = self.capture(order_id, **how).body["purchase_units"][0]["payments"]["captures"]
        return captures[0]

    def events(self, event_type: str = "") -> list[Json]:
        """Return the events so far, oldest first."""
        found = self.sandbox.world.store.table("paypal.event").values()
        return [event for event in found if event_type in ("", event["event_type"])]


def order(value: str = "24.00", currency: str = "USD", *, intent: str = "CAPTURE", **unit: Any) -> Json:
    """Return the body of an order for one purchase unit."""
    amount = {"currency_code": currency, "value": value}
    return {"intent": intent, "purchase_units": [{"amount": amount, **unit}]}
