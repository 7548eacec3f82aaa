"""PayPal's webhooks: verified here, on the raw bytes, without asking PayPal about each.

What is signed is `id|time|webhook id|CRC32 of the body` (developer.paypal.com, "verify webhook signature").
CRC32 is no hash: a body can be bent to keep it. So even a verified body only says where to look, and
whatever it claims is fetched from PayPal before money is believed to have moved.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from shop.errors import NoticeRejected
from shop.gateways.base import Mode, Notice, NoticeKind, Provider
from shop.gateways.paypal.certificates import Certificates
from shop.gateways.redaction import without_secrets

Json = dict[str, Any]

ALGORITHM = "SHA256withRSA"
# PayPal repeats a webhook for three days, and does not say whether a repeat is signed anew. A replayed
# notice does no harm: its event id is known, and it only makes us look. So the window is wide.
OLDEST = timedelta(days=4)
NEWEST = timedelta(minutes=5)
ORDER_EVENTS = ("CHECKOUT.ORDER.", "CHECKOUT.PAYMENT-APPROVAL.")
PAYMENT_EVENTS = ("PAYMENT.CAPTURE.", "PAYMENT.AUTHORIZATION.", "PAYMENT.REFUND.")


class PayPalNotices:
    """Implements `shop.gateways.base.NoticeReader` for one webhook, or several while one takes over from another.

    PayPal's events carry no mode: it is the mode of the account whose webhook id was signed.
    """

    provider = Provider.PAYPAL

    def __init__(self, webhook_ids: Sequence[str], certificates: Certificates, mode: Mode) -> None:
        self._webhook_ids = tuple(webhook_ids)
        self._certificates = certificates
        self._mode = mode

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Return what a verified webhook points at."""
        self._verify({name.lower(): value for name, value in headers.items()}, body, now)
        return notice(_parsed(body), self._mode)

    def _verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        transmission, sent_at = _header(headers, "transmission-id"), _header(headers, "transmission-time")
        if headers.get("paypal-auth-algo") != ALGORITHM:
            raise NoticeRejected(f"signed with something other than {ALGORITHM}")
        _check_time(sent_at, now)
        signature = _decoded(_header(headers, "transmission-sig"))
        key = self._certificates.key(_header(headers, "cert-url"), now)
        texts = (f"{transmission}|{sent_at}|{webhook}|{zlib.crc32(body)}" for webhook in self._webhook_ids)
        if not any(_is_signed(key, signature, text.encode()) for text in texts):
            raise NoticeRejected("the signature does not match")


def notice(event: Json, mode: Mode) -> Notice:
    """Return where an event says to look: one that was signed, or one that was asked for with our keys."""
    kind, external_id, order_id = _about(event)
    return Notice(
        provider=Provider.PAYPAL,
        mode=mode,
        event_id=event["id"],
        type=event["event_type"],
        kind=kind,
        external_id=external_id,
        payment_external_id=order_id,
        payload=without_secrets(event),
        occurred_at=_moment(event.get("create_time")),
    )


def _is_signed(key: RSAPublicKey, signature: bytes, text: bytes) -> bool:
    try:
        key.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(f"paypal-{name}", "")
    if not value or len(value) > 1024:
        raise NoticeRejected(f"the header paypal-{name} is missing or too long")
    return value


def _check_time(sent_at: str, now: datetime) -> None:
    try:
        moment = datetime.fromisoformat(sent_at)
    except ValueError as exc:
        raise NoticeRejected("the transmission time cannot be read") from exc
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not now - OLDEST <= moment <= now + NEWEST:
        raise NoticeRejected("the transmission time is too far from now")


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except ValueError as exc:
        raise NoticeRejected("the signature is not base64") from exc


def _parsed(body: bytes) -> Json:
    try:
        event = json.loads(body)
    except ValueError as exc:
        raise NoticeRejected("the body is not JSON") from exc
    if not isinstance(event, dict) or not all(isinstance(event.get(name), str) for name in ("id", "event_type")):
        raise NoticeRejected("the body is not an event")
    return event


def _about(event: Json) -> tuple[NoticeKind, str, str | None]:
    """Return what to fetch: the kind, the resource's id, and the order it belongs to where the event tells it.

    PAYMENT.CAPTURE.REFUNDED is about a refund, whatever its name; PayPal's `resource_type` decides.
    """
    resource = event.get("resource")
    resource = resource if isinstance(resource, dict) else {}
    external_id = str(resource.get("id") or "")
    name = event["event_type"]
    if name.startswith(ORDER_EVENTS):
        kind = NoticeKind.APPROVAL if name == "CHECKOUT.ORDER.APPROVED" else NoticeKind.PAYMENT
        return (kind if external_id else NoticeKind.OTHER), external_id, external_id or None
    if not name.startswith(PAYMENT_EVENTS):
        return NoticeKind.OTHER, external_id, None
    related = (resource.get("supplementary_data") or {}).get("related_ids") or {}
    order_id = str(related.get("order_id") or "") or None
    if event.get("resource_type") == "refund" or name.startswith("PAYMENT.REFUND."):
        return NoticeKind.REFUND, external_id, order_id
    return (NoticeKind.PAYMENT if order_id else NoticeKind.OTHER), external_id, order_id
