"""The way to a provider: never inside a transaction, never past an open breaker, always on record."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask import current_app

from shop.clock import Clock
from shop.config import Settings
from shop.errors import AnswerStored, ProviderUnavailable, RateLimited, ShopError, StillRunning, TryLater
from shop.gateways.base import NoticeReader, PaymentGateway, Provider
from shop.gateways.history import History
from shop.gateways.housekeeping import Housekeeping
from shop.gateways.tax import TaxGateway
from shop.gateways.wallets import Wallet
from shop.queue import Queues
from shop.services import record
from shop.services.breaker import Breaker, BreakerState
from shop.services.shelf import Shelves
from shop.services.unit_of_work import assert_no_transaction

T = TypeVar("T")
Door = TypeVar("Door")


class Pace:
    """Spread background work over time, so that this process makes at most `per_second` calls on the average.

    Every exchange counts, and whatever is begun after it waits for its turn: some work takes one call, some three.
    """

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0
        self._lock = threading.Lock()

    def count(self) -> None:
        """Note one exchange with a provider; the recorder of every exchange calls this."""
        with self._lock:
            self._next = max(self._next, time.monotonic()) + self._gap

    def wait(self) -> None:
        """Sleep until the exchanges so far are paid for; call it before each piece of work, never for a person."""
        time.sleep(max(0.0, self._next - time.monotonic()))


@dataclass(frozen=True)
class Context:
    """What the composition root hands to the services: made once in `create_app`."""

    settings: Settings
    clock: Clock
    gateways: Mapping[Provider, PaymentGateway]
    readers: Mapping[Provider, NoticeReader]
    keepers: Mapping[Provider, Housekeeping]
    wallets: Mapping[Provider, Wallet]
    histories: Mapping[Provider, History]
    breakers: Mapping[Provider, Breaker]
    queues: Queues
    pace: Pace
    shelves: Shelves
    tax: TaxGateway | None = None  # None where the merchant's table of rates is all there is
    tax_breaker: Breaker | None = None  # of its own: who cannot compute tax can still take money


def context() -> Context:
    """Return the context of the app at work."""
    found: Context = current_app.extensions["shop"]
    return found


def available() -> list[Provider]:
    """Return the providers that can be offered now: configured, and their breaker not open."""
    ctx = context()
    return [provider for provider in ctx.gateways if ctx.breakers[provider].state is not BreakerState.OPEN]


def call(provider: Provider, subject: str, action: Callable[[PaymentGateway], T]) -> T:
    """Call a provider: `action` gets its gateway. `subject` says whose call it is, for the API log.

    Raises TransactionOpen inside a transaction, ProviderUnavailable when the breaker is open, and whatever
    the gateway raises. No answer and 5xx count against the provider; declines and our own mistakes are answers.
    """
    return _through(context().gateways, provider, subject, action)


def call_wallet(provider: Provider, subject: str, action: Callable[[Wallet], T]) -> T:
    """Call what keeps a provider's customers and their cards; as `call` otherwise."""
    return _through(context().wallets, provider, subject, action)


def _through(doors: Mapping[Provider, Door], provider: Provider, subject: str, action: Callable[[Door], T]) -> T:
    if provider not in doors:
        raise ProviderUnavailable(f"{provider} is not configured")
    return guarded(provider, subject, lambda: action(doors[provider]))


def guarded(provider: Provider, subject: str, work: Callable[[], T]) -> T:
    """Do some work at a provider by any of its doors; raises as `call` does."""
    assert_no_transaction()
    return _guarded(context().breakers[provider], str(provider), subject, work)


def call_tax(subject: str, action: Callable[[TaxGateway], T]) -> T:
    """Call the provider of tax, as `call` does those of payments; raises the same."""
    assert_no_transaction()
    gateway, breaker = context().tax, context().tax_breaker
    if gateway is None or breaker is None:
        raise ProviderUnavailable("no provider of tax is configured")
    return _guarded(breaker, "the provider of tax", subject, lambda: action(gateway))


def _guarded(breaker: Breaker, name: str, subject: str, action: Callable[[], T]) -> T:
    if not breaker.lets_through():
        raise ProviderUnavailable(f"{name} has not answered lately; trying again in a moment")
    token = record.subject.set(subject)
    try:
        answer = action()
    except TryLater as exc:
        if isinstance(exc, RateLimited | StillRunning | AnswerStored):
            breaker.succeeded()
        else:
            breaker.failed()
        raise
    except ShopError:
        breaker.succeeded()
        raise
    finally:
        record.subject.reset(token)
    breaker.succeeded()
    return answer
