"""What a provider can tell of the past: the money it moved, and the events it could not deliver.

The shop's own records are compared with the first (`shop.services.reconcile`), and its inbox is filled from the second
(`shop.services.backfill`). No customer ever waits for either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from shop.gateways.base import Notice, Provider
from shop.money import Money


class MovementKind(StrEnum):
    """What moved: money taken, money given back, or a refund that the bank sent back to us."""

    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_RETURNED = "refund_returned"


@dataclass(frozen=True)
class Movement:
    """One entry of the provider's own books.

    `external_id` is the charge or capture, or the refund; `payment_external_id` the PaymentIntent, or the PayPal order
    where the report tells it; `capture_id` is what a refund gives back. `reference` is our payment's or refund's
    public id, None for what was made elsewhere. `amount` is positive and in the customer's currency; `fee` is in the
    currency of the settlement and None while it is not known.
    """

    provider: Provider
    kind: MovementKind
    external_id: str
    at: datetime
    amount: Money
    fee: Money | None = None
    payment_external_id: str | None = None
    capture_id: str | None = None
    reference: str | None = None
    order_number: str = ""


class History(Protocol):
    """A provider's past. Its verbs raise as those of PaymentGateway do, also in the middle of the iteration.

    `lag` is how long the list of movements may be behind what has happened: what is younger and not in it is not
    missing. `memory` is how far back events can be asked for.
    """

    provider: Provider
    lag: timedelta
    memory: timedelta

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """Yield what moved from `since` to `until`, in the provider's time; each movement may come more than once."""

    def events(self, since: datetime) -> Iterator[Notice]:
        """Yield the events of ours since then that may never have arrived, the newest first.

        Stripe knows which were not delivered; PayPal does not say, so all of them come.
        """
