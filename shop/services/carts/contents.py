"""A cart as it is shown: today's prices, what is left of each thing, and what its promotion code takes off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session, raiseload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from shop.models import Cart, CartLine, Product, Variant
from shop.money import Money
from shop.services import catalogue, promotions
from shop.services.promotions import Verdict
from shop.services.providers import context
from shop.services.unit_of_work import ask_alone, unit_of_work


class LineTrouble(StrEnum):
    """Why a line cannot be bought as it stands."""

    UNLISTED = "unlisted"  # no longer sold at all
    OTHER_CURRENCY = "other_currency"  # not sold in the cart's currency
    SOLD_OUT = "sold_out"
    SHORT = "short"  # fewer are left than asked for


@dataclass(frozen=True)
class Line:
    """A line at today's price; `price` is None where the variant is not sold in the cart's currency.

    `name` is what the product is called in the reader's language; `was` is the unit price the person last saw, where
    it is another by now.
    """

    variant: Variant
    name: str
    quantity: int
    price: Money | None
    was: Money | None = None

    @property
    def trouble(self) -> LineTrouble | None:
        """Return why the line cannot be bought as it stands; None when it can."""
        if not self.variant.product.is_listed:
            return LineTrouble.UNLISTED
        if self.price is None:
            return LineTrouble.OTHER_CURRENCY
        if self.variant.stock == 0:
            return LineTrouble.SOLD_OUT
        return LineTrouble.SHORT if self.missing else None

    @property
    def amount(self) -> Money | None:
        """Return what the line costs, tax included; None where nothing of it can be bought."""
        if self.price is None or self.trouble in (LineTrouble.UNLISTED, LineTrouble.SOLD_OUT):
            return None
        return self.price * self.quantity

    @property
    def missing(self) -> int:
        """Return how many more are asked for than are left."""
        return max(0, self.quantity - self.variant.stock)


@dataclass(frozen=True)
class Contents:
    """A cart as it is shown. An empty one has no lines; `promotion` is what became of its code, None without one."""

    token: str | None
    currency: str
    lines: tuple[Line, ...]
    promotion: Verdict | None = None

    @property
    def priced(self) -> dict[str, Money]:
        """Return what each article costs that can be bought, by its number; what is sold out costs nothing."""
        return _priced(self.lines)

    @property
    def total(self) -> Money:
        """Return the sum of the lines, with neither discount nor shipping."""
        return Money.total(self.priced.values(), self.currency)

    @property
    def discount(self) -> Money:
        """Return what the code takes off the articles; zero where there is none."""
        found = self.promotion.discount if self.promotion else None
        return found.amount if found else Money.zero(self.currency)

    @property
    def has_free_shipping(self) -> bool:
        """Tell whether the code pays for the post."""
        return bool(self.promotion and self.promotion.discount and self.promotion.discount.free_shipping)

    @property
    def due(self) -> Money:
        """Return what is to be paid for the articles, shipping not included."""
        return self.total - self.discount

    @property
    def pieces(self) -> int:
        """Return how many pieces are in the cart."""
        return sum(line.quantity for line in self.lines)

    @property
    def changed(self) -> tuple[Line, ...]:
        """Return the lines whose price has changed since it was last seen; of what is gone nobody needs to know."""
        return tuple(line for line in self.lines if line.was is not None and line.amount is not None)

    @property
    def is_ready(self) -> bool:
        """Tell whether every line can be bought as it stands."""
        return bool(self.lines) and all(line.trouble is None for line in self.lines)


def contents(token: str | None, currency: str) -> Contents:
    """Return the visitor's cart, empty where there is none."""
    with unit_of_work() as session:
        cart = session.scalar(select(Cart).where(Cart.token == token).options(*shown())) if token else None
        if cart is None:
            return Contents(None, currency, ())
        return described(session, cart)


def described(session: Session, cart: Cart) -> Contents:
    """Return a cart as it is shown."""
    names = catalogue.names_here(session, {line.variant.product_id for line in cart.lines}) if cart.lines else {}
    lines = tuple(_line(line, names, cart.currency) for line in cart.lines)
    verdict = promotions.look(session, cart, _priced(lines), context().clock.business_now())
    return Contents(cart.token, cart.currency, lines, verdict)


def count(token: str | None) -> int:
    """Return how many pieces are in the cart; without a cart nothing is asked of the database."""
    if token is None:
        return 0
    query = select(func.sum(CartLine.quantity)).join(Cart).where(Cart.token == token)
    return int(ask_alone(query) or 0)


def shown() -> tuple[ORMOption, ...]:
    """Return how a cart is loaded to be shown: its own variants with their prices, and not their siblings."""
    siblings = selectinload(Cart.lines).joinedload(CartLine.variant).joinedload(Variant.product)
    return (siblings.options(raiseload(Product.variants)),)


def _line(line: CartLine, names: Mapping[int, str], currency: str) -> Line:
    price = line.variant.price_in(currency)
    was = None if price is None or line.seen_amount is None else Money(line.seen_amount, currency)
    return Line(line.variant, names[line.variant.product_id], line.quantity, price, was if was != price else None)


def _priced(lines: tuple[Line, ...]) -> dict[str, Money]:
    return {line.variant.sku: line.amount for line in lines if line.amount is not None}
