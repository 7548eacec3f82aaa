"""The figures: whatever is bought, in any currency and under any rates, they add up and are never negative."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.gateways.tax import PartTax
from shop.money import Money
from shop.services import figures
from shop.services.figures import Figures, Item, Reduced, Taxes

CURRENCIES = ("USD", "EUR", "GBP", "JPY")
rates = st.fixed_dictionaries({"standard": st.integers(0, 3000), "food": st.integers(0, 3000)})


@dataclass(frozen=True)
class Off:
    """A discount."""

    amount: Money
    free_shipping: bool


@st.composite
def reductions(draw: Callable[..., object]) -> Reduced:
    """Any basket with or without a discount, in any of our currencies."""
    currency = str(draw(st.sampled_from(CURRENCIES)))
    amounts = st.integers(1, 500_000)
    kinds = st.sampled_from(["food", "standard", "books"])
    lines = st.lists(st.tuples(kinds, st.integers(1, 99), amounts), min_size=1, max_size=8)
    rows: list[tuple[str, int, int]] = draw(lines)  # type: ignore[assignment]
    items = [Item(f"sku-{at}", kind, count, Money(unit, currency)) for at, (kind, count, unit) in enumerate(rows)]
    shipping = Money(int(str(draw(st.integers(0, 9000)))), currency)
    off = draw(st.none() | st.builds(Off, st.builds(Money, st.integers(0, 10**8), st.just(currency)), st.booleans()))
    return figures.reduce(items, shipping, off)  # type: ignore[arg-type]


def _add_up(found: Figures, reduced: Reduced, taxes: Taxes) -> None:
    """What must hold of all figures."""
    everything = [found.items, found.shipping, found.discount, found.tax, found.tax_added, found.total]
    assert all(amount.amount >= 0 for amount in everything)
    assert found.items + found.shipping - found.discount + found.tax_added == found.total
    assert found.tax_added in (found.tax, Money.zero(found.tax.currency))
    assert found.tax <= found.total
    assert sum(line.discount.amount for line in found.lines) == found.discount.amount
    assert sum(line.tax.amount for line in found.lines) + taxes.shipping.amount.amount == found.tax.amount
    assert sum(line.item.amount.amount for line in found.lines) == found.items.amount
    assert all(Money.zero(line.tax.currency) <= line.discount <= line.item.amount for line in found.lines)


@given(reduced=reductions(), table=rates, inclusive=st.booleans())
def test_figures_add_up_by_the_table_of_rates(reduced: Reduced, table: dict[str, int], inclusive: bool) -> None:
    taxes = figures.by_rates(reduced, table, inclusive=inclusive)

    _add_up(figures.compute(reduced, taxes, inclusive=inclusive), reduced, taxes)


@given(reduced=reductions(), data=st.data())
def test_figures_add_up_by_whatever_a_provider_says(reduced: Reduced, data: st.DataObject) -> None:
    currency = reduced.shipping.currency

    def part(amount: Money) -> PartTax:
        return PartTax(Money(data.draw(st.integers(0, amount.amount)), currency), 0)

    taxes = Taxes(tuple(part(amount) for amount in reduced.amounts), part(reduced.shipping))

    for inclusive in (True, False):
        _add_up(figures.compute(reduced, taxes, inclusive=inclusive), reduced, taxes)


@given(reduced=reductions(), table=rates)
def test_a_tax_inside_is_off_by_less_than_a_unit_for_each_line(reduced: Reduced, table: dict[str, int]) -> None:
    taxes = figures.by_rates(reduced, table, inclusive=True)

    for part, amount in zip(taxes.lines, reduced.amounts, strict=True):
        exact = amount.amount * part.basis_points / (10_000 + part.basis_points)
        assert abs(part.amount.amount - exact) <= 0.5 + 1e-6


@given(
    whole=st.integers(0, 10**9), weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=12),
    currency=st.sampled_from(CURRENCIES),
)  # fmt: skip
def test_shares_add_up_and_differ_from_the_exact_ones_by_less_than_a_unit(
    whole: int, weights: list[int], currency: str
) -> None:
    shares = [share.amount for share in figures.share_out(Money(whole, currency), weights)]

    if not sum(weights):
        assert set(shares) == {0}
        return
    assert sum(shares) == whole
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - whole * weight) < sum(weights)


def test_what_is_left_over_goes_where_the_largest_remainder_is() -> None:
    shares = figures.share_out(Money(100, "JPY"), [1, 1, 4])

    assert [share.amount for share in shares] == [17, 17, 66], "16.7, 16.7 and 66.7: the earlier of equals first"


def test_a_discount_never_takes_more_than_the_items_and_may_take_the_shipping() -> None:
    items = [Item("a", "food", 2, Money(500, "EUR"))]

    reduced = figures.reduce(items, Money(490, "EUR"), Off(Money(9999, "EUR"), free_shipping=True))

    assert (reduced.goods.amount, reduced.shipping.amount) == (0, 0)


@pytest.mark.parametrize(
    ("inclusive", "expected"),
    [(True, (2500, 500, 250, 355, 0, 2750)), (False, (2500, 500, 250, 414, 414, 3164))],
)
def test_the_figures_of_a_mixed_basket(inclusive: bool, expected: tuple[int, ...]) -> None:
    items = [Item("tea", "food", 2, Money(500, "EUR")), Item("pot", "standard", 1, Money(1500, "EUR"))]
    reduced = figures.reduce(items, Money(500, "EUR"), Off(Money(250, "EUR"), free_shipping=False))

    taxes = figures.by_rates(reduced, {"standard": 1900, "food": 700}, inclusive=inclusive)
    found = figures.compute(reduced, taxes, inclusive=inclusive)

    told = (found.items, found.shipping, found.discount, found.tax, found.tax_added, found.total)
    assert [line.discount.amount for line in found.lines] == [100, 150]
    # 59 in the tea, 216 in the pot, 80 in the post; or 63, 256 (half to even), 95 on top
    assert tuple(amount.amount for amount in told) == expected


@pytest.mark.parametrize(
    ("kinds", "table", "expected"),
    [
        (["food"], {"standard": 1900, "food": 700}, 700),
        (["food", "standard"], {"standard": 1900, "food": 700}, 1900),
        (["food"], {"standard": 2000, "food": 0}, 0),
        (["food"], {"standard": 1900, "food": 700, "shipping": 500}, 500),
    ],
)
def test_shipping_has_the_rate_of_the_goods_in_the_parcel(
    kinds: list[str], table: dict[str, int], expected: int
) -> None:
    items = [Item(kind, kind, 1, Money(1000, "EUR")) for kind in kinds]

    taxes = figures.by_rates(figures.reduce(items, Money(490, "EUR")), table, inclusive=True)

    assert taxes.shipping.basis_points == expected


def test_a_net_price_is_the_price_without_the_tax_in_each_unit() -> None:
    items = [Item("tea", "food", 3, Money(1070, "EUR")), Item("pot", "standard", 1, Money(11900, "JPY"))]

    net = figures.without_tax(items, {"standard": 1900, "food": 700})

    assert [item.unit.amount for item in net] == [1000, 10_000]
