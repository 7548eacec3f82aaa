"""The doors themselves: the few verbs of a provider of payments, and of whoever reads its webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shop.gateways.base.calls import BACKGROUND, Patience
from shop.gateways.base.facts import PaymentSnapshot, RefundSnapshot, Started, StartPayment, StartRefund
from shop.gateways.base.states import Mode, NoticeKind, Provider
from shop.money import Money

# Who drops a payment that nobody approved: PayPal answers RESOURCE_NOT_FOUND for such an order after some hours.
# Where an object of theirs is missing that nobody approved, no money can come by it any more.
FORGETS_UNPAID = frozenset({Provider.PAYPAL})


@dataclass(frozen=True)
class Notice:
    """A verified webhook: it says where to look, never what is true.

    `occurred_at` is when the provider says that it happened; None where we have no use for it.
    `payment_external_id` is the object to fetch for PAYMENT (and, where the notice tells it, for REFUND).
    `payload` is what came, its client secrets blotted out: it is stored.
    """

    provider: Provider
    mode: Mode
    event_id: str
    type: str
    kind: NoticeKind
    external_id: str
    payment_external_id: str | None
    payload: Mapping[str, object]
    occurred_at: datetime | None = None


class PaymentGateway(Protocol):
    """A provider of payments.

    Every verb may raise ProviderUnavailable, RateLimited, OutcomeUnknown, ProviderRejected, WrongCredentials,
    ObjectMissing or KeyReused. A verb with a `key` is safe to repeat with the same key and parameters while
    the provider keeps it (`key_lifetime`); the repeat answers as the first call did, or with the newer state.
    A decline is not raised but stands in the snapshot as an attempt.
    """

    provider: Provider
    mode: Mode

    def start(self, request: StartPayment, key: str, patience: Patience = BACKGROUND) -> Started:
        """Make the payment at the provider; money does not move yet. CustomerMissing where the customer is gone."""

    def reopen(self, external_id: str, patience: Patience = BACKGROUND) -> Started:
        """Fetch a payment that began before, together with what the browser needs to go on."""

    def fetch(self, external_id: str, patience: Patience = BACKGROUND) -> PaymentSnapshot:
        """Return what the provider holds to be true now, with attempts, captures and refunds.

        ObjectMissing of a PayPal order that was begun means that nobody paid it in time: PayPal has dropped it. Of
        one by which money is reserved or under way it means nothing that we know of: a person has to look.
        A try that PayPal declined is told by `capture` only; the order goes on saying that it was approved.
        """

    def find(self, reference: str, since: datetime) -> PaymentSnapshot | None:
        """Look a payment up by our reference among those made after `since`; None if there is none.

        PayPal has no search by custom_id for orders: its gateway answers None, and an order nobody approved
        costs nothing.
        """

    def capture(
        self, external_id: str, key: str, amount: Money | None = None, patience: Patience = BACKGROUND
    ) -> PaymentSnapshot:
        """Take the money that was approved or authorized: all of it, or `amount`.

        A PayPal order whose capture comes later takes two calls with two keys: the first, after the customer
        has approved, authorizes it; the second takes the money.
        """

    def cancel(self, external_id: str, key: str, patience: Patience = BACKGROUND) -> PaymentSnapshot:
        """Call the payment back; the snapshot says whether that came in time.

        A PayPal order cannot be cancelled at PayPal: as long as we do not capture it nothing is taken, so its
        gateway answers with state CANCELLED unless it was captured already.
        """

    def refund(self, request: StartRefund, key: str, patience: Patience = BACKGROUND) -> RefundSnapshot:
        """Give money back. A refund the provider refuses for good comes back in state FAILED with its reason."""

    def fetch_refund(self, external_id: str, patience: Patience = BACKGROUND) -> RefundSnapshot:
        """Return what the provider holds to be true of a refund now."""


class NoticeReader(Protocol):
    """The other door: webhooks. It verifies on the raw bytes before it parses anything."""

    provider: Provider

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Return the notice, or raise NoticeRejected with the reason; `now` is wall time in UTC.

        Raises ProviderUnavailable when the proof itself could not be fetched (PayPal's certificate), so
        that the view answers 5xx and the provider tries again.
        """
