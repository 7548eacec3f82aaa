"""Stripe's webhooks: verified on the raw bytes, then read only for where to look.

docs.stripe.com/webhooks/signatures. Checked here and not by the SDK, which takes one secret, its own
clock and a timestamp from any time in the future.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shop.errors import NoticeRejected
from shop.gateways.base import Mode, Notice, NoticeKind, Provider
from shop.gateways.redaction import without_secrets

TOLERANCE = 300  # seconds, to either side
HEADER = "stripe-signature"


class StripeNotices:
    """Implements `shop.gateways.base.NoticeReader`. Any of `secrets` may have signed: one is being rolled."""

    provider = Provider.STRIPE

    def __init__(self, secrets: Sequence[str], mode: Mode) -> None:
        self._secrets = [secret.encode() for secret in secrets if secret.strip()]
        self._mode = mode

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Return what a verified webhook points at; a thin event (it carries no object) is OTHER."""
        signature = next((value for name, value in headers.items() if name.lower() == HEADER), "")
        self._verify(signature, body, int(now.timestamp()))
        event = _parsed(body)
        if event.get("livemode") is not (self._mode is Mode.LIVE):
            raise NoticeRejected(f"the event does not belong to {self._mode} mode")
        return notice(event, self._mode)

    def _verify(self, header: str, body: bytes, now: int) -> None:
        timestamp, signatures = _parts(header)
        if abs(now - timestamp) > TOLERANCE:
            raise NoticeRejected(f"signed {now - timestamp} seconds ago; at most {TOLERANCE} are accepted")
        signed = b"%d." % timestamp + body
        expected = [hmac.new(secret, signed, hashlib.sha256).hexdigest().encode() for secret in self._secrets]
        # Every pair is compared, so that the time taken tells nothing.
        matches = [hmac.compare_digest(mine, theirs) for mine in expected for theirs in signatures]
        if not any(matches):
            raise NoticeRejected("no signature matches a secret of ours")


def _parts(header: str) -> tuple[int, list[bytes]]:
    """Read `t=…,v1=…,v1=…`; other schemes are ignored: v0 is for tests and proves nothing."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    signatures = [value.encode() for name, _, value in pairs if name == "v1"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()) or len(times[0]) > 12:
        raise NoticeRejected("the signature header is missing or has no timestamp")
    if not signatures:
        raise NoticeRejected("the signature header carries no v1 signature")
    return int(times[0]), signatures


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except ValueError as exc:
        raise NoticeRejected("the body is not JSON") from exc
    if not isinstance(event, dict) or not isinstance(event.get("id"), str) or not isinstance(event.get("type"), str):
        raise NoticeRejected("the body is not an event")
    return event


def notice(event: dict[str, Any], mode: Mode) -> Notice:
    """Return where an event says to look: one that was signed, or one that was asked for with our key."""
    data = event.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    about = about if isinstance(about, dict) else {}
    external_id = str(about.get("id") or "")
    payment = external_id if event["type"].startswith("payment_intent.") else _id(about.get("payment_intent"))
    kind = _kind(event["type"], payment)
    if kind is NoticeKind.OTHER and (owner := _owner(event["type"], about, data)):
        kind, external_id = NoticeKind.WALLET, owner
    return Notice(
        provider=Provider.STRIPE,
        mode=mode,
        event_id=event["id"],
        type=event["type"],
        kind=kind,
        external_id=external_id,
        payment_external_id=payment,
        payload=without_secrets(event),
    )


def _kind(event_type: str, payment: str | None) -> NoticeKind:
    """Say what to fetch; a charge without a PaymentIntent is none of ours, a dispute is not a payment's news."""
    if event_type.startswith("refund.") or event_type == "charge.refund.updated":
        return NoticeKind.REFUND
    if event_type.startswith("charge.dispute."):
        return NoticeKind.OTHER
    if event_type.startswith(("payment_intent.", "charge.")) and payment:
        return NoticeKind.PAYMENT
    return NoticeKind.OTHER


def _owner(event_type: str, about: dict[str, Any], data: object) -> str | None:
    """Return the customer whose saved methods an event is about; None for any other event.

    A method that was detached has no customer any more; whose it was stands among what changed.
    """
    if event_type in ("customer.deleted", "customer.updated"):
        return _id(about.get("id"))
    if not event_type.startswith(("payment_method.", "setup_intent.")):
        return None
    before = data.get("previous_attributes") if isinstance(data, dict) else None
    return _id(about.get("customer")) or (_id(before.get("customer")) if isinstance(before, dict) else None)


def _id(expandable: object) -> str | None:
    """Return an id, whether it stands alone or in an expanded object."""
    if isinstance(expandable, dict):
        expandable = expandable.get("id")
    return str(expandable) if expandable else None
