"""Orders: what was agreed, at prices that no longer change.

    pending ──> paid ──> fulfilled
       │  │
       │  └──> cancelled ──> paid   (money that came after all, with stock to match, of a buyer not erased)
       └─────> expired   ──> paid

Refunded is a sum and disputed is an object; neither is a state of the order.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, func, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.extensions import Model
from shop.models.base import EnumText, Moves, UtcDateTime, public_id, utc_now
from shop.models.promotion import CODE_LENGTH
from shop.models.sealed import SealedText
from shop.money import Money

if TYPE_CHECKING:
    from shop.models.payment import Payment


# The host of the mail address of somebody who has asked to be forgotten; nobody receives mail there (RFC 2606).
ERASED = "@erased.invalid"


class OrderState(StrEnum):
    """Where an order stands."""

    PENDING = "pending"
    PAID = "paid"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


TRANSITIONS: Moves[OrderState] = {
    OrderState.PENDING: frozenset({OrderState.PAID, OrderState.CANCELLED, OrderState.EXPIRED}),
    OrderState.PAID: frozenset({OrderState.FULFILLED}),
    OrderState.FULFILLED: frozenset(),
    OrderState.CANCELLED: frozenset({OrderState.PAID}),
    OrderState.EXPIRED: frozenset({OrderState.PAID}),
}


class StockState(StrEnum):
    """What the order has done to the stock: taken it aside, given it back, or sold it."""

    HELD = "held"
    RELEASED = "released"
    SOLD = "sold"


class ReviewState(StrEnum):
    """Whether a person has to look at the order before its money is taken, and what they said."""

    NONE = "none"
    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"


REVIEW_TRANSITIONS: Moves[ReviewState] = {
    ReviewState.NONE: frozenset({ReviewState.HELD}),
    ReviewState.HELD: frozenset({ReviewState.APPROVED, ReviewState.REJECTED}),
    ReviewState.APPROVED: frozenset(),
    ReviewState.REJECTED: frozenset(),
}


class Order(Model):
    """An order with its frozen figures. All amounts are minor units of `currency`.

    items + shipping - discount + tax_added == total. `tax` is all the tax in the total: where the prices include
    it, it stands inside items and shipping and `tax_added` is zero; where they do not, the two are the same.
    `tax_note` says why there is none: "reverse_charge" (the buyer, a company, owes it) or "not_collected".
    Where it goes is sealed but for the countries, on which the tax depends and by which the books are read.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("total = items + shipping - discount + tax_added", name="total_adds_up"),
        CheckConstraint("total > 0", name="total_positive"),
        Index("ix_orders_state_expires", "state", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=public_id)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    cart_id: Mapped[int | None] = mapped_column(ForeignKey("cart.id", ondelete="SET NULL"), index=True)
    left_cart: Mapped[bool] = mapped_column(default=False, server_default=false())  # with what was ordered
    # The order that was placed from the same cart while this one was unpaid, and has taken its place.
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id", ondelete="SET NULL"), index=True)
    state: Mapped[OrderState] = mapped_column(EnumText(OrderState), default=OrderState.PENDING)
    stock_state: Mapped[StockState] = mapped_column(EnumText(StockState), default=StockState.HELD)
    review: Mapped[ReviewState] = mapped_column(EnumText(ReviewState), default=ReviewState.NONE, index=True)
    review_reasons: Mapped[str] = mapped_column(String(200), default="")  # the rules that held it, by space
    reviewed_by: Mapped[str] = mapped_column(String(80), default="")
    email: Mapped[str] = mapped_column(String(254), index=True)
    locale: Mapped[str] = mapped_column(String(8), default="en")
    currency: Mapped[str] = mapped_column(String(3))
    items: Mapped[int]
    shipping: Mapped[int]
    discount: Mapped[int] = mapped_column(default=0)
    promotion_code: Mapped[str] = mapped_column(String(CODE_LENGTH), default="")  # what the discount is for
    tax: Mapped[int]
    tax_added: Mapped[int] = mapped_column(default=0, server_default="0")
    prices_include_tax: Mapped[bool] = mapped_column(default=True, server_default=true())
    tax_note: Mapped[str] = mapped_column(String(20), default="", server_default="")
    tax_is_estimated: Mapped[bool] = mapped_column(default=True)  # by the merchant's table, not by the tax provider
    tax_calculation: Mapped[str] = mapped_column(String(64), default="", server_default="")  # the provider's id
    tax_transaction: Mapped[str] = mapped_column(String(64), default="", server_default="")  # once it is recorded there
    total: Mapped[int]
    shipping_name: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    line1: Mapped[str] = mapped_column(SealedText("orders.line1", 120))
    line2: Mapped[str] = mapped_column(SealedText("orders.line2", 120), default="")
    city: Mapped[str] = mapped_column(SealedText("orders.city", 80))
    region: Mapped[str] = mapped_column(SealedText("orders.region", 80), default="")
    postal_code: Mapped[str] = mapped_column(SealedText("orders.postal_code", 20), default="")
    country: Mapped[str] = mapped_column(String(2))
    company: Mapped[str] = mapped_column(String(120), default="", server_default="")
    vat_id: Mapped[str] = mapped_column(String(20), default="", server_default="")  # checked and compact: ATU13585627
    # Where the invoice goes; all of it empty where that is where the parcel goes.
    billing_line1: Mapped[str] = mapped_column(SealedText("orders.billing_line1", 120), default="", server_default="")
    billing_city: Mapped[str] = mapped_column(SealedText("orders.billing_city", 80), default="", server_default="")
    billing_region: Mapped[str] = mapped_column(SealedText("orders.billing_region", 80), default="", server_default="")
    billing_postal_code: Mapped[str] = mapped_column(
        SealedText("orders.billing_postal_code", 20), default="", server_default=""
    )
    billing_country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None while a bank debit is processing
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    # When the law lets go of the name and address, for an order whose account was deleted; None: nobody asked.
    erase_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)

    lines: Mapped[list[OrderLine]] = relationship(
        order_by="OrderLine.id", lazy="selectin", cascade="all, delete-orphan"
    )
    payments: Mapped[list[Payment]] = relationship(back_populates="order", order_by="Payment.id", lazy="selectin")

    def money(self, amount: int) -> Money:
        """Return an amount of this order as Money."""
        return Money(amount, self.currency)

    @property
    def is_payable(self) -> bool:
        """Tell whether a payment may begin or go on."""
        return self.state is OrderState.PENDING

    @property
    def shipping_tax(self) -> int:
        """Return the tax on shipping, in minor units."""
        return self.tax - sum(line.tax for line in self.lines)

    @property
    def paying(self) -> Payment | None:
        """Return the payment that took the money for the order: the first to do so, where a second was given back."""
        took = [payment for payment in self.payments if payment.captures]
        return min(took, key=lambda payment: payment.captures[0].at, default=None)

    @property
    def given_back(self) -> int:
        """Return what was given back of the money that paid the order, in minor units; money that came twice is not."""
        return self.paying.refunded if self.paying else 0

    @property
    def is_given_back(self) -> bool:
        """Tell whether all of the money that paid the order was given back or is on its way."""
        return self.paying is not None and self.given_back >= self.paying.captured

    @property
    def being_refunded(self) -> int:
        """Return what of `refunded` is on its way still, in minor units."""
        return sum(payment.being_refunded for payment in self.payments)

    @property
    def refunded(self) -> int:
        """Return what was given back or is on its way, in minor units; refunds that failed are not counted."""
        return sum(payment.refunded for payment in self.payments)


class OrderLine(Model):
    """A line of an order, frozen: it stays as it is when the catalogue changes."""

    __tablename__ = "order_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    variant_id: Mapped[int | None] = mapped_column(ForeignKey("variant.id", ondelete="SET NULL"))
    sku: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(60))
    quantity: Mapped[int]
    unit_amount: Mapped[int]  # minor units; with its tax or without, as the order says
    discount: Mapped[int] = mapped_column(default=0, server_default="0")  # the line's share, minor units
    tax: Mapped[int]  # of the whole line after its discount, minor units
    tax_basis_points: Mapped[int]  # the rate, for reading; what the provider computed stands in `tax`
    ships_from: Mapped[date | None]  # a pre-order's day, frozen when the order was placed

    @property
    def amount(self) -> int:
        """Return what the line costs before its discount, in minor units, with or without tax as its unit price."""
        return self.unit_amount * self.quantity


# Mail addresses are compared without case, and searched for by how they begin: text_pattern_ops serves both. SQLite has
# to do without, since it cannot tell Alembic of an index on an expression.
Index(
    "ix_orders_email_lower",
    func.lower(Order.email).label("email_lower"),
    postgresql_ops={"email_lower": "text_pattern_ops"},
).ddl_if(dialect="postgresql")
