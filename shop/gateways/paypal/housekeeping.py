"""Setting PayPal up: whose keys these are, and where its webhooks go.

The server SDK has no requests for webhooks; any object with verb, path, headers and body will do for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shop.gateways.base import BACKGROUND, Mode, Provider
from shop.gateways.housekeeping import Account, Endpoint
from shop.gateways.paypal.client import PayPalClient

# Whatever tells that a payment or a refund may have changed.
EVENTS = (
    "CHECKOUT.ORDER.APPROVED",
    "CHECKOUT.ORDER.COMPLETED",
    "PAYMENT.AUTHORIZATION.CREATED",
    "PAYMENT.AUTHORIZATION.VOIDED",
    "PAYMENT.CAPTURE.COMPLETED",
    "PAYMENT.CAPTURE.DECLINED",
    "PAYMENT.CAPTURE.PENDING",
    "PAYMENT.CAPTURE.REFUNDED",
    "PAYMENT.CAPTURE.REVERSED",
)
WEBHOOKS = "/v1/notifications/webhooks"


@dataclass
class Request:
    """A request in the shape that the SDK's client sends."""

    verb: str
    path: str
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    body: Any = None


class PayPalHousekeeping:
    """Implements `Housekeeping`. An endpoint's id is the PAYPAL_WEBHOOK_ID that proofs need."""

    provider = Provider.PAYPAL

    def __init__(self, client: PayPalClient, mode: Mode) -> None:
        self._client = client
        self._mode = mode

    def account(self) -> Account:
        """Return that the keys are taken; PayPal does not tell an app's merchant id without more rights."""
        self._client.call(Request("GET", WEBHOOKS), BACKGROUND)
        return Account("", self._mode)

    def endpoints(self) -> list[Endpoint]:
        """Return the registered addresses of this app."""
        answer = self._client.call(Request("GET", WEBHOOKS), BACKGROUND)
        return [_endpoint(found) for found in answer.get("webhooks") or []]

    def register(self, url: str, key: str) -> Endpoint:
        """Register an address; PayPal refuses a second registration of the same one."""
        body = {"url": url, "event_types": _event_types()}
        return _endpoint(self._client.call(Request("POST", WEBHOOKS), BACKGROUND, key, body))

    def adjust(self, endpoint: Endpoint) -> Endpoint:
        """Make a webhook listen to all our events; PayPal's webhooks cannot be disabled."""
        change = [{"op": "replace", "path": "/event_types", "value": _event_types()}]
        request = Request("PATCH", f"{WEBHOOKS}/{endpoint.external_id}", body=change)
        return _endpoint(self._client.call(request, BACKGROUND))


def _event_types() -> list[dict[str, str]]:
    return [{"name": name} for name in EVENTS]


def _endpoint(found: dict[str, Any]) -> Endpoint:
    listens = {entry["name"] for entry in found.get("event_types") or []}
    misses = () if "*" in listens else tuple(event for event in EVENTS if event not in listens)
    return Endpoint(found["id"], found["url"], True, misses)
