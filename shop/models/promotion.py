"""Promotions: a code that takes something off, and its redemptions, one for each order that has it.

    held ──> used        the order was paid
      └────> released    the order ended unpaid, or another took its place
released ──> used        the money came after all, and there was a use left

How often a code was taken is a number in its row, raised and lowered by statements that carry their condition; that
one customer takes it once is an index. Neither is a question asked first and acted on later.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.extensions import Model
from shop.models.base import EnumText, Moves, UtcDateTime, utc_now

CODE_LENGTH = 40
_COUNTS = text("state <> 'released'")


class PromotionKind(StrEnum):
    """What a promotion takes off."""

    PERCENT = "percent"
    AMOUNT = "amount"
    FREE_SHIPPING = "free_shipping"


class RedemptionState(StrEnum):
    """Where a redemption stands."""

    HELD = "held"
    USED = "used"
    RELEASED = "released"


TRANSITIONS: Moves[RedemptionState] = {
    RedemptionState.HELD: frozenset({RedemptionState.USED, RedemptionState.RELEASED}),
    RedemptionState.USED: frozenset(),
    RedemptionState.RELEASED: frozenset({RedemptionState.USED}),
}


class Promotion(Model):
    """A promotion code and its rules. With `terms` it is good in their currencies only; without any, in all."""

    __tablename__ = "promotion"
    __table_args__ = (
        CheckConstraint("code = upper(code)", name="code_in_capitals"),
        CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points_in_range"),
        CheckConstraint("uses >= 0", name="uses_not_negative"),
        CheckConstraint("ends_at IS NULL OR starts_at IS NULL OR starts_at < ends_at", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE_LENGTH), unique=True)  # capitals; typed in any way
    kind: Mapped[PromotionKind] = mapped_column(EnumText(PromotionKind))
    basis_points: Mapped[int] = mapped_column(default=0)  # 1000 is 10 %; of kind percent only
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the first moment at which it is no longer good
    most_uses: Mapped[int | None]  # by everybody together; None for any number
    uses: Mapped[int] = mapped_column(default=0)  # redemptions that are held or used
    once_per_customer: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    categories: Mapped[list[str]] = mapped_column(JSON, default=list)  # of the products it is for; empty for all

    terms: Mapped[list[PromotionTerms]] = relationship(lazy="joined", cascade="all, delete-orphan")


class PromotionTerms(Model):
    """What a promotion takes off and asks for in one currency; minor units."""

    __tablename__ = "promotion_terms"
    __table_args__ = (
        UniqueConstraint("promotion_id", "currency"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("minimum >= 0", name="minimum_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    promotion_id: Mapped[int] = mapped_column(ForeignKey("promotion.id", ondelete="CASCADE"), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = mapped_column(default=0)  # taken off; of kind amount only
    minimum: Mapped[int] = mapped_column(default=0)  # what the articles must come to, shipping not counted


class Redemption(Model):
    """One order's use of a promotion. `customer_key` is the lower-cased mail address, where it may be used once."""

    __tablename__ = "redemption"
    __table_args__ = (
        Index(
            "uq_redemption_once_per_customer",
            "promotion_id",
            "customer_key",
            unique=True,
            sqlite_where=_COUNTS,
            postgresql_where=_COUNTS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    promotion_id: Mapped[int] = mapped_column(ForeignKey("promotion.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), unique=True)
    customer_key: Mapped[str | None] = mapped_column(String(254))  # None where a customer may use it again
    state: Mapped[RedemptionState] = mapped_column(EnumText(RedemptionState), default=RedemptionState.HELD)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
