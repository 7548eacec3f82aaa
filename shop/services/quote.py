"""What a cart would cost, sent to a country in a certain way: what checkout shows before the order freezes it."""

from __future__ import annotations

from dataclasses import dataclass

from shop.models import ShippingRate
from shop.money import Money
from shop.services import shipping, tax
from shop.services.carts import Contents
from shop.services.unit_of_work import unit_of_work


@dataclass(frozen=True)
class Quote:
    """Figures for one destination. `chosen` is None where we do not ship; then `shipping` and `tax` are None too."""

    offers: tuple[ShippingRate, ...]
    chosen: ShippingRate | None
    items: Money
    discount: Money
    shipping: Money | None
    tax: Money | None
    total: Money


def quote(cart: Contents, country: str, code: str) -> Quote:
    """Return the figures; an unknown way of shipping counts as the cheapest."""
    offers = tuple(shipping.offers(country, cart.currency))
    chosen = next((rate for rate in offers if rate.code == code), offers[0] if offers else None)
    if chosen is None:
        return Quote((), None, cart.total, cart.discount, None, None, cart.due)
    freight = Money.zero(cart.currency) if cart.has_free_shipping else chosen.money
    return Quote(offers, chosen, cart.total, cart.discount, freight, _tax(cart, freight, country), cart.due + freight)


def _tax(cart: Contents, freight: Money, country: str) -> Money:
    """Return the tax inside the total, line by line as the order will freeze it."""
    with unit_of_work() as session:
        rates = tax.rates(session, country)
    amounts = [(line, line.amount) for line in cart.lines if line.amount is not None]
    shares = cart.discount.split([amount.amount for _, amount in amounts])
    parts = [tax.included(freight, rates.get("standard", 0))]
    for (line, amount), share in zip(amounts, shares, strict=True):
        parts.append(tax.included(amount - share, tax.rate_of(line.variant.product, rates)))
    return Money.total(parts, cart.currency)
