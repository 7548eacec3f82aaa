"""Checkout: a cart becomes an order, with prices frozen and stock held, before any provider of payments hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from shop.errors import InvalidInput
from shop.gateways.base import Address
from shop.models import Cart, Order, OrderLine, OrderState
from shop.models.record import Transition
from shop.services import installation, locks, orders, preorders, promotions, review, stock, tax, vat
from shop.services.basket import Line
from shop.services.figures import LineFigures
from shop.services.providers import context
from shop.services.quote import Destination, Quote, TaxState, quote
from shop.services.shipping import Obstacle
from shop.services.unit_of_work import unit_of_work


@dataclass(frozen=True)
class Billing:
    """Where the invoice goes, if not where the parcel goes."""

    line1: str
    city: str
    region: str
    postal_code: str
    country: str


@dataclass(frozen=True)
class Details:
    """What the customer fills in; `country` is ISO 3166-1 alpha-2, `shipping` a way's code."""

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
    company: str = ""
    vat_id: str = ""
    billing: Billing | None = None

    @property
    def ship_to(self) -> Address:
        """Return where the parcel goes."""
        return Address(self.name, self.line1, self.line2, self.city, self.region, self.postal_code, self.country)

    @property
    def invoice_country(self) -> str:
        """Return the country of the invoice's address."""
        return self.billing.country if self.billing else self.country

    @property
    def destination(self) -> Destination:
        """Return what the figures depend on; raises InvalidInput for a VAT id that cannot be real."""
        vat_id = vat.check(self.vat_id, self.invoice_country) if self.vat_id else ""
        return Destination(self.ship_to, vat_id, self.invoice_country)


def place_order(cart_token: str, details: Details, user_id: int | None, expected_total: int | None = None) -> Order:
    """Make a pending order from a cart: freeze its prices, hold its stock, commit.

    The server's prices count. `expected_total` (minor units) is what the page showed: if the total has changed
    since, InvalidInput with the field "total" says so before anything is charged. Raises InvalidInput for an
    empty cart, a VAT id that cannot be real, a place that nothing can be sent to or a way of shipping that is not
    offered there, a promotion code that this customer has had or that was used up in this moment (field
    "promotion"), TaxUnavailable, and OutOfStock. The tax provider is asked before the transaction begins. The
    cart is kept until the order is paid; an unpaid order that was placed from it before is ended.
    """
    ctx = context()
    to = details.destination
    found = quote(cart_token, to, details.shipping, details.locale, details.email)
    _check(found, details, expected_total)
    with unit_of_work(write=True) as session:
        locked = select(Cart.id).where(Cart.id == found.basket.cart_id).with_for_update(**locks.kept(Cart))
        if session.scalar(locked) is None:  # it went into an account's cart in another window, in this very moment
            raise InvalidInput(_("The cart is empty."), "cart")
        number = installation.next_order_number(session)  # before what `replace_earlier` locks, as everybody does
        replaced = orders.replace_earlier(session, found.basket.cart_id)
        order = _order(found, details, to, number)
        order.user_id = user_id
        order.expires_at = ctx.clock.now() + timedelta(seconds=ctx.settings.order_lifetime)
        session.add(order)
        session.flush()
        for earlier in replaced:
            earlier.replaced_by_id = order.id
        if found.discount is not None:
            promotions.claim(session, order, found.discount)
        cancelled = [earlier for earlier in replaced if earlier.state is OrderState.CANCELLED]
        stock.exchange(session, cancelled, order)  # everybody locks orders, promotions, shelves in this order
        review.judge(session, order)
        session.add(Transition(kind="order", object_id=order.id, old="", new=order.state, cause="checkout"))
        return order


def _check(found: Quote, details: Details, expected_total: int | None) -> None:
    """Refuse what cannot be sent, taxed or charged as the page has it."""
    if found.obstacle is Obstacle.COUNTRY:
        raise InvalidInput(_("We do not ship to that country yet."), "country")
    if found.obstacle is Obstacle.WEIGHT:
        raise InvalidInput(_("This is heavier than what we can send there in one parcel."), "shipping")
    if found.chosen is None or found.chosen.code != details.shipping:
        raise InvalidInput(_("Choose how it should be shipped."), "shipping")
    if found.tax_state is TaxState.UNAVAILABLE:
        raise tax.unavailable()
    if found.trouble:
        raise InvalidInput(found.trouble, "postal_code")
    if found.tax_state is TaxState.PENDING:
        raise InvalidInput(_("The tax there depends on the state: please choose it."), "region")
    if expected_total is not None and expected_total != found.figures.total.amount:
        raise InvalidInput(_("The total has changed since this page was opened. Please look once more."), "total")
    if found.figures.total.amount <= 0:
        raise InvalidInput(_("There is nothing to pay for this cart, so there is nothing to order here."), "total")


def _order(found: Quote, details: Details, to: Destination, number: str) -> Order:
    """Return the order with all its figures; nothing of them comes from the customer."""
    sums, billing = found.figures, details.billing
    assert found.chosen is not None, "it was checked"
    return Order(
        number=number,
        cart_id=found.basket.cart_id,
        email=details.email,
        locale=details.locale,
        currency=found.basket.currency,
        items=sums.items.amount,
        shipping=sums.shipping.amount,
        discount=sums.discount.amount,
        tax=sums.tax.amount,
        tax_added=sums.tax_added.amount,
        total=sums.total.amount,
        prices_include_tax=found.includes_tax,
        tax_note=found.note,
        tax_is_estimated=found.tax_state is TaxState.ESTIMATED,
        tax_calculation=found.calculation,
        shipping_name=found.chosen.name,
        name=details.name,
        line1=details.line1,
        line2=details.line2,
        city=details.city,
        region=details.region,
        postal_code=details.postal_code,
        country=details.country,
        company=details.company,
        vat_id=to.vat_id,
        billing_line1=billing.line1 if billing else "",
        billing_city=billing.city if billing else "",
        billing_region=billing.region if billing else "",
        billing_postal_code=billing.postal_code if billing else "",
        billing_country=billing.country if billing else "",
        lines=[_line(line, each) for line, each in zip(found.basket.lines, sums.lines, strict=True)],
    )


def _line(line: Line, sums: LineFigures) -> OrderLine:
    return OrderLine(
        variant_id=line.variant_id,
        sku=line.sku,
        name=line.name,
        label=line.label,
        quantity=line.quantity,
        unit_amount=sums.item.unit.amount,
        discount=sums.discount.amount,
        tax=sums.tax.amount,
        tax_basis_points=sums.basis_points,
        ships_from=preorders.still_to_come(line.available_from),
    )
