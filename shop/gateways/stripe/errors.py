"""Stripe's errors in our words, said once.

    no connection                      ProviderUnavailable   (shop.gateways.transport)
    reset, no answer in time           OutcomeUnknown        (shop.gateways.transport)
    5xx                                OutcomeUnknown        repeat with the same key
    5xx, Idempotent-Replayed: true     AnswerStored          look for the object; else the next key
    409 (the key is in flight)         StillRunning          the same; Stripe itself is well
    429                                RateLimited           was not carried out
    Stripe-Should-Retry: true          OutcomeUnknown        whatever the status: Stripe asks for a repeat
    401, 403                           WrongCredentials
    404 resource_missing               ObjectMissing
    400 idempotency_error              KeyReused
    402                                Declined
    other 4xx                          ProviderRejected

`Stripe-Should-Retry: false` on a 5xx means that the answer is stored under the key and would only be played
again. The repeat shows that by its Idempotent-Replayed header: the object is then looked for by our reference,
and made with the next derived key where it never came to be.
docs.stripe.com/error-low-level
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from shop.errors import (
    AnswerStored,
    Declined,
    KeyReused,
    ObjectMissing,
    OutcomeUnknown,
    ProviderRejected,
    RateLimited,
    ShopError,
    StillRunning,
    WrongCredentials,
)
from shop.gateways import redaction


@contextmanager
def translated() -> Iterator[None]:
    """Turn whatever the SDK raises inside the block into our own error."""
    try:
        yield
    except stripe.StripeError as exc:
        raise translate(exc) from exc


def translate(exc: stripe.StripeError) -> ShopError:
    """Return our error for one of the SDK's; the decision stands in the table above."""
    status = exc.http_status or 0
    said = redaction.scrub(exc.user_message or str(exc))
    if status == 429:
        return RateLimited(f"Stripe limits our calls: {said}")
    if status == 409:
        return StillRunning(f"Stripe is still at work on this key: {said}")
    if status >= 500 and _header(exc, "idempotent-replayed") == "true":
        return AnswerStored(f"Stripe plays its answer of {status} back: {said}")
    if _asks_for_a_repeat(exc) or not 400 <= status < 500:
        return OutcomeUnknown(f"Stripe answered {status}: {said}")
    if isinstance(exc, stripe.IdempotencyError):
        return KeyReused(said)
    if status in (401, 403):
        return WrongCredentials(f"Stripe refuses our key: {said}")
    if status == 402:
        return Declined(said, _decline_code(exc))
    if status == 404 and exc.code == "resource_missing":
        return ObjectMissing(said)
    return ProviderRejected(said, code=exc.code or "", param=getattr(exc, "param", None) or "")


def _asks_for_a_repeat(exc: stripe.StripeError) -> bool:
    return _header(exc, "stripe-should-retry") == "true"


def _header(exc: stripe.StripeError, name: str) -> str:
    headers = {one.lower(): value for one, value in (exc.headers or {}).items()}
    return str(headers.get(name, ""))


def _decline_code(exc: stripe.StripeError) -> str:
    """Return the issuer's code where Stripe passes it on, else Stripe's own."""
    details = (exc.json_body or {}).get("error", {}) if isinstance(exc.json_body, dict) else {}
    return str(details.get("decline_code") or exc.code or "generic_decline")
