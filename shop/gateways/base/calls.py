"""How a provider is called: for how long, with which key, and what is written down of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shop.gateways.base.states import Provider


@dataclass(frozen=True)
class ApiCall:
    """One HTTP exchange with a provider, for the API log; `request` and `response` are redacted already.

    `status` is 0 when no answer came; `duration` is in milliseconds; `provider_date` is the answer's Date header.
    """

    provider: Provider
    verb: str
    path: str
    idempotency_key: str
    request_id: str
    status: int
    duration: float
    request: str
    response: str
    error: str = ""
    provider_date: datetime | None = None


# Told of every exchange, answered or not, before the caller knows its outcome: it must not raise.
Recorder = Callable[[ApiCall], None]


@dataclass(frozen=True)
class Patience:
    """How long a call may take, in seconds: `connect` to be answered at all, `read` for each wait on the socket."""

    connect: float
    read: float


INTERACTIVE = Patience(connect=1.0, read=2.0)
BACKGROUND = Patience(connect=3.0, read=20.0)


@dataclass(frozen=True)
class KeyLifetime:
    """For how many hours the provider keeps an idempotency key of each verb; past it nothing is sent again."""

    start: float
    capture: float
    refund: float
    cancel: float
    take: float  # the capture of an authorization
    wallet: float = 24


KEY_LIFETIME: Mapping[Provider, KeyLifetime] = {
    # docs.stripe.com/api/idempotent_requests: keys may be pruned after at least 24 hours.
    Provider.STRIPE: KeyLifetime(start=24, capture=24, refund=24, cancel=24, take=24),
    # developer.paypal.com, PayPal-Request-Id: 6 hours for orders, 45 days for payments.
    Provider.PAYPAL: KeyLifetime(start=6, capture=6, refund=45 * 24, cancel=45 * 24, take=45 * 24),
}
