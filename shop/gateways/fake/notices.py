"""Webhooks of the fake provider, signed as Stripe's are."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime

from shop.errors import NoticeRejected
from shop.gateways.base import Mode, Notice, NoticeKind, Provider

HEADER = "Fake-Signature"
TOLERANCE = 300  # seconds, to either side
FIELDS = ("event_id", "type", "kind", "external_id")


class FakeNotices:
    """Implements `shop.gateways.base.NoticeReader`."""

    def __init__(self, secret: str, provider: Provider = Provider.STRIPE, mode: Mode = Mode.TEST) -> None:
        self.provider = provider
        self._secret = secret
        self._mode = mode

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Return what a verified webhook points at, or raise NoticeRejected."""
        signature = next((value for name, value in headers.items() if name.lower() == HEADER.lower()), "")
        signed_at, _, _ = signature.partition(".")
        if not signed_at.isdigit() or abs(int(signed_at) - now.timestamp()) > TOLERANCE:
            raise NoticeRejected("signed too long ago, or not at all")
        if not hmac.compare_digest(signature.encode(), _signature(self._secret, int(signed_at), body).encode()):
            raise NoticeRejected("the signature does not match")
        told = json.loads(body)
        if not isinstance(told, dict) or not all(isinstance(told.get(name), str) for name in FIELDS):
            raise NoticeRejected("the body is not a notice")
        if told.get("mode") != self._mode:
            raise NoticeRejected(f"the notice does not belong to {self._mode} mode")
        return Notice(
            provider=self.provider,
            mode=self._mode,
            event_id=told["event_id"],
            type=told["type"],
            kind=NoticeKind(told["kind"]),
            external_id=told["external_id"],
            payment_external_id=told.get("payment_external_id"),
            payload=told,
        )


def signed(
    secret: str,
    now: datetime,
    *,
    event_id: str,
    kind: NoticeKind,
    external_id: str,
    payment_external_id: str | None = None,
    event_type: str = "fake.changed",
    mode: Mode = Mode.TEST,
) -> tuple[dict[str, str], bytes]:
    """Return the headers and body of a genuine notice."""
    body = json.dumps(
        {
            "event_id": event_id,
            "type": event_type,
            "kind": kind,
            "external_id": external_id,
            "payment_external_id": payment_external_id,
            "mode": mode,
        }
    ).encode()
    return {HEADER: _signature(secret, int(now.timestamp()), body)}, body


def _signature(secret: str, signed_at: int, body: bytes) -> str:
    digest = hmac.new(secret.encode(), b"%d." % signed_at + body, hashlib.sha256).hexdigest()
    return f"{signed_at}.{digest}"
