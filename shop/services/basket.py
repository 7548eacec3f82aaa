"""A cart as the till reads it: every line with its price, in one statement however many lines there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from shop.errors import InvalidInput, OutOfStock
from shop.models import Cart, CartLine, Price, Product, ProductText, Variant
from shop.money import Money
from shop.services import catalogue
from shop.services.figures import Item


@dataclass(frozen=True)
class Line:
    """A line at today's list price."""

    variant_id: int
    sku: str
    name: str
    label: str
    quantity: int
    weight: int  # grams each
    kind: str
    unit: Money
    available_from: date | None = None  # a pre-order until then

    @property
    def item(self) -> Item:
        """Return what the figures are computed of."""
        return Item(self.sku, self.kind, self.quantity, self.unit)


@dataclass(frozen=True)
class Basket:
    """What is bought; never empty. `code` is the promotion that the cart names, empty without one."""

    cart_id: int
    currency: str
    code: str
    lines: tuple[Line, ...]

    @property
    def items(self) -> list[Item]:
        """Return what the figures are computed of, in the order of the lines."""
        return [line.item for line in self.lines]

    @property
    def weight(self) -> int:
        """Return the parcel's weight in grams."""
        return sum(line.weight * line.quantity for line in self.lines)


def read(session: Session, token: str, locale: str) -> Basket:
    """Return the basket of a cart, its goods called as in this language.

    Raises InvalidInput with the field "cart" for an empty one, and OutOfStock for what is no longer sold.
    """
    text = and_(ProductText.product_id == Product.id, ProductText.locale == catalogue.language_of(locale))
    rows = session.execute(
        select(
            Cart.id, Cart.currency, Cart.promotion_code, CartLine.quantity, Variant.id, Variant.sku, Variant.label,
            Variant.weight, func.coalesce(ProductText.name, Product.name), Product.facts, Product.is_listed,
            Price.amount, Product.available_from,
        )
        .join(CartLine, CartLine.cart_id == Cart.id)
        .join(Variant, Variant.id == CartLine.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(ProductText, text)
        .outerjoin(Price, and_(Price.variant_id == Variant.id, Price.currency == Cart.currency))
        .where(Cart.token == token)
        .order_by(CartLine.id)
    ).all()  # fmt: skip
    if not rows:
        raise InvalidInput(gettext("The cart is empty."), "cart")
    lines = []
    for _, currency, _, quantity, variant_id, sku, label, weight, name, facts, is_listed, amount, from_when in rows:
        if amount is None or not is_listed:
            raise OutOfStock(gettext("%(name)s is no longer sold.", name=name), sku, 0)
        kind = str(facts.get("tax", "standard"))
        lines.append(Line(variant_id, sku, name, label, quantity, weight, kind, Money(amount, currency), from_when))
    return Basket(rows[0][0], rows[0][1], rows[0][2] or "", tuple(lines))
