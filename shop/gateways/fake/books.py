"""What the fake provider remembers of a payment, and how that looks in our snapshots."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from shop.gateways.base import (
    AttemptSnapshot,
    AttemptState,
    Capture,
    Decline,
    Method,
    Mode,
    PaymentSnapshot,
    PaymentState,
    Provider,
    RefundSnapshot,
    RefundState,
    Settlement,
    StartPayment,
)
from shop.money import Money

VISA = Method(kind="card", brand="visa", last4="4242")
FIXED_FEE = 30  # minor units, on top of three percent


@dataclass
class Book:
    """One payment as the provider keeps it. `approved` and `refusal` are what the customer did in its window.

    `refused_for_good`: the refusal ends the payment, as a capture does that PayPal answers with DECLINED.
    `slow` is how a capture ends that takes days, None for one that does not; `waiting` is such a capture under way.
    """

    external_id: str
    request: StartPayment
    created: datetime
    state: PaymentState = PaymentState.CREATED
    approved: bool = False
    refusal: Decline | None = None
    refused_for_good: bool = False
    slow: bool | None = None
    waiting: tuple[str, Money] | None = None
    expires_at: datetime | None = None
    attempts: list[AttemptSnapshot] = field(default_factory=list)
    captures: list[Capture] = field(default_factory=list)
    refunds: list[RefundSnapshot] = field(default_factory=list)

    def snapshot(self, provider: Provider, mode: Mode) -> PaymentSnapshot:
        """Return the payment as it is now."""
        return PaymentSnapshot(
            provider=provider,
            mode=mode,
            external_id=self.external_id,
            reference=self.request.reference,
            state=self.state,
            amount=self.request.amount,
            attempts=tuple(self.attempts),
            captures=tuple(self.captures),
            refunds=tuple(self.refunds),
            method=self.attempts[-1].method if self.attempts else None,
            expires_at=self.expires_at if self.state is PaymentState.AUTHORIZED else None,
            needs_capture=self.approved and self.state is PaymentState.REQUIRES_ACTION,
        )

    def attempt(self, external_id: str, state: AttemptState, decline: Decline | None = None) -> None:
        """Note one try to pay."""
        self.attempts.append(AttemptSnapshot(external_id, state, self.request.amount, decline, VISA))

    def take(self, external_id: str, amount: Money, books_fee: bool) -> None:
        """Take money: the payment is captured, its fee known at once or later."""
        self.captures.append(Capture(external_id, amount, fee_of(external_id, amount) if books_fee else None))
        self.state = PaymentState.CAPTURED
        self.approved = False

    def capture(self, external_id: str, amount: Money, books_fee: bool) -> None:
        """Take what was set aside: at once, or when the bank has answered."""
        if self.slow is None:
            self.take(external_id, amount, books_fee)
        elif self.waiting is None:
            self.waiting = (external_id, amount)

    def settle_capture(self, books_fee: bool) -> None:
        """Let the bank answer to a capture that waits; where it says no, nothing is left to capture."""
        assert self.waiting is not None, "a capture is under way"
        if self.slow:
            self.take(*self.waiting, books_fee)
        else:
            self.state = PaymentState.CANCELLED
        self.waiting = None

    def book_fee(self) -> None:
        """Make known what was booked for every capture and refund."""
        self.captures = [replace(one, settlement=fee_of(one.external_id, one.amount)) for one in self.captures]
        self.refunds = [replace(one, settlement=given_back(one.external_id, one.amount)) for one in self.refunds]

    def refundable(self, capture_id: str) -> Money:
        """Return what is left of a capture; zero for one that is not there."""
        currency = self.request.amount.currency
        taken = Money.total((one.amount for one in self.captures if one.external_id == capture_id), currency)
        given = (one.amount for one in self.refunds if one.state is not RefundState.FAILED)
        return taken - Money.total(given, currency)


def fee_of(external_id: str, amount: Money) -> Settlement:
    """Return what the fake provider keeps of a charge: three percent and FIXED_FEE."""
    fee = Money(amount.amount * 3 // 100 + FIXED_FEE, amount.currency)
    return Settlement(booking_of(external_id), gross=amount, fee=fee, net=amount - fee)


def given_back(external_id: str, amount: Money) -> Settlement:
    """Return what the fake provider books of a refund: all of it, and no fee."""
    return Settlement(booking_of(external_id), gross=-amount, fee=Money.zero(amount.currency), net=-amount)


def booking_of(external_id: str) -> str:
    """Return the id of what books a capture or refund: an object of its own, as Stripe's balance transactions are."""
    return f"txn_{external_id}"
