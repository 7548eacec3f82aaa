"""Promotion codes on the command line: made, listed, ended; nonsense is refused with the option that is wrong."""

from datetime import timedelta

import pytest

from shop.models import Promotion, PromotionKind
from shop.services import carts, codes
from tests.shop_app import Shop


def run(shop: Shop, *arguments: str) -> tuple[int, str]:
    """Run `flask promotions ...`; return how it ended and what it said."""
    result = shop.app.test_cli_runner().invoke(args=["promotions", *arguments])
    return result.exit_code, result.output


def test_a_code_is_made_listed_and_good_at_once(shop: Shop) -> None:
    rules = ("--minimum", "EUR=10", "--minimum", "JPY=1500", "--uses", "3")
    made = run(shop, "add", " tide7 ", "--percent", "7.5", *rules)

    assert made[0] == 0, made[1]
    [row] = shop.rows(Promotion)
    assert (row.code, row.kind, row.basis_points, row.most_uses) == ("TIDE7", PromotionKind.PERCENT, 750, 3)
    assert {terms.currency: terms.minimum for terms in row.terms} == {"EUR": 1000, "JPY": 1500}
    assert run(shop, "list") == (0, "TIDE7  7.5 %  from 10.00 EUR  from 1500 JPY  used 0 of 3\n")
    cart = shop.cart()
    carts.apply_code(cart, "Tide7")


def test_an_amount_and_free_shipping_and_all_rules(shop: Shop) -> None:
    rules = ("--once", "--category", "green", "--starts", "2030-01-01", "--ends", "2030-02-01T12:00:00")
    five, post = run(shop, "add", "FIVE", "--amount", "EUR=5", *rules), run(shop, "add", "POST", "--free-shipping")

    assert (five[0], post[0]) == (0, 0)
    assert run(shop, "list")[1].splitlines() == [
        "FIVE  amount  5.00 EUR  for green  used 0  once each  from 2030-01-01 00:00  until 2030-02-01 12:00",
        "POST  free shipping  used 0",
    ]


def test_an_ended_code_is_off_and_a_repeat_changes_nothing(shop: Shop) -> None:
    for code in ("TIDE7", "OTHER"):
        run(shop, "add", code, "--percent", "7.5")

    assert [run(shop, "end", "tide7") for _ in range(2)] == [(0, "TIDE7  7.5 %  used 0  ended\n")] * 2

    assert {row.code: row.is_active for row in shop.rows(Promotion)} == {"TIDE7": False, "OTHER": True}
    code, said = run(shop, "end", "NONESUCH")
    assert (code, "There is no code NONESUCH." in said) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("TIDE7", "--percent", "5"), "is there already"),
        (("X", "--percent", "5"), "3 to 40 letters"),
        (("T!DE", "--percent", "5"), "3 to 40 letters"),
        (("NEW",), "name one of"),
        (("NEW", "--percent", "5", "--free-shipping"), "name one of"),
        (("NEW", "--percent", "0"), "no part of a hundred"),
        (("NEW", "--percent", "101"), "no part of a hundred"),
        (("NEW", "--percent", "7.555"), "no part of a hundred"),
        (("NEW", "--percent", "NaN"), "no part of a hundred"),
        (("NEW", "--percent", "Infinity"), "no part of a hundred"),
        (("NEW", "--amount", "EUR"), "no sum"),
        (("NEW", "--amount", "EUR=0"), "no sum"),
        (("NEW", "--amount", "EUR=NaN"), "no sum"),
        (("NEW", "--amount", "XXX=5"), "no sum"),
        (("NEW", "--amount", "JPY=5.5"), "no sum"),
        (("NEW", "--amount", "EUR=5", "--amount", "EUR=6"), "no sum"),
        (("NEW", "--amount", "EUR=5", "--minimum", "GBP=5"), "nothing is taken off"),
        (("NEW", "--percent", "5", "--category", "coffee"), "coffee"),
        (("NEW", "--percent", "5", "--ends", "2020-01-01"), "end before it begins"),
    ],
)
def test_nonsense_makes_no_code(shop: Shop, arguments: tuple[str, ...], says: str) -> None:
    run(shop, "add", "TIDE7", "--percent", "7.5")

    code, said = run(shop, "add", *arguments)

    assert (code, says in " ".join(said.split())) == (2, True), said
    assert [row.code for row in shop.rows(Promotion)] == ["TIDE7"]


def test_times_are_utc(shop: Shop) -> None:
    promotion = codes.add(codes.NewCode("SOON", percent="5", starts_at=shop.clock.now() + timedelta(hours=1)))

    assert promotion.starts_at is not None
    assert promotion.starts_at.utcoffset() == timedelta(0)
