"""The tax inside a price: by the merchant's rate table, marked as estimated."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.models import Product, TaxRate
from shop.money import Money

WHOLE = 10_000  # basis points


def rates(session: Session, country: str) -> dict[str, int]:
    """Return the country's rates in basis points by kind ("standard", "food"); empty where nothing is charged."""
    rows = session.scalars(select(TaxRate).where(TaxRate.country == country))
    return {row.kind: row.basis_points for row in rows}


def rate_of(product: Product, of_country: dict[str, int]) -> int:
    """Return a product's rate in basis points among a country's rates; the standard one where it has no own."""
    return of_country.get(str(product.facts.get("tax", "standard")), of_country.get("standard", 0))


def included(gross: Money, basis_points: int) -> Money:
    """Return the tax inside a gross amount, rounded half to even."""
    return gross.share(Decimal(basis_points), Decimal(WHOLE + basis_points))
