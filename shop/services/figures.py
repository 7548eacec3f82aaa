"""The figures of an order, computed once and for all: what the page quotes is what the order freezes.

    items + shipping - discount + tax_added == total        tax_added == 0 where the prices include tax

A discount is shared out over the lines before tax, so that each line is taxed on what was paid for it. Nothing
here reads a database or asks a provider.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from shop.gateways.tax import PartTax
from shop.money import Money

WHOLE = 10_000  # basis points


class Discount(Protocol):
    """What a promotion takes off: `amount` is positive; `free_shipping` takes off the shipping as well."""

    @property
    def amount(self) -> Money: ...
    @property
    def free_shipping(self) -> bool: ...


@dataclass(frozen=True)
class Item:
    """So many of one thing at its list price; `kind` is what decides its rate of tax ("food", "standard")."""

    reference: str
    kind: str
    quantity: int
    unit: Money

    @property
    def amount(self) -> Money:
        """Return what all of them cost."""
        return self.unit * self.quantity


@dataclass(frozen=True)
class Reduced:
    """Items with their shares of a discount, and what shipping costs: what tax is computed of."""

    items: tuple[Item, ...]
    shares: tuple[Money, ...]
    shipping: Money

    @property
    def amounts(self) -> list[Money]:
        """Return what each line costs after its share."""
        return [item.amount - share for item, share in zip(self.items, self.shares, strict=True)]

    @property
    def goods(self) -> Money:
        """Return what all the lines cost after the discount."""
        return Money.total(self.amounts, self.shipping.currency)


@dataclass(frozen=True)
class Taxes:
    """The tax of each line, in the order of the lines, and of shipping."""

    lines: tuple[PartTax, ...]
    shipping: PartTax


@dataclass(frozen=True)
class LineFigures:
    """One line: what it costs before its discount, its share of that, the tax on the rest, and the rate."""

    item: Item
    discount: Money
    tax: Money
    basis_points: int


@dataclass(frozen=True)
class Figures:
    """Everything an order says of money; `tax` is all the tax in the total, `tax_added` what stands on top."""

    items: Money
    shipping: Money
    discount: Money
    tax: Money
    tax_added: Money
    total: Money
    lines: tuple[LineFigures, ...]


def reduce(items: Sequence[Item], shipping: Money, discount: Discount | None = None) -> Reduced:
    """Take a discount off: at most what the items cost, shared out over them; and the shipping, where it says so."""
    amounts = [item.amount.amount for item in items]
    if discount is None:
        return Reduced(tuple(items), tuple(Money.zero(shipping.currency) for _ in items), shipping)
    off = Money(min(discount.amount.amount, sum(amounts)), discount.amount.currency)
    shares = tuple(share_out(off, amounts))
    return Reduced(tuple(items), shares, Money.zero(shipping.currency) if discount.free_shipping else shipping)


def share_out(whole: Money, weights: Sequence[int]) -> list[Money]:
    """Split by weight so that the parts add up exactly: what is left over goes where the largest remainders are."""
    heavy = sum(weights)
    if heavy == 0:
        return [Money.zero(whole.currency) for _ in weights]
    parts = [divmod(whole.amount * weight, heavy) for weight in weights]
    left = whole.amount - sum(part for part, _ in parts)
    first = sorted(range(len(parts)), key=lambda at: (-parts[at][1], at))[:left]
    return [Money(part + (at in first), whole.currency) for at, (part, _) in enumerate(parts)]


def without_tax(items: Sequence[Item], rates: Mapping[str, int]) -> list[Item]:
    """Return the items at their net prices: what is left when the tax inside each unit's price is taken out."""
    return [replace(item, unit=item.unit - included(item.unit, rate_of(item.kind, rates))) for item in items]


def shipping_without_tax(price: Money, items: Sequence[Item], rates: Mapping[str, int]) -> Money:
    """Return the net price of sending these items."""
    return price - included(price, rate_of_shipping(items, rates))


def by_rates(reduced: Reduced, rates: Mapping[str, int], *, inclusive: bool) -> Taxes:
    """Return the tax by a table of rates in basis points, inside the amounts or on top of them."""
    compute = included if inclusive else added

    def part(amount: Money, rate: int) -> PartTax:
        return PartTax(compute(amount, rate), rate)

    lines = tuple(
        part(amount, rate_of(item.kind, rates)) for item, amount in zip(reduced.items, reduced.amounts, strict=True)
    )
    return Taxes(lines, part(reduced.shipping, rate_of_shipping(reduced.items, rates)))


def untaxed(reduced: Reduced) -> Taxes:
    """Return no tax on anything."""
    nothing = PartTax(Money.zero(reduced.shipping.currency), 0)
    return Taxes(tuple(nothing for _ in reduced.items), nothing)


def compute(reduced: Reduced, taxes: Taxes, *, inclusive: bool) -> Figures:
    """Return the figures; the tax is added to the total unless the amounts have it inside."""
    currency = reduced.shipping.currency
    items = Money.total((item.amount for item in reduced.items), currency)
    discount = Money.total(reduced.shares, currency)
    tax = Money.total((part.amount for part in taxes.lines), currency) + taxes.shipping.amount
    tax_added = Money.zero(currency) if inclusive else tax
    lines = tuple(
        LineFigures(item, share, part.amount, part.basis_points)
        for item, share, part in zip(reduced.items, reduced.shares, taxes.lines, strict=True)
    )
    total = items + reduced.shipping - discount + tax_added
    return Figures(items, reduced.shipping, discount, tax, tax_added, total, lines)


def rate_of_shipping(items: Sequence[Item], rates: Mapping[str, int]) -> int:
    """Return the rate of sending these items, in basis points.

    Sending goods is part of selling them, so it has the rate of the goods in the parcel, the highest of several; a
    rate for the kind `shipping` comes before that.
    """
    of_goods = (rate_of(item.kind, rates) for item in items)
    return rates.get("shipping", max(of_goods, default=rate_of("shipping", rates)))


def rate_of(kind: str, rates: Mapping[str, int]) -> int:
    """Return the rate of a kind of goods among a place's rates; the standard one where it has no own."""
    return rates.get(kind, rates.get("standard", 0))


def included(gross: Money, basis_points: int) -> Money:
    """Return the tax inside a gross amount, rounded half to even."""
    return gross.share(Decimal(basis_points), Decimal(WHOLE + basis_points))


def added(net: Money, basis_points: int) -> Money:
    """Return the tax on top of a net amount, rounded half to even."""
    return net.share(Decimal(basis_points), Decimal(WHOLE))
