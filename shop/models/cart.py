"""The cart: what somebody means to buy. No price in it is charged; the order freezes the catalogue's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.extensions import Model
from shop.models.base import UtcDateTime, public_id, utc_now
from shop.models.product import Variant
from shop.models.promotion import CODE_LENGTH

MOST_OF_ONE = 99


class Cart(Model):
    """A cart, found by the token in the visitor's signed session cookie; an account has one, whichever browser asks."""

    __tablename__ = "cart"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: public_id(24))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, unique=True
    )
    currency: Mapped[str] = mapped_column(String(3))
    promotion_code: Mapped[str] = mapped_column(String(CODE_LENGTH), default="")  # as typed in, capitals; "" for none
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now, index=True)

    lines: Mapped[list[CartLine]] = relationship(
        order_by="CartLine.id", lazy="selectin", cascade="all, delete-orphan"
    )


class CartLine(Model):
    """So many of one variant."""

    __tablename__ = "cart_line"
    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint(f"quantity BETWEEN 1 AND {MOST_OF_ONE}", name="quantity_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cart_id: Mapped[int] = mapped_column(ForeignKey("cart.id", ondelete="CASCADE"), index=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id", ondelete="CASCADE"))
    quantity: Mapped[int]
    seen_amount: Mapped[int | None]  # the unit price last shown and accepted, minor units of the cart's currency

    variant: Mapped[Variant] = relationship(lazy="joined")
