"""Money: whole minor units of one currency, whatever is done to them."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shop.money import THREE_DECIMAL, TWO_DECIMAL, ZERO_DECIMAL, Money, exponent

CURRENCIES = sorted(ZERO_DECIMAL | TWO_DECIMAL | THREE_DECIMAL)
amounts = st.integers(min_value=-(10**15), max_value=10**15)
currencies = st.sampled_from(CURRENCIES)
moneys = st.builds(Money, amounts, currencies)


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_currency_shows_its_smallest_unit_with_its_own_decimals(currency: str) -> None:
    decimals = exponent(currency)

    shown = str(Money(1, currency))

    assert shown == {0: "1", 2: "0.01", 3: "0.001"}[decimals] + f" {currency}"


def test_no_currency_has_two_exponents() -> None:
    assert len(CURRENCIES) == len(ZERO_DECIMAL) + len(TWO_DECIMAL) + len(THREE_DECIMAL)


@given(moneys)
def test_an_amount_written_out_and_read_again_is_the_same(money: Money) -> None:
    number, currency = str(money).split(" ")

    assert Money.from_decimal(number, currency) == money
    assert Money.from_decimal(money.to_decimal(), currency) == money


@given(amounts, currencies)
def test_what_is_finer_than_the_smallest_unit_is_refused_and_never_rounded(amount: int, currency: str) -> None:
    finer = Decimal(amount * 10 + 5).scaleb(-exponent(currency) - 1)

    with pytest.raises(ValueError, match="finer than the currency's smallest unit"):
        Money.from_decimal(finer, currency)


@pytest.mark.parametrize(
    "nonsense", ["", "abc", "1,50", "1.2.3", "NaN", "Infinity", "-Infinity", "0x10", "1e999999", "0.1" + "0" * 40 + "1"]
)
def test_what_is_not_a_number_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        Money.from_decimal(nonsense, "EUR")


@example(Money(6_868_037, "AED"), [420, 521, 319, 10_000])  # the first part comes out even
@given(moneys, st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=12))
def test_the_parts_of_a_split_add_up_and_differ_from_their_share_by_less_than_one(
    money: Money, weights: list[int]
) -> None:
    parts = money.split(weights)

    assert Money.total(parts, money.currency) == money
    assert len(parts) == len(weights)
    if sum(weights):
        for part, weight in zip(parts, weights, strict=True):
            exact = Decimal(money.amount) * weight / sum(weights)
            assert abs(part.amount - exact) < 1
            assert weight or part.amount == 0, "a weight of nothing gets nothing"


@pytest.mark.parametrize("weights", [[], [-1], [3, -1]])
def test_a_split_without_sensible_weights_is_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weight"):
        Money(100, "EUR").split(weights)


@given(moneys, st.integers(min_value=0, max_value=10_000), st.integers(min_value=1, max_value=10_000))
def test_a_share_lies_between_nothing_and_the_whole_and_is_rounded_by_half_a_unit_at_most(
    money: Money, numerator: int, denominator: int
) -> None:
    part, whole = sorted((numerator, denominator))

    share = money.share(Decimal(part), Decimal(whole or 1))

    low, high = sorted((0, money.amount))
    assert low <= share.amount <= high
    assert abs(Decimal(share.amount) - Decimal(money.amount) * part / (whole or 1)) <= Decimal("0.5")


@given(amounts, amounts, currencies)
def test_adding_and_taking_away_are_those_of_whole_numbers(first: int, second: int, currency: str) -> None:
    one, other = Money(first, currency), Money(second, currency)

    assert (one + other).amount == first + second
    assert (one + other) - other == one
    assert not one + -one
    assert (one < other, one <= other, one > other, one >= other) == (
        first < second,
        first <= second,
        first > second,
        first >= second,
    )


@given(amounts, amounts, st.lists(currencies, min_size=2, max_size=2, unique=True))
def test_two_currencies_are_never_mixed(first: int, second: int, two: list[str]) -> None:
    one, other = Money(first, two[0]), Money(second, two[1])

    assert one != other
    for mix in (
        lambda: one + other,
        lambda: one - other,
        lambda: one < other,
        lambda: one <= other,
        lambda: one > other,
        lambda: one >= other,
        lambda: Money.total([one, other], one.currency),
    ):
        with pytest.raises(ValueError, match="cannot mix"):
            mix()


@pytest.mark.parametrize("amount", [1.0, 0.1, Decimal(1), "1", True, None])
def test_an_amount_is_a_whole_number_and_nothing_else(amount: object) -> None:
    with pytest.raises(TypeError, match="int of minor units"):
        Money(amount, "EUR")  # type: ignore[arg-type]


@given(moneys, st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_never_slips_in_by_arithmetic(money: Money, factor: float) -> None:
    with pytest.raises(TypeError):
        money * factor  # type: ignore[operator]


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "XXX", "€"])
def test_a_currency_nobody_knows_is_refused(currency: str) -> None:
    with pytest.raises(ValueError, match="not a currency this shop knows"):
        Money(1, currency)
