"""Stripe's own idea of a smallest unit, where it differs from ISO 4217.

docs.stripe.com/currencies: MGA has no decimals there; ISK and UGX have none in ISO but are sent as if
they had two; three-decimal currencies must end in a zero.
"""

from __future__ import annotations

from decimal import Decimal

from shop.errors import ProviderRejected
from shop.money import THREE_DECIMAL, Money, exponent

STRIPE_EXPONENTS = {"MGA": 0, "ISK": 2, "UGX": 2}


def to_stripe(money: Money) -> int:
    """Return the integer that Stripe wants; raise ProviderRejected for an amount it cannot express."""
    exact = money.to_decimal().scaleb(_exponent(money.currency))
    if exact != exact.to_integral_value() or (money.currency in THREE_DECIMAL and exact % 10):
        raise ProviderRejected(f"Stripe cannot take {money}: it is finer than what it accepts", param="amount")
    return int(exact)


def from_stripe(amount: int, currency: str) -> Money:
    """Return Stripe's integer and lower-case currency as money."""
    code = currency.upper()
    return Money.from_decimal(Decimal(amount).scaleb(-_exponent(code)), code)


def _exponent(currency: str) -> int:
    return STRIPE_EXPONENTS.get(currency, exponent(currency))
