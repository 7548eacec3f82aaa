"""Money: an integer count of the currency's smallest unit, together with its currency.

Exponents are ISO 4217's, with the providers' exceptions kept at their gateways. Arithmetic between two
currencies raises; there is no float anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

ZERO_DECIMAL = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THREE_DECIMAL = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
TWO_DECIMAL = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP
    CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS
    KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
    NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD STN SZL THB TJS TOP TRY TTD
    TWD TZS UAH USD UYU UZS WST XCD YER ZAR ZMW""".split()
)

LARGEST = 10**16  # major units; beyond it a typing error is likelier than a price
MOST_DIGITS = 28  # what Decimal's arithmetic keeps exact


def exponent(currency: str) -> int:
    """Return how many decimals the currency has; raise ValueError for one that we do not know."""
    if currency in TWO_DECIMAL:
        return 2
    if currency in ZERO_DECIMAL:
        return 0
    if currency in THREE_DECIMAL:
        return 3
    raise ValueError(f"{currency!r} is not a currency this shop knows (three capital letters, ISO 4217)")


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in the smallest unit of its currency: Money(2450, "EUR") is 24.50 euros."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"an amount is an int of minor units, not {type(self.amount).__name__}")
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return no money, in the given currency."""
        return cls(0, currency)

    @classmethod
    def from_decimal(cls, value: str | Decimal, currency: str) -> Money:
        """Read "24.50"; raise ValueError if it is not a number or finer than the currency's smallest unit.

        Also for one that nobody could pay: infinite, or longer than Decimal keeps exact.
        """
        try:
            number = Decimal(value)
            is_payable = abs(number) < LARGEST and len(number.as_tuple().digits) <= MOST_DIGITS
        except InvalidOperation as exc:
            raise ValueError(f"{value!r} is not an amount") from exc
        if not is_payable:
            raise ValueError(f"{value!r} is not an amount")
        scaled = number.scaleb(exponent(currency))
        whole = scaled.to_integral_value()
        if scaled != whole:
            raise ValueError(f"{value} {currency} is finer than the currency's smallest unit")
        return cls(int(whole), currency)

    @classmethod
    def total(cls, amounts: Iterable[Money], currency: str) -> Money:
        """Add up any number of amounts of one currency; none make zero."""
        return sum(amounts, cls.zero(currency))

    def to_decimal(self) -> Decimal:
        """Return the amount in major units, exact."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other.amount

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.amount * count, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def share(self, numerator: Decimal, denominator: Decimal) -> Money:
        """Return amount x numerator / denominator, rounded half to even: a tax inside a gross price, a part."""
        exact = Decimal(self.amount) * numerator / denominator
        return Money(int(exact.to_integral_value(rounding=ROUND_HALF_EVEN)), self.currency)

    def split(self, weights: list[int]) -> list[Money]:
        """Split by weight so that the parts add up exactly; what is left over goes to the first parts
        that were rounded.

        Weights are non-negative; when all are zero the parts are equal but for the remainder.
        """
        if not weights or min(weights) < 0:
            raise ValueError("splitting needs at least one weight and none below zero")
        if sum(weights) == 0:
            weights = [1] * len(weights)
        whole = sum(weights)
        parts = [self.amount * weight // whole for weight in weights]
        rounded = [index for index, weight in enumerate(weights) if self.amount * weight % whole]
        for index in rounded[: self.amount - sum(parts)]:
            parts[index] += 1
        return [Money(part, self.currency) for part in parts]

    def __str__(self) -> str:
        return f"{self.to_decimal():f} {self.currency}"
