"""What shipping costs: rates by country and currency, from the merchant's table."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.errors import InvalidInput
from shop.models import ShippingRate
from shop.services.unit_of_work import unit_of_work


def offers(country: str, currency: str) -> list[ShippingRate]:
    """Return the ways of shipping to a country, cheapest first; empty where we do not ship."""
    with unit_of_work() as session:
        return offers_in(session, country, currency)


def offers_in(session: Session, country: str, currency: str) -> list[ShippingRate]:
    """Return the ways of shipping inside an open transaction."""
    rates = session.scalars(
        select(ShippingRate).where(ShippingRate.currency == currency).order_by(ShippingRate.amount)
    )
    return [rate for rate in rates if country in rate.countries]


def countries(currency: str) -> list[str]:
    """Return every country we ship to, as ISO 3166-1 alpha-2, sorted."""
    with unit_of_work() as session:
        rates = session.scalars(select(ShippingRate).where(ShippingRate.currency == currency))
        return sorted({country for rate in rates for country in rate.countries})


def choose(session: Session, code: str, country: str, currency: str) -> ShippingRate:
    """Return the chosen rate, or raise InvalidInput, naming the field, when it is not offered there."""
    offered = offers_in(session, country, currency)
    if not offered:
        raise InvalidInput("We do not ship to that country yet.", "country")
    chosen = next((rate for rate in offered if rate.code == code), None)
    if chosen is None:
        raise InvalidInput("Choose how it should be shipped.", "shipping")
    return chosen
