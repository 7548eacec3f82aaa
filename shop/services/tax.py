"""Tax: who owes it, and how much, by the tax provider or by the merchant's own table of rates.

| the parcel goes                                           | the customer pays                       | note           |
| --------------------------------------------------------- | --------------------------------------- | -------------- |
| where we collect (TAX_COUNTRIES), prices with tax         | the list price; the tax is inside       |                |
| where we collect, prices without tax                      | the list price and the tax on top       |                |
| to a company in another EU country, with a valid VAT id   | the net price; the company owes the tax | reverse_charge |
| anywhere else                                             | the list price; customs may ask theirs  | not_collected  |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import structlog
from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shop.config import EU, Settings
from shop.errors import CustomerError, InvalidInput, OurBug, ProviderRejected, TryLater
from shop.gateways.base import INTERACTIVE, Address
from shop.gateways.tax import TaxableLine, TaxRequest
from shop.models import TaxRate
from shop.services import figures
from shop.services.figures import Item, Reduced, Taxes
from shop.services.providers import call_tax, context
from shop.services.shipping import Offer

log = structlog.get_logger(__name__)

NOWHERE = "customer_tax_location_invalid"
Rates = Mapping[str, int]


class Note(StrEnum):
    """Why there is no tax; NONE where there is, or where its rate is zero."""

    NONE = ""
    REVERSE_CHARGE = "reverse_charge"
    NOT_COLLECTED = "not_collected"


class TaxUnavailable(CustomerError):
    """Neither the provider nor the table can say what tax is due: nothing is sold there for now."""


@dataclass(frozen=True)
class Treatment:
    """How a sale is taxed: `inclusive` tells whether what is computed from has its tax inside."""

    note: Note
    inclusive: bool
    is_net_price: bool = False  # the price list includes tax, and the buyer pays without it


@dataclass(frozen=True)
class Taxation:
    """The tax of a basket, and where it comes from: `calculation` is the provider's id, empty for the table's."""

    taxes: Taxes
    note: Note
    is_estimated: bool
    calculation: str = ""


@dataclass(frozen=True)
class Tables:
    """The merchant's rates in basis points by kind: of the destination, None where it has none, and of our own country.

    Read inside a transaction, before the provider is asked outside of it.
    """

    there: Rates | None
    home: Rates | None


def treatment(settings: Settings, currency: str, country: str, vat_id: str, invoice_country: str) -> Treatment:
    """Return how a sale to a country is taxed; `vat_id` has been checked for the invoice's country."""
    includes = currency not in settings.prices_without_tax
    abroad = EU - {settings.country}
    if settings.country in EU and vat_id and country in abroad and invoice_country in abroad:
        return Treatment(Note.REVERSE_CHARGE, inclusive=False, is_net_price=includes)
    if country not in settings.tax_countries:
        return Treatment(Note.NOT_COLLECTED, inclusive=includes)
    return Treatment(Note.NONE, inclusive=includes)


def tables(session: Session, country: str, region: str) -> Tables:
    """Read the merchant's rates for a destination and for our own country, in one statement."""
    home = context().settings.country
    rows = session.scalars(
        select(TaxRate).where(
            or_(TaxRate.country == home, TaxRate.country == country), TaxRate.region.in_({"", region})
        )
    ).all()

    def rates(of: str, place: str) -> Rates | None:
        found = {row.kind: row.basis_points for row in rows if row.country == of and row.region == ""}
        found |= {row.kind: row.basis_points for row in rows if row.country == of and row.region == place}
        return found or None

    return Tables(rates(country, region), rates(home, ""))


def priced(items: list[Item], how: Treatment, found: Tables) -> list[Item]:
    """Return the items at the prices that the buyer pays: without our own country's tax for a reverse charge."""
    if not how.is_net_price:
        return items
    if found.home is None:
        raise unavailable()
    return figures.without_tax(items, found.home)


def shipped(offers: Sequence[Offer], items: Sequence[Item], how: Treatment, found: Tables) -> list[Offer]:
    """Return the ways of shipping at the prices that the buyer pays, as `priced` does for the items."""
    if not how.is_net_price or found.home is None:
        return list(offers)
    home = found.home
    return [replace(offer, price=figures.shipping_without_tax(offer.price, items, home)) for offer in offers]


def compute(reduced: Reduced, how: Treatment, found: Tables, ship_to: Address, vat_id: str) -> Taxation:
    """Return the tax of a basket; asks the provider, so no transaction may be open.

    Without its answer in two seconds the table is asked, and its tax is an estimate. Raises TaxUnavailable where
    the table knows nothing either, and InvalidInput for an address that the provider cannot find.
    """
    if how.note is Note.NOT_COLLECTED:
        return Taxation(figures.untaxed(reduced), how.note, is_estimated=False)
    calculated = _ask(reduced, how, ship_to, vat_id)
    if calculated is not None:
        return calculated
    if how.note is Note.REVERSE_CHARGE:
        return Taxation(figures.untaxed(reduced), how.note, is_estimated=False)
    if found.there is None:
        raise unavailable()
    return Taxation(figures.by_rates(reduced, found.there, inclusive=how.inclusive), how.note, is_estimated=True)


def unavailable() -> TaxUnavailable:
    """Return the error that says so."""
    return TaxUnavailable(
        _("We cannot work out the tax for this country at the moment, so we cannot take this order.")
    )


def _ask(reduced: Reduced, how: Treatment, ship_to: Address, vat_id: str) -> Taxation | None:
    """Ask the provider; None where there is none, or where it does not answer or refuses for our own fault."""
    if context().tax is None:
        return None
    lines = tuple(
        TaxableLine(item.reference, item.kind, item.quantity, amount)
        for item, amount in zip(reduced.items, reduced.amounts, strict=True)
    )
    reverse = how.note is Note.REVERSE_CHARGE
    request = TaxRequest(
        reduced.shipping.currency, lines, reduced.shipping, ship_to, how.inclusive, vat_id, reverse_charge=reverse
    )
    try:
        found = call_tax("checkout", lambda gateway: gateway.calculate(request, INTERACTIVE))
    except ProviderRejected as exc:
        if exc.code == NOWHERE:
            words = _("The tax office does not know this place. Please check the postcode and the state.")
            raise InvalidInput(words, "postal_code") from exc
        log.error("tax_refused", error=str(exc))
        return None
    except (TryLater, OurBug) as exc:
        log.warning("tax_by_table", error=f"{type(exc).__name__}: {exc}")
        return None
    taxes = Taxes(tuple(found.lines[line.reference] for line in lines), found.shipping)
    note = how.note if found.collects or reverse else Note.NOT_COLLECTED
    return Taxation(taxes, note, is_estimated=False, calculation=found.external_id)
