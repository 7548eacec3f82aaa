"""Rates of tax by country and state, as of 2026; plain tables, good enough to build on and no tax advice.

The real service knows thousands of places and products: https://docs.stripe.com/tax. This one knows a country's
standard rate (a state's in the USA, a province's in Canada) and reduced rates for food, books and digital books.
"""

from dataclasses import dataclass
from decimal import Decimal

SHIPPING_CODE = "txcd_92010001"
GENERAL_CODE = "txcd_99999999"  # tangible goods
NOT_TAXABLE_CODE = "txcd_00000000"
FOOD_CODES = ("txcd_4",)  # txcd_40...: food for home consumption, teas and coffees among it
BOOK_CODES = ("txcd_3506", "txcd_1030")  # printed and digital books

# Country: (standard, food, books) in per cent.
VAT = {
    "AT": ("20", "10", "10"), "BE": ("21", "6", "6"), "BG": ("20", "20", "9"), "CY": ("19", "5", "3"),
    "CZ": ("21", "12", "0"), "DE": ("19", "7", "7"), "DK": ("25", "25", "25"), "EE": ("24", "24", "9"),
    "ES": ("21", "10", "4"), "FI": ("25.5", "13.5", "13.5"), "FR": ("20", "5.5", "5.5"), "GR": ("24", "13", "6"),
    "HR": ("25", "5", "5"), "HU": ("27", "27", "5"), "IE": ("23", "0", "0"), "IT": ("22", "10", "4"),
    "LT": ("21", "21", "5"), "LU": ("17", "3", "3"), "LV": ("21", "21", "5"), "MT": ("18", "0", "5"),
    "NL": ("21", "9", "9"), "PL": ("23", "5", "5"), "PT": ("23", "6", "6"), "RO": ("21", "11", "11"),
    "SE": ("25", "12", "6"), "SI": ("22", "9.5", "5"), "SK": ("23", "5", "5"),
    "GB": ("20", "0", "0"), "CH": ("8.1", "2.6", "2.6"), "NO": ("25", "15", "0"), "IS": ("24", "11", "11"),
}  # fmt: skip
GST = {"AU": "10", "NZ": "15", "SG": "9", "IN": "18"}
JAPAN = ("10", "8")  # standard, food

# Sales tax of a state with an average of its cities; food is free of it in most and taxed in the ones named.
US_STATES = {
    "AL": "9.29", "AK": "1.82", "AZ": "8.38", "AR": "9.45", "CA": "8.85", "CO": "7.81", "CT": "6.35", "DC": "6",
    "DE": "0", "FL": "7", "GA": "7.38", "HI": "4.5", "IA": "6.94", "ID": "6.03", "IL": "8.86", "IN": "7",
    "KS": "8.65", "KY": "6", "LA": "9.56", "MA": "6.25", "MD": "6", "ME": "5.5", "MI": "6", "MN": "8.04",
    "MO": "8.39", "MS": "7.06", "MT": "0", "NC": "7", "ND": "7.04", "NE": "6.97", "NH": "0", "NJ": "6.6",
    "NM": "7.62", "NV": "8.24", "NY": "8.53", "OH": "7.24", "OK": "8.99", "OR": "0", "PA": "6.34", "RI": "7",
    "SC": "7.5", "SD": "6.11", "TN": "9.55", "TX": "8.2", "UT": "7.25", "VA": "5.77", "VT": "6.36", "WA": "9.38",
    "WI": "5.7", "WV": "6.57", "WY": "5.44",
}  # fmt: skip
US_FOOD = {"AL": "9.29", "HI": "4.5", "ID": "6.03", "IL": "1", "MO": "1.23", "MS": "7.06", "SD": "6.11", "TN": "4",
           "UT": "3", "VA": "1"}  # fmt: skip
CA_PROVINCES = {
    "AB": "5", "BC": "12", "MB": "12", "NB": "15", "NL": "15", "NS": "14", "NT": "5", "NU": "5", "ON": "13",
    "PE": "15", "QC": "14.975", "SK": "11", "YT": "5",
}  # fmt: skip


@dataclass(frozen=True)
class Rate:
    """A rate in per cent, the kind of tax, why it is so, and where it comes from."""

    percent: Decimal
    tax_type: str
    reason: str
    country: str
    state: str | None = None

    @property
    def level(self) -> str:
        """The kind of place that asks for it."""
        return "state" if self.state else "country"


def rate_for(country: str, state: str | None, tax_code: str) -> Rate:
    """Return the rate for goods of a tax code that go to a place; where nothing is collected it is zero."""
    food, book = tax_code.startswith(FOOD_CODES), tax_code.startswith(BOOK_CODES)
    if tax_code == NOT_TAXABLE_CODE:
        return Rate(Decimal(0), "vat" if country in VAT else "sales_tax", "product_exempt", country)
    if country in VAT:
        standard, reduced, printed = VAT[country]
        return _graded(reduced if food else printed if book else standard, standard, "vat", country)
    if country == "JP":
        return _graded(JAPAN[1] if food else JAPAN[0], JAPAN[0], "jct", country)
    if country in GST:
        exempt = food and country == "AU"
        return _graded("0" if exempt else GST[country], GST[country], "gst", country)
    if country == "US":
        return _american(state or "", food)
    if country == "CA":
        percent = "0" if food else CA_PROVINCES.get(state or "", "5")
        reason = "zero_rated" if food else "standard_rated"
        return Rate(Decimal(percent), "hst" if Decimal(percent) > 12 else "gst", reason, country, state)
    return Rate(Decimal(0), "vat", "not_collecting", country)


def _graded(percent: str, standard: str, tax_type: str, country: str) -> Rate:
    reason = "standard_rated" if percent == standard else "zero_rated" if Decimal(percent) == 0 else "reduced_rated"
    return Rate(Decimal(percent), tax_type, reason, country)


def _american(state: str, food: bool) -> Rate:
    general = US_STATES.get(state, "0")
    if Decimal(general) == 0:
        return Rate(Decimal(0), "sales_tax", "not_subject_to_tax", "US", state or None)
    if food:
        percent = Decimal(US_FOOD.get(state, "0"))
        reason = "reduced_rated" if percent else "product_exempt"
        return Rate(percent, "sales_tax", reason, "US", state)
    return Rate(Decimal(general), "sales_tax", "standard_rated", "US", state)
