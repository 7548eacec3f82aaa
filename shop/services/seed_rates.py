"""What shipping costs and what tax is due, for the demo: tables to start from, which a merchant replaces."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.config import EU
from shop.models import ShippingRate, TaxRate

CURRENCIES = ("EUR", "USD", "GBP", "JPY")
ZONES = {
    "home": ("DE",),
    "eu": tuple(sorted(EU - {"DE"})),
    "europe": tuple("CH GB NO".split()),
    "world": tuple("AU CA JP NZ SG US".split()),
}
# (code, name, zone, least days, most days, ((heaviest in grams, prices in CURRENCIES), ...)): USD without tax
SHIPPING = (
    ("standard", "Standard post", "home", 2, 3, ((2_000, (490, 500, 430, 800)), (31_500, (690, 700, 600, 1100)))),
    ("express", "Express courier", "home", 1, 1, ((31_500, (990, 1000, 870, 1650)),)),
    ("standard", "Standard post", "eu", 3, 6, ((2_000, (790, 820, 690, 1300)), (10_000, (1290, 1340, 1130, 2100)))),
    ("express", "Express courier", "eu", 2, 2, ((31_500, (1690, 1760, 1480, 2800)),)),
    ("standard", "Standard post", "europe", 4, 8, ((2_000, (990, 1060, 860, 1600)), (9_000, (1590, 1700, 1390, 2600)))),
    ("express", "Express courier", "europe", 2, 3, ((31_500, (1990, 2130, 1740, 3300)),)),
    ("standard", "Standard post", "world", 6, 14,
     ((2_000, (1290, 1300, 1130, 2100)), (5_000, (2190, 2300, 1900, 3600)))),
    ("express", "Express courier", "world", 3, 5, ((20_000, (2900, 3100, 2500, 4800)),)),
)  # fmt: skip
# Goods worth this much, in CURRENCIES, travel by standard post for nothing.
FREE_FROM = {"home": (5900, 6500, 5200, 9800), "eu": (9900, 10900, 8700, 16500)}
# Basis points (standard, food).
TAX = {
    "DE": (1900, 700), "AT": (2000, 1000), "BE": (2100, 600), "BG": (2000, 2000), "CY": (1900, 500),
    "CZ": (2100, 1200), "DK": (2500, 2500), "EE": (2400, 2400), "ES": (2100, 1000), "FI": (2550, 1350),
    "FR": (2000, 550), "GR": (2400, 1300), "HR": (2500, 500), "HU": (2700, 2700), "IE": (2300, 0),
    "IT": (2200, 1000), "LT": (2100, 2100), "LU": (1700, 300), "LV": (2100, 2100), "MT": (1800, 0),
    "NL": (2100, 900), "PL": (2300, 500), "PT": (2300, 600), "RO": (2100, 1100), "SE": (2500, 600),
    "SI": (2200, 950), "SK": (2300, 1900), "GB": (2000, 0), "JP": (1000, 800),
}  # fmt: skip
# States of the USA with the average of their cities; a state that is not here is closed without the tax provider.
US_TAX = {
    "CA": (885, 0), "CO": (781, 0), "CT": (635, 0), "DE": (0, 0), "FL": (700, 0), "GA": (738, 0), "IL": (886, 100),
    "MA": (625, 0), "MD": (600, 0), "ME": (550, 0), "MI": (600, 0), "MN": (804, 0), "MT": (0, 0), "NC": (700, 0),
    "NH": (0, 0), "NJ": (660, 0), "NY": (853, 0), "OH": (724, 0), "OR": (0, 0), "PA": (634, 0), "TX": (820, 0),
    "VA": (577, 100), "VT": (636, 0), "WA": (938, 0),
}  # fmt: skip


def shipping(session: Session) -> int:
    """Write the table of shipping, once; return how many rows it has."""
    rates = session.scalars(select(ShippingRate))
    known = {(rate.code, rate.currency, rate.zone, rate.max_weight): rate for rate in rates}
    rows = 0
    for position, (code, name, zone, least, most, steps) in enumerate(SHIPPING):
        for heaviest, amounts in steps:
            for at, currency in enumerate(CURRENCIES):
                key = (code, currency, zone, heaviest)
                rate = known.get(key) or ShippingRate(code=code, currency=currency, zone=zone, max_weight=heaviest)
                rate.name, rate.amount, rate.position = name, amounts[at], position
                rate.days_least, rate.days_most, rate.countries = least, most, list(ZONES[zone])
                rate.free_from = FREE_FROM[zone][at] if code == "standard" and zone in FREE_FROM else None
                session.add(rate)
                rows += 1
    return rows


def taxes(session: Session) -> None:
    """Write the table of rates, once."""
    known = {(rate.country, rate.region, rate.kind): rate for rate in session.scalars(select(TaxRate))}
    rates = {(country, ""): both for country, both in TAX.items()}
    rates |= {("US", state): both for state, both in US_TAX.items()}
    for (country, region), both in rates.items():
        for kind, points in zip(("standard", "food"), both, strict=True):
            rate = known.get((country, region, kind)) or TaxRate(country=country, region=region, kind=kind)
            rate.basis_points = points
            session.add(rate)
