"""Decimal amounts as PayPal reads them, and the fees the sandbox takes."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Json = dict[str, Any]

# https://developer.paypal.com/api/rest/reference/currency-codes/ ; HUF and TWD take no decimals at PayPal, as JPY.
WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})
CURRENCIES = WITHOUT_DECIMALS | frozenset(
    "AUD BRL CAD CNY CZK DKK EUR GBP HKD ILS MYR MXN NOK NZD PHP PLN SEK SGD CHF THB USD".split()
)
MAX_VALUE = Decimal("999999999999999.99")

FEE_RATE = Decimal("0.0349")  # the US rate for PayPal Checkout; other countries' rates differ
FIXED_FEES = {"USD": Decimal("0.49"), "EUR": Decimal("0.39"), "GBP": Decimal("0.39"), "JPY": Decimal(40)}
OTHER_FIXED_FEE = Decimal("0.49")

# The merchant's balances. Money in another currency is changed into the first of them, at these made-up rates.
BALANCES = ("USD", "EUR", "GBP")
RATES_TO_USD = {
    "AUD": "0.65", "BRL": "0.18", "CAD": "0.72", "CHF": "1.12", "CNY": "0.14", "CZK": "0.043", "DKK": "0.145",
    "HKD": "0.128", "HUF": "0.0027", "ILS": "0.27", "JPY": "0.0066", "MXN": "0.053", "MYR": "0.22", "NOK": "0.092",
    "NZD": "0.59", "PHP": "0.017", "PLN": "0.25", "SEK": "0.094", "SGD": "0.75", "THB": "0.028", "TWD": "0.031",
}  # fmt: skip


def money(currency: str, value: Decimal) -> Json:
    """Write an amount as PayPal does: a decimal string with as many decimals as the currency has."""
    step = Decimal(1) if currency in WITHOUT_DECIMALS else Decimal("0.01")
    return {"currency_code": currency, "value": str(value.quantize(step, rounding=ROUND_HALF_UP))}


def value_of(amount: Json) -> Decimal:
    """Read the decimal of an amount that was validated."""
    return Decimal(amount["value"])


def total(amounts: list[Json]) -> Decimal:
    """Add amounts of one currency."""
    return sum((value_of(amount) for amount in amounts), Decimal(0))


def fee(amount: Json) -> Decimal:
    """Return what PayPal keeps of a captured amount, never more than the amount."""
    currency = str(amount["currency_code"])
    raw = value_of(amount) * FEE_RATE + FIXED_FEES.get(currency, OTHER_FIXED_FEE)
    return min(Decimal(money(currency, raw)["value"]), value_of(amount))


def exchange_rate(currency: str) -> Json:
    """Describe the rate at which a currency that the merchant holds no balance in is changed."""
    return {"source_currency": currency, "target_currency": BALANCES[0], "value": RATES_TO_USD[currency]}


def converted(amount: Json, name: str) -> Json:
    """Return `{name: the amount in the merchant's first currency}`, or nothing when its own currency has a balance."""
    currency = str(amount["currency_code"])
    if currency in BALANCES:
        return {}
    return {name: money(BALANCES[0], value_of(amount) * Decimal(RATES_TO_USD[currency]))}


def problem(amount: Json, *, may_be_zero: bool = False) -> tuple[str, str] | None:
    """Return (issue, name of the field) when an amount breaks one of PayPal's rules, else None.

    The amount has its two strings already; only their meaning is looked at.
    """
    currency, value = str(amount["currency_code"]), value_of(amount)
    exponent = value.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    if currency not in CURRENCIES:
        return "INVALID_CURRENCY_CODE", "currency_code"
    if value < 0:
        return ("CANNOT_BE_NEGATIVE" if may_be_zero else "CANNOT_BE_ZERO_OR_NEGATIVE"), "value"
    if value == 0 and not may_be_zero:
        return "CANNOT_BE_ZERO_OR_NEGATIVE", "value"
    if currency in WITHOUT_DECIMALS and decimals > 0:
        return "DECIMALS_NOT_SUPPORTED", "value"
    if decimals > 2:
        return "DECIMAL_PRECISION", "value"
    if value > MAX_VALUE:
        return "MAX_VALUE_EXCEEDED", "value"
    return None
