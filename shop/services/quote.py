"""What a basket costs, sent to a place in a certain way: the one computation behind the page and the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from shop.errors import InvalidInput
from shop.gateways.base import Address
from shop.models import Cart
from shop.money import Money
from shop.services import basket, figures, promotions, shipping, tax
from shop.services.basket import Basket
from shop.services.figures import Figures, Item
from shop.services.promotions import Discount
from shop.services.providers import context
from shop.services.shipping import Obstacle, Offer
from shop.services.tax import Note
from shop.services.unit_of_work import unit_of_work

NEEDS_REGION = frozenset({"US"})


class TaxState(StrEnum):
    """How far the tax is known."""

    KNOWN = "known"
    ESTIMATED = "estimated"  # by the merchant's table
    PENDING = "pending"  # the address is not complete enough
    UNAVAILABLE = "unavailable"  # nobody can tell: checkout is closed for this destination


@dataclass(frozen=True)
class Destination:
    """Where the parcel goes, and to whom the invoice: `vat_id` has been checked; `invoice_country` is its address's."""

    ship_to: Address
    vat_id: str = ""
    invoice_country: str = ""


@dataclass(frozen=True)
class Quote:
    """A basket with its figures. `chosen` is None where nothing can be sent; the figures are then without shipping."""

    basket: Basket
    offers: tuple[Offer, ...]
    chosen: Offer | None
    obstacle: Obstacle
    figures: Figures
    includes_tax: bool
    tax_state: TaxState
    note: Note
    discount: Discount | None
    calculation: str = ""
    trouble: str = ""  # what is wrong with the address, in words, where the tax provider does not know the place

    @property
    def is_ready(self) -> bool:
        """Tell whether an order could be placed with these figures."""
        return self.chosen is not None and self.tax_state in (TaxState.KNOWN, TaxState.ESTIMATED)


def quote(token: str, to: Destination, code: str, locale: str, email: str | None = None) -> Quote:
    """Return the figures of a cart; an unknown way of shipping counts as the cheapest.

    Asks the tax provider, so no transaction may be open; a repeat asks again. `email` is who buys, where that is
    known. Raises InvalidInput for an empty cart, or for a promotion code that this customer has had (field
    "promotion"), and OutOfStock for what is no longer sold.
    """
    country, region = to.ship_to.country, to.ship_to.region
    settings = context().settings
    with unit_of_work() as session:
        goods = basket.read(session, token, locale)
        table = shipping.rates(session, goods.currency)
        rates = tax.tables(session, country, region)
        how = tax.treatment(settings, goods.currency, country, to.vat_id, to.invoice_country or country)
        try:
            items = tax.priced(goods.items, how, rates)
        except tax.TaxUnavailable:
            items = []
        discount = _discount(session, goods, items or goods.items, email)
    nothing = Money.zero(goods.currency)
    worth = figures.reduce(items or goods.items, nothing, discount).goods
    offers, obstacle = shipping.offers(table, country, goods.weight, worth)
    offers = tax.shipped(offers, items, how, rates)
    chosen = next((offer for offer in offers if offer.code == code), offers[0] if offers else None)
    reduced = figures.reduce(items or goods.items, chosen.price if chosen else nothing, discount)
    state, note, calculation, trouble, taxes = TaxState.PENDING, how.note, "", "", figures.untaxed(reduced)
    if not items:
        state = TaxState.UNAVAILABLE
    elif chosen is not None and (country not in NEEDS_REGION or region):
        try:
            found = tax.compute(reduced, how, rates, to.ship_to, to.vat_id)
        except tax.TaxUnavailable:
            state = TaxState.UNAVAILABLE
        except InvalidInput as exc:
            trouble = str(exc)
        else:
            state = TaxState.ESTIMATED if found.is_estimated else TaxState.KNOWN
            note, calculation, taxes = found.note, found.calculation, found.taxes
    sums = figures.compute(reduced, taxes, inclusive=how.inclusive)
    return Quote(
        goods, tuple(offers), chosen, obstacle, sums, how.inclusive, state, note, discount, calculation, trouble
    )


def _discount(session: Session, goods: Basket, items: Sequence[Item], email: str | None) -> Discount | None:
    """Return what the cart's promotion takes off its articles at these prices."""
    if not goods.code:
        return None
    priced = {item.reference: item.amount for item in items}
    cart = session.get_one(Cart, goods.cart_id)
    return promotions.discount_for(session, cart, priced, email, context().clock.business_now())
