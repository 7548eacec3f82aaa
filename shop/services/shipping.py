"""What shipping costs: by country, weight and currency, from the merchant's table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.models import ShippingRate
from shop.money import Money
from shop.services.unit_of_work import unit_of_work

# The ways of the table that we seed, so that catalogues of texts have them; another is called what the merchant wrote.
KNOWN_WAYS = {"Standard post": _l("Standard post"), "Express courier": _l("Express courier")}


class Obstacle(StrEnum):
    """Why nothing can be sent."""

    NONE = ""
    COUNTRY = "country"  # we do not ship there
    WEIGHT = "weight"  # the parcel is heavier than anything we send there


@dataclass(frozen=True)
class Offer:
    """A way of shipping at its price for this parcel; with goods worth `free_from` it would cost nothing."""

    code: str
    name: str
    days_least: int
    days_most: int
    price: Money
    free_from: Money | None


def rates(session: Session, currency: str) -> Sequence[ShippingRate]:
    """Read the table of a currency, the cheapest first."""
    query = select(ShippingRate).where(ShippingRate.currency == currency)
    return session.scalars(query.order_by(ShippingRate.amount, ShippingRate.id)).all()


def offers(table: Sequence[ShippingRate], country: str, weight: int, goods: Money) -> tuple[list[Offer], Obstacle]:
    """Return the ways for a parcel of so many grams and such a worth, the cheapest first, or why there are none.

    Each way is offered once: by its lightest step that carries the parcel.
    """
    there = [rate for rate in table if country in rate.countries]
    if not there:
        return [], Obstacle.COUNTRY
    steps: dict[str, ShippingRate] = {}
    for rate in sorted(there, key=lambda rate: rate.max_weight):
        if weight <= rate.max_weight:
            steps.setdefault(rate.code, rate)
    found = sorted((_offer(rate, goods) for rate in steps.values()), key=lambda offer: offer.price.amount)
    return found, Obstacle.NONE if found else Obstacle.WEIGHT


def countries(currency: str) -> list[str]:
    """Return every country we ship to, as ISO 3166-1 alpha-2, sorted."""
    with unit_of_work() as session:
        return sorted({country for rate in rates(session, currency) for country in rate.countries})


def _offer(rate: ShippingRate, goods: Money) -> Offer:
    free_from = None if rate.free_from is None else Money(rate.free_from, rate.currency)
    is_free = free_from is not None and goods >= free_from
    price = Money.zero(rate.currency) if is_free else rate.money
    name = str(KNOWN_WAYS.get(rate.name, rate.name))
    return Offer(rate.code, name, rate.days_least, rate.days_most, price, None if is_free else free_from)
