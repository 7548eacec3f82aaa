"""Carts: what a visitor means to buy. A cart holds quantities; prices and stock are looked up whenever it is read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.errors import InvalidInput, NotFound, OutOfStock
from shop.models import Cart, CartLine, Variant
from shop.models.cart import MOST_OF_ONE
from shop.money import Money
from shop.services.unit_of_work import unit_of_work


@dataclass(frozen=True)
class Line:
    """A line of the cart at today's price; `price` is None where the variant is not sold in the cart's currency."""

    variant: Variant
    quantity: int
    price: Money | None

    @property
    def amount(self) -> Money | None:
        """Return what the line costs, tax included."""
        return None if self.price is None else self.price * self.quantity

    @property
    def missing(self) -> int:
        """Return how many more are asked for than are left."""
        return max(0, self.quantity - self.variant.stock)


@dataclass(frozen=True)
class Contents:
    """A cart as it is shown. An empty one has no lines."""

    token: str | None
    currency: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> Money:
        """Return the sum of the lines, shipping not included."""
        return Money.total((line.amount for line in self.lines if line.amount is not None), self.currency)

    @property
    def is_ready(self) -> bool:
        """Tell whether every line can be bought as it stands."""
        return bool(self.lines) and all(line.amount is not None and not line.missing for line in self.lines)


def contents(token: str | None, currency: str) -> Contents:
    """Return the visitor's cart, empty where there is none."""
    with unit_of_work() as session:
        cart = _find(session, token)
        if cart is None:
            return Contents(None, currency, ())
        lines = tuple(Line(line.variant, line.quantity, line.variant.price_in(cart.currency)) for line in cart.lines)
        return Contents(cart.token, cart.currency, lines)


def count(token: str | None) -> int:
    """Return how many pieces are in the cart."""
    if token is None:
        return 0
    query = select(func.coalesce(func.sum(CartLine.quantity), 0)).join(Cart).where(Cart.token == token)
    with unit_of_work() as session:
        return int(session.scalar(query) or 0)


def add(token: str | None, sku: str, quantity: int, currency: str) -> str:
    """Put so many more of a variant into the cart, made if there is none; return its token.

    Raises InvalidInput for a quantity outside 1..99, NotFound for an unknown sku and OutOfStock beyond the stock.
    """
    _check(quantity)
    with unit_of_work(write=True) as session:
        cart = _lock(session, token) or Cart(currency=currency, lines=[])
        session.add(cart)
        variant = _variant(session, sku)
        line = _line(cart, variant)
        wanted = quantity + (line.quantity if line else 0)
        _check_stock(variant, wanted)
        if line is None:
            cart.lines.append(CartLine(variant=variant, quantity=quantity))
        else:
            line.quantity = min(wanted, MOST_OF_ONE)
        session.flush()
        return cart.token


def set_quantity(token: str | None, sku: str, quantity: int) -> None:
    """Set how many of a variant are in the cart; the same errors as `add`."""
    _check(quantity)
    with unit_of_work(write=True) as session:
        cart, variant = _existing(session, token), _variant(session, sku)
        line = _line(cart, variant)
        if line is None:
            raise NotFound("That is no longer in your cart.")
        _check_stock(variant, quantity)
        line.quantity = quantity


def remove(token: str | None, sku: str) -> None:
    """Take a variant out of the cart; nothing happens where it is not in it."""
    with unit_of_work(write=True) as session:
        cart = _existing(session, token)
        cart.lines = [line for line in cart.lines if line.variant.sku != sku]


def change_currency(token: str | None, currency: str) -> None:
    """Show and charge the cart in another currency; nothing happens where there is no cart."""
    with unit_of_work(write=True) as session:
        cart = _find(session, token)
        if cart is not None:
            cart.currency = currency


def belong_to(token: str | None, user_id: int) -> None:
    """Write the visitor's cart to the account they signed in to; nothing happens where there is no cart."""
    with unit_of_work(write=True) as session:
        cart = _find(session, token)
        if cart is not None:
            cart.user_id = user_id


def _find(session: Session, token: str | None) -> Cart | None:
    return session.scalar(select(Cart).where(Cart.token == token)) if token else None


def _lock(session: Session, token: str | None) -> Cart | None:
    """Return the cart with its row locked until the transaction ends: a button may be pressed twice."""
    return session.scalar(select(Cart).where(Cart.token == token).with_for_update()) if token else None


def _existing(session: Session, token: str | None) -> Cart:
    cart = _lock(session, token)
    if cart is None:
        raise NotFound("Your cart is empty.")
    return cart


def _variant(session: Session, sku: str) -> Variant:
    variant = session.scalar(select(Variant).where(Variant.sku == sku))
    if variant is None or not variant.product.is_listed:
        raise NotFound("We have no such tea.")
    return variant


def _line(cart: Cart, variant: Variant) -> CartLine | None:
    return next((line for line in cart.lines if line.variant.id == variant.id), None)


def _check(quantity: int) -> None:
    if not 1 <= quantity <= MOST_OF_ONE:
        raise InvalidInput(f"Choose a quantity from 1 to {MOST_OF_ONE}.", "quantity")


def _check_stock(variant: Variant, wanted: int) -> None:
    if wanted > variant.stock:
        name = f"{variant.product.name}, {variant.label}"
        left = f"We have {variant.stock} left of {name}." if variant.stock else f"{name} is sold out."
        raise OutOfStock(left, variant.sku, variant.stock)
