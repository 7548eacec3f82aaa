"""PayPal's decimal strings.

developer.paypal.com/docs/reports/reference/paypal-supported-currencies: HUF, JPY and TWD take no decimals
there, whatever ISO 4217 says of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shop.errors import ProviderRejected
from shop.money import Money

WHOLE_ONLY = frozenset({"HUF", "JPY", "TWD"})


def to_paypal(money: Money) -> dict[str, str]:
    """Return `{currency_code, value}`; raise ProviderRejected for an amount PayPal cannot express."""
    value = money.to_decimal()
    if money.currency in WHOLE_ONLY:
        if value != value.to_integral_value():
            raise ProviderRejected(f"PayPal takes {money.currency} without decimals, not {money}", param="amount")
        value = value.quantize(Decimal(1))
    return {"currency_code": money.currency, "value": f"{value:f}"}


def from_paypal(amount: Mapping[str, Any]) -> Money:
    """Return `{currency_code, value}` as money."""
    return Money.from_decimal(str(amount["value"]), str(amount["currency_code"]))
