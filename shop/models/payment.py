"""Payments: one PaymentIntent or one PayPal order each, with the tries to pay it and the money it took.

    created ⇄ requires_action ─> processing ─> authorized ─> captured
       └───────────────┴─────────────┴─────────────┴─────> cancelled ─> captured   (late money)

A decline ends an attempt, not the payment: the payment goes back to created and may be tried again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.extensions import Model
from shop.gateways.base import AttemptState, Mode, PaymentState, Provider
from shop.models.base import EnumText, Moves, UtcDateTime, public_id, utc_now
from shop.models.order import Order, ReviewState
from shop.models.refund import Refund
from shop.money import Money

_OPEN_MOVES = frozenset(
    {
        PaymentState.CREATED,
        PaymentState.REQUIRES_ACTION,
        PaymentState.PROCESSING,
        PaymentState.AUTHORIZED,
        PaymentState.CAPTURED,
        PaymentState.CANCELLED,
    }
)
TRANSITIONS: Moves[PaymentState] = {
    PaymentState.CREATED: _OPEN_MOVES - {PaymentState.CREATED},
    PaymentState.REQUIRES_ACTION: _OPEN_MOVES - {PaymentState.REQUIRES_ACTION},
    PaymentState.PROCESSING: _OPEN_MOVES - {PaymentState.PROCESSING},
    PaymentState.AUTHORIZED: frozenset({PaymentState.CAPTURED, PaymentState.CANCELLED}),
    PaymentState.CAPTURED: frozenset(),
    # Called back here, but the provider had taken the money: the truth is the provider's. What it has only set aside is
    # let go instead where another payment of the order is open.
    PaymentState.CANCELLED: frozenset({PaymentState.AUTHORIZED, PaymentState.CAPTURED}),
}
ATTEMPT_TRANSITIONS: Moves[AttemptState] = {
    AttemptState.PENDING: frozenset({AttemptState.SUCCEEDED, AttemptState.DECLINED}),
    # A bank debit may be sent back days after it succeeded.
    AttemptState.SUCCEEDED: frozenset({AttemptState.DECLINED}),
    AttemptState.DECLINED: frozenset(),
}
OPEN_STATES = (
    PaymentState.CREATED,
    PaymentState.REQUIRES_ACTION,
    PaymentState.PROCESSING,
    PaymentState.AUTHORIZED,
)
_IS_OPEN = text("state IN ('created', 'requires_action', 'processing', 'authorized')")


class Payment(Model):
    """A payment of one order at one provider. Amounts are minor units of `currency`.

    `ticket` counts the fetches begun and `applied_ticket` is the newest one applied: a snapshot is only as
    fresh as the start of its fetch. `busy_with` names the verb of ours that is under way at the provider
    ("capture", "cancel"); while it stands, the opposite verb is refused.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("provider", "mode", "external_id"),
        Index("uq_payment_one_open", "order_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("ix_payment_next_check", "next_check_at"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=public_id)  # our reference at the provider
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    provider: Mapped[Provider] = mapped_column(EnumText(Provider))
    mode: Mapped[Mode] = mapped_column(EnumText(Mode))
    external_id: Mapped[str | None] = mapped_column(String(255))  # None until the provider has answered
    state: Mapped[PaymentState] = mapped_column(EnumText(PaymentState), default=PaymentState.CREATED)
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    capture_later: Mapped[bool] = mapped_column(default=False)
    customer: Mapped[str | None] = mapped_column(String(255))  # the provider's id of whose saved cards may pay it
    challenge: Mapped[bool] = mapped_column(default=False, server_default=false())  # the bank is always to ask
    method_kind: Mapped[str] = mapped_column(String(30), default="")
    method_brand: Mapped[str] = mapped_column(String(30), default="")
    method_last4: Mapped[str] = mapped_column(String(4), default="")
    method_payer: Mapped[str] = mapped_column(String(120), default="")  # a masked mail address
    ticket: Mapped[int] = mapped_column(default=0)
    applied_ticket: Mapped[int] = mapped_column(default=0)
    capture_round: Mapped[int] = mapped_column(default=1)  # goes up with each decline: a new try needs a new key
    # After a decline nothing is captured until the customer has approved again: PayPal's order goes on saying APPROVED.
    needs_approval: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # until when an authorization can be captured
    capture_amount: Mapped[int | None]  # what is being, or was, taken of an authorization; the rest is released
    captured_by: Mapped[str] = mapped_column(String(80), default="")  # who asked for that
    take_round: Mapped[int] = mapped_column(default=1)  # goes up when a key can no longer be used for it
    voided_by: Mapped[str] = mapped_column(String(80), default="")  # who has let the authorization go
    told_round: Mapped[int] = mapped_column(default=1)  # the capture_round whose decline the customer was shown
    busy_with: Mapped[str] = mapped_column(String(10), default="")
    busy_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    captured_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checks: Mapped[int] = mapped_column(default=0)  # how often the sweep has asked: the next wait doubles
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=utc_now)  # None: nothing to wait for

    order: Mapped[Order] = relationship(back_populates="payments", lazy="joined")
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.id", lazy="selectin")
    captures: Mapped[list[Capture]] = relationship(order_by="Capture.id", lazy="selectin")
    refunds: Mapped[list[Refund]] = relationship(order_by="Refund.id", lazy="selectin")

    @property
    def is_open(self) -> bool:
        """Tell whether money may still come by this payment without anybody being surprised."""
        return self.state in OPEN_STATES

    @property
    def is_let_go(self) -> bool:
        """Tell whether what is set aside is not to be taken: somebody has let it go, or turned the order down."""
        return bool(self.voided_by) or self.order.review is ReviewState.REJECTED

    @property
    def money(self) -> Money:
        """Return what the payment is for."""
        return Money(self.amount, self.currency)

    @property
    def captured(self) -> int:
        """Return what was taken, in minor units; refunds are not deducted."""
        return sum(capture.amount for capture in self.captures)

    @property
    def released(self) -> int:
        """Return what was authorized and not taken, in minor units, once the capture has released it."""
        return self.amount - self.captured if self.state is PaymentState.CAPTURED else 0

    @property
    def refunded(self) -> int:
        """Return what was given back or is on its way, in minor units."""
        return sum(refund.amount for refund in self.refunds if refund.counts)

    @property
    def being_refunded(self) -> int:
        """Return what of `refunded` is on its way still, in minor units."""
        return sum(refund.amount for refund in self.refunds if refund.is_under_way)

    @property
    def last_decline(self) -> Attempt | None:
        """Return the newest attempt if it was declined, for words on the pay page."""
        last = self.attempts[-1] if self.attempts else None
        return last if last is not None and last.state is AttemptState.DECLINED else None


class Attempt(Model):
    """One try to pay: a charge at Stripe, a capture at PayPal, or an authentication that failed before either."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("payment_id", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    external_id: Mapped[str] = mapped_column(String(255), index=True)
    state: Mapped[AttemptState] = mapped_column(EnumText(AttemptState), default=AttemptState.PENDING)
    amount: Mapped[int]  # minor units of the payment's currency
    decline_code: Mapped[str] = mapped_column(String(60), default="")  # the provider's own
    decline_message: Mapped[str] = mapped_column(String(500), default="")  # the provider's own, for the merchant
    decline_advice: Mapped[str] = mapped_column(String(20), default="")
    decline_is_hard: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class Capture(Model):
    """Money that was taken, and what the provider kept of it once that is known."""

    __tablename__ = "capture"
    __table_args__ = (
        UniqueConstraint("payment_id", "external_id"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    external_id: Mapped[str] = mapped_column(String(255), index=True)
    amount: Mapped[int]  # minor units of the payment's currency
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: fee pending
    settlement_currency: Mapped[str | None] = mapped_column(String(3))
    fee: Mapped[int | None]  # minor units of the settlement currency
    net: Mapped[int | None]  # minor units of the settlement currency
