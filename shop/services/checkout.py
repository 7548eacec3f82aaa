"""Checkout: a cart becomes an order, with prices frozen and stock held, before any provider hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.errors import InvalidInput, OutOfStock
from shop.models import Cart, CartLine, Order, OrderLine, ShippingRate
from shop.models.record import Transition
from shop.money import Money
from shop.services import installation, orders, preorders, review, shipping, stock, tax
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work


@dataclass(frozen=True)
class Details:
    """What the customer fills in; `country` is ISO 3166-1 alpha-2, `shipping` a rate's code."""

    email: str
    name: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str
    shipping: str
    locale: str = "en"


def place_order(cart_token: str, details: Details, user_id: int | None, expected_total: int | None = None) -> Order:
    """Make a pending order from a cart: freeze its prices, hold its stock, commit.

    The server's prices count. `expected_total` (minor units) is what the page showed: if the total has changed
    since, InvalidInput with the field "total" says so before anything is charged. Raises InvalidInput for an
    empty cart or a country we do not ship to, and OutOfStock. The cart is kept until the order is paid;
    an unpaid order that was placed from it before is ended.
    """
    ctx = context()
    with unit_of_work(write=True) as session:
        cart = _cart(session, cart_token)
        orders.replace_earlier(session, cart.id)
        rate = shipping.choose(session, details.shipping, details.country, cart.currency)
        order = _order(session, cart, details, rate)
        order.user_id = user_id
        if expected_total is not None and expected_total != order.total:
            raise InvalidInput("The total has changed since this page was opened. Please look once more.", "total")
        order.expires_at = ctx.clock.now() + timedelta(seconds=ctx.settings.order_lifetime)
        stock.hold(session, order)
        session.add(order)
        session.flush()
        preorders.freeze(session, order)
        review.judge(session, order)
        session.add(Transition(kind="order", object_id=order.id, old="", new=order.state, cause="checkout"))
        return order


def _cart(session: Session, token: str) -> Cart:
    cart = session.scalars(select(Cart).where(Cart.token == token)).one_or_none()
    if cart is None or not cart.lines:
        raise InvalidInput("The cart is empty.", "cart")
    return cart


def _order(session: Session, cart: Cart, details: Details, rate: ShippingRate) -> Order:
    """Return the order with all its figures; nothing of them comes from the customer."""
    rates = tax.rates(session, details.country)
    lines = [_line(line, cart.currency, rates) for line in cart.lines]
    items = sum(line.amount for line in lines)
    shipping_tax = tax.included(rate.money, rates.get("standard", 0)).amount
    return Order(
        number=installation.next_order_number(session),
        cart_id=cart.id,
        email=details.email,
        locale=details.locale,
        currency=cart.currency,
        items=items,
        shipping=rate.amount,
        discount=0,
        tax=sum(line.tax for line in lines) + shipping_tax,
        tax_is_estimated=True,
        total=items + rate.amount,
        shipping_name=rate.name,
        name=details.name,
        line1=details.line1,
        line2=details.line2,
        city=details.city,
        region=details.region,
        postal_code=details.postal_code,
        country=details.country,
        lines=lines,
    )


def _line(line: CartLine, currency: str, rates: dict[str, int]) -> OrderLine:
    variant = line.variant
    price = variant.price_in(currency)
    if price is None or not variant.product.is_listed:
        raise OutOfStock(f"{variant.product.name} is no longer sold.", variant.sku, 0)
    basis_points = tax.rate_of(variant.product, rates)
    gross: Money = price * line.quantity
    return OrderLine(
        variant_id=variant.id,
        sku=variant.sku,
        name=variant.product.name,
        label=variant.label,
        quantity=line.quantity,
        unit_amount=price.amount,
        tax=tax.included(gross, basis_points).amount,
        tax_basis_points=basis_points,
    )
