"""What the tests of prices need beside the shelf of `tests.shop_app`: dollars, places abroad, and companies."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from shop.gateways.fake import FakeTax
from shop.models import Order, Price, ShippingRate, TaxRate, Variant
from shop.services import checkout
from shop.services.breaker import Breaker
from shop.services.checkout import Details
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop, details

AUSTRIAN_VAT_ID = "ATU13585627"
ABROAD = ("AT", "CH", "US", "JP", "GB")
# The rates that the fake provider knows; they differ from the table's, so that a test can tell who spoke.
PROVIDERS = {
    "DE": {"standard": 1900, "food": 700},
    "AT": {"standard": 2000, "food": 1000},
    "US": {"standard": 885, "food": 400},
    "JP": {"standard": 1000, "food": 800},
}


def ship_abroad(shop: Shop) -> None:
    """Give the shelf dollars and weights, ways of shipping abroad, and the table rates for Austria and California."""
    with unit_of_work(write=True) as session:
        for variant in session.scalars(select(Variant)).unique():
            euros = next(price.amount for price in variant.prices if price.currency == "EUR")
            variant.prices.append(Price(currency="USD", amount=euros))
            variant.weight = 100
        session.flush()
        steps = ((1_000, 900, None), (5_000, 1900, None))
        for currency, factor in (("EUR", 1), ("USD", 1), ("JPY", 2)):
            for heaviest, amount, free_from in steps:
                session.add(
                    ShippingRate(
                        code="standard", name="Standard post", zone="abroad", countries=list(ABROAD), currency=currency,
                        max_weight=heaviest, amount=amount * factor, free_from=free_from, days_least=3, days_most=6,
                    )
                )  # fmt: skip
        for country, region, standard, food in (("AT", "", 2000, 1000), ("US", "CA", 900, 0), ("JP", "", 1000, 800)):
            for kind, points in (("standard", standard), ("food", food)):
                session.add(TaxRate(country=country, region=region, kind=kind, basis_points=points))


def with_provider(shop: Shop) -> FakeTax:
    """Let a fake provider compute the tax."""
    fake = FakeTax(PROVIDERS)
    shop.change_context(tax=fake, tax_breaker=Breaker("tax", shop.context.queues.redis))
    return fake


def place(shop: Shop, who: Details, *skus: str, currency: str = "EUR") -> Order:
    """Order one of each, a tea and a cup unless said otherwise."""
    return checkout.place_order(shop.cart(*(skus or ("SEN-100", "CUP-1")), currency=currency), who, user_id=None)


def figures(order: Order) -> tuple[int, ...]:
    """Return an order's items, shipping, tax, tax on top and total, which add up."""
    assert order.items + order.shipping - order.discount + order.tax_added == order.total
    return (order.items, order.shipping, order.tax, order.tax_added, order.total)


def american(**changes: Any) -> Details:
    """Return what a customer in California fills in."""
    place = {"country": "US", "region": "CA", "city": "San Francisco", "postal_code": "94103", "line1": "1 Pier"}
    return replace(details(), **(place | changes))


def austrian_company(**changes: Any) -> Details:
    """Return what an Austrian company fills in."""
    place = {"country": "AT", "city": "Wien", "postal_code": "1010"}
    company = {"company": "Teehaus GmbH", "vat_id": "atu 13585627"}
    return replace(details(), **(place | company | changes))


def swiss(**changes: Any) -> Details:
    """Return what a customer in Switzerland fills in."""
    return replace(details(), **({"country": "CH", "city": "Basel", "postal_code": "4001"} | changes))


def japanese(**changes: Any) -> Details:
    """Return what a customer in Tokyo fills in."""
    place = {"country": "JP", "region": "Tokyo", "city": "Chiyoda", "postal_code": "100-0001", "line1": "1-1"}
    return replace(details(), **(place | changes))
