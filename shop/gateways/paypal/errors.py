"""PayPal's errors in our words, said once.

    no connection                                ProviderUnavailable   (shop.gateways.transport)
    reset, no answer in time                     OutcomeUnknown        (shop.gateways.transport)
    5xx                                          OutcomeUnknown        repeat with the same key
    409 (the first call is still under way)      StillRunning          the same; PayPal itself is well
    429                                          RateLimited           was not carried out
    401 after a fresh token, 403                 WrongCredentials
    404                                          ObjectMissing
    422 PAYPAL_REQUEST_ID_PREVIOUSLY_USED        KeyReused
    422 with an issue of the payer's             Declined              shop.gateways.paypal.declines
    other 4xx                                    ProviderRejected      code is the first issue

The body of an error is `{name, message, debug_id, details: [{issue, description, field}]}`.
"""

from __future__ import annotations

import json
from typing import Any

from shop.errors import (
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
from shop.gateways.paypal.declines import TABLE

KEY_REUSED = frozenset({"PAYPAL_REQUEST_ID_PREVIOUSLY_USED", "DUPLICATE_REQUEST_ID"})
UNDER_WAY = frozenset({"PREVIOUS_REQUEST_IN_PROGRESS", "ORDER_COMPLETION_IN_PROGRESS"})


def translate(status: int, body: str) -> ShopError:
    """Return our error for an answer that is not 2xx; the decision stands in the table above."""
    error = _parsed(body)
    detail = _first_detail(error)
    issue = str(detail.get("issue") or error.get("name") or error.get("error") or "")
    said = detail.get("description") or error.get("message") or error.get("error_description") or ""
    words = redaction.scrub(f"PayPal answered {status} {issue}: {said}")
    if status == 429:
        return RateLimited(words)
    if status == 409 or issue in UNDER_WAY:
        return StillRunning(words)
    if not 400 <= status < 500:
        return OutcomeUnknown(words)
    if status in (401, 403):
        return WrongCredentials(words)
    if status == 404:
        return ObjectMissing(words)
    if issue in KEY_REUSED:
        return KeyReused(words)
    if status == 422 and issue in TABLE:
        return Declined(redaction.scrub(str(said)), issue)
    return ProviderRejected(words, code=issue, param=str(detail.get("field") or ""))


def _parsed(body: str) -> dict[str, Any]:
    """Read an error's body; one that is not JSON (a proxy's page) says nothing."""
    try:
        error = json.loads(body)
    except ValueError:
        return {}
    return error if isinstance(error, dict) else {}


def _first_detail(error: dict[str, Any]) -> dict[str, Any]:
    details = error.get("details")
    first = details[0] if isinstance(details, list) and details else {}
    return first if isinstance(first, dict) else {}
