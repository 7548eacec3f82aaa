"""Stripe's past: balance transactions, and the events that no endpoint took.

docs.stripe.com/api/balance_transactions: with asynchronous capture an entry follows its charge within the hour.
docs.stripe.com/webhooks/process-undelivered-events: events are kept for 30 days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import stripe

from shop.gateways.base import BACKGROUND, Mode, Notice, Provider
from shop.gateways.history import Movement, MovementKind
from shop.gateways.stripe.amounts import from_stripe
from shop.gateways.stripe.client import StripeApi
from shop.gateways.stripe.errors import translated
from shop.gateways.stripe.housekeeping import EVENTS
from shop.gateways.stripe.notices import notice
from shop.gateways.stripe.snapshots import id_of, metadata_value

if TYPE_CHECKING:
    from stripe import BalanceTransaction
    from stripe.params import BalanceTransactionListParams, EventListParams

PAGE = 100
MOST_TYPES = 20  # that one list of events can be narrowed to
# docs.stripe.com/reports/balance-transaction-types: bank debits are "payments", cards are "charges".
KINDS = {
    "charge": MovementKind.PAYMENT,
    "payment": MovementKind.PAYMENT,
    "refund": MovementKind.REFUND,
    "payment_refund": MovementKind.REFUND,
    "refund_failure": MovementKind.REFUND_RETURNED,
}


class StripeHistory:
    """Implements `shop.gateways.history.History`."""

    provider = Provider.STRIPE
    lag = timedelta(hours=1)
    memory = timedelta(days=30)

    def __init__(self, api: StripeApi, mode: Mode) -> None:
        self._v1 = api.at(BACKGROUND).v1
        self._mode = mode

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """Yield the balance transactions that are charges, refunds and returned refunds, with what they are of."""
        params: BalanceTransactionListParams = {
            "created": {"gte": int(since.timestamp()), "lte": int(until.timestamp())},
            "limit": PAGE,
            "expand": ["data.source"],
        }
        with translated():
            for entry in self._v1.balance_transactions.list(params).auto_paging_iter():
                kind = KINDS.get(entry.type)
                if kind is not None and isinstance(entry.source, stripe.Charge | stripe.Refund):
                    yield _movement(entry, entry.source, kind)

    def events(self, since: datetime) -> Iterator[Notice]:
        """Yield the events of ours that no endpoint of the account has taken, those on their way included."""
        for first in range(0, len(EVENTS), MOST_TYPES):
            params: EventListParams = {
                "created": {"gte": int(since.timestamp())},
                "delivery_success": False,
                "types": list(EVENTS[first : first + MOST_TYPES]),
                "limit": PAGE,
            }
            with translated():
                for event in self._v1.events.list(params).auto_paging_iter():
                    yield notice(_plain(event), self._mode)


def _movement(entry: BalanceTransaction, source: stripe.Charge | stripe.Refund, kind: MovementKind) -> Movement:
    """Join an entry with what it is of: amounts are the source's, in the customer's currency; fees are the entry's."""
    is_charge = isinstance(source, stripe.Charge)
    amount = source.amount_captured if isinstance(source, stripe.Charge) else source.amount
    return Movement(
        provider=Provider.STRIPE,
        kind=kind,
        external_id=source.id,
        at=datetime.fromtimestamp(entry.created, UTC),
        amount=from_stripe(amount, source.currency),
        fee=from_stripe(entry.fee, entry.currency),
        payment_external_id=id_of(source.payment_intent),
        capture_id=source.id if isinstance(source, stripe.Charge) else id_of(source.charge),
        reference=metadata_value(source.metadata, "payment" if is_charge else "refund"),
        order_number=metadata_value(source.metadata, "order") or "",
    )


def _plain(event: stripe.Event) -> dict[str, Any]:
    return event.to_dict()
