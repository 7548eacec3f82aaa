"""Refunds: money given back, part or whole.

    requested ─> pending ─> succeeded ─> failed   (a bank may send a refund back days later)
        └───────────┴──────────┴──> failed
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model
from shop.gateways.base import Mode, Provider, RefundState
from shop.models.base import EnumText, Moves, UtcDateTime, public_id, utc_now
from shop.money import Money

TRANSITIONS: Moves[RefundState] = {
    RefundState.REQUESTED: frozenset({RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.PENDING: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
    RefundState.FAILED: frozenset(),
}


class Refund(Model):
    """A refund of one payment. A refund made at the provider's own dashboard gets a row when it is seen."""

    __tablename__ = "refund"
    __table_args__ = (
        UniqueConstraint("provider", "mode", "external_id"),
        Index("ix_refund_next_check", "next_check_at"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=public_id)  # our reference at the provider
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    # Which capture it gives back; None for one made elsewhere. A provider refunds a capture, not a payment.
    capture_id: Mapped[int | None] = mapped_column(ForeignKey("capture.id"))
    provider: Mapped[Provider] = mapped_column(EnumText(Provider))
    mode: Mapped[Mode] = mapped_column(EnumText(Mode))
    external_id: Mapped[str | None] = mapped_column(String(255))
    # The one-time token of the form that asked for it: a form sent twice is one refund.
    request_token: Mapped[str | None] = mapped_column(String(40), unique=True)
    state: Mapped[RefundState] = mapped_column(EnumText(RefundState), default=RefundState.REQUESTED)
    amount: Mapped[int]  # minor units of `currency`
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(40), default="")  # "requested_by_customer", "duplicate", "late_money"
    failure: Mapped[str] = mapped_column(String(200), default="")
    requested_by: Mapped[str] = mapped_column(String(80), default="")
    # The tax provider's id of what was taken off its record of the sale for this refund, once that is done.
    tax_reversal: Mapped[str] = mapped_column(String(64), default="", server_default="")
    ticket: Mapped[int] = mapped_column(default=0)
    applied_ticket: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    checks: Mapped[int] = mapped_column(default=0)
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=utc_now)

    @property
    def counts(self) -> bool:
        """Tell whether this refund takes from what may still be refunded."""
        return self.state is not RefundState.FAILED

    @property
    def is_under_way(self) -> bool:
        """Tell whether it is asked for, and nobody has said yet that it arrived or failed."""
        return self.state in (RefundState.REQUESTED, RefundState.PENDING)

    @property
    def money(self) -> Money:
        """Return what is given back."""
        return Money(self.amount, self.currency)
