"""The door to Stripe: SDK clients without globals, on our own wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import stripe

from shop.gateways.base import Patience
from shop.gateways.transport import Wire


class WireClient(stripe.HTTPClient):
    """What the SDK sends its requests with: our wire, at one patience. Errors of the wire pass through the SDK."""

    name = "requests"

    def __init__(self, wire: Wire, patience: Patience) -> None:
        super().__init__()
        self._wire = wire
        self._patience = patience

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """Send one request and return body, status and headers, as the SDK expects them."""
        sent = headers or {}
        key = sent.get("Idempotency-Key", "")
        answer = self._wire.send(method.upper(), url, sent, post_data, self._patience, key)
        return answer.content, answer.status_code, answer.headers


class StripeApi:
    """One account at one address. The API version is the one that the pinned SDK was made for.

    The SDK's own retries are off: ours are the only ones. It knows no timeout per call, so there is one
    (cheap) SDK client for each patience in use, all of them on one wire.
    """

    def __init__(self, secret_key: str, wire: Wire) -> None:
        self._secret_key = secret_key
        self._wire = wire
        self._clients: dict[Patience, stripe.StripeClient] = {}

    def at(self, patience: Patience) -> stripe.StripeClient:
        """Return the SDK's client whose calls last no longer than that."""
        if patience not in self._clients:
            self._clients[patience] = stripe.StripeClient(
                self._secret_key,
                base_addresses={"api": self._wire.base_url},
                max_network_retries=0,
                http_client=WireClient(self._wire, patience),
            )
        return self._clients[patience]
