"""Promotion codes: what they take off, and where they are refused."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from shop.errors import InvalidInput
from shop.models import (
    Cart,
    CartLine,
    Order,
    Price,
    Product,
    Promotion,
    PromotionKind,
    PromotionTerms,
    Redemption,
    RedemptionState,
    Variant,
)
from shop.money import Money
from shop.services import carts, promotions, seed
from shop.services.promotions import LEAST_CHARGE, Trouble
from shop.services.quote import quote
from shop.services.unit_of_work import unit_of_work
from tests.promoting import NOISE, cart_with, make, place, states, terms, used_by_bob
from tests.shop_app import Shop, details, eur


@pytest.fixture(autouse=True)
def _noise(request: pytest.FixtureRequest) -> None:
    """Another promotion stands in every database, used by Bob."""
    if "shop" in request.fixturenames:
        used_by_bob(request.getfixturevalue("shop"))


# What a code takes off.


def test_what_is_sold_out_takes_nothing_off_by_the_code_for_its_category(shop: Shop) -> None:
    tea, cup = (shop.rows(Variant, Variant.sku == sku)[0].product for sku in ("SEN-100", "CUP-1"))
    make("ITS", categories=[tea.category])
    with unit_of_work(write=True) as session:
        session.get_one(Product, cup.id).category = "teaware"
    token = cart_with(shop, "ITS", "SEN-100", "CUP-1")
    with unit_of_work(write=True) as session:
        session.execute(update(Variant).where(Variant.sku == "SEN-100").values(stock=0))

    shown = carts.contents(token, "EUR")

    assert shown.total == eur(1890)
    assert shown.promotion is not None
    assert shown.promotion.trouble is Trouble.NOTHING_FITS


def test_percent_comes_off_the_articles_and_the_tax_in_them_shrinks(shop: Shop) -> None:
    make("TEN")
    token = cart_with(shop, "ten ", "SEN-100", "CUP-1")
    shown = quote(token, details().destination, "standard", "en").figures

    order = place(token, expected=shown.total.amount)

    assert (order.items, order.discount, order.shipping, order.total) == (3140, 314, 490, 3316)
    assert order.promotion_code == "TEN"
    # 7 % in the tea and 19 % in the cup, each after its tenth is off, and 19 % in the post
    assert [line.tax for line in order.lines] == [74, 272]
    assert order.tax == 74 + 272 + 78
    assert shown.tax.amount == order.tax


def test_an_amount_in_yen_has_terms_of_its_own(shop: Shop) -> None:
    make("YEN", PromotionKind.AMOUNT, terms=[*terms(300), *terms(500, currency="JPY")])

    order = place(cart_with(shop, "YEN", currency="JPY"))

    assert (order.items, order.discount, order.total) == (2000, 500, 2300)


def test_free_shipping_makes_the_post_free_and_takes_nothing_off(shop: Shop) -> None:
    make("POST", PromotionKind.FREE_SHIPPING)
    token = cart_with(shop, "POST")
    shown = quote(token, details().destination, "standard", "en").figures

    order = place(token, expected=shown.total.amount)

    assert (order.discount, order.shipping, order.total) == (0, 0, 1250)
    assert states(shop) == [RedemptionState.HELD]


def test_a_code_for_all_of_it_leaves_what_can_be_charged(shop: Shop) -> None:
    make("ALL", basis_points=10_000)

    order = place(cart_with(shop, "ALL"))

    assert order.discount == 1250 - LEAST_CHARGE["EUR"]
    assert order.total == 50 + 490


def test_a_code_for_some_categories_comes_off_their_articles_only(shop: Shop) -> None:
    make("POTS", categories=["teaware"])
    with unit_of_work(write=True) as session:
        cup = session.query(Variant).filter_by(sku="CUP-1").one()
        cup.product.category = "teaware"

    both = place(cart_with(shop, "POTS", "SEN-100", "CUP-1"))
    tea = carts.contents(cart_with(shop, "POTS", "SEN-100"), "EUR")

    assert both.discount == 189
    assert tea.promotion is not None
    assert (tea.promotion.trouble, tea.due) == (Trouble.NOTHING_FITS, eur(1250))


@pytest.mark.parametrize(
    ("fields", "trouble"),
    [
        ({"is_active": False}, Trouble.UNKNOWN),
        ({"ends_in": -1}, Trouble.EXPIRED),
        ({"starts_in": 1}, Trouble.UNKNOWN),
        ({"most_uses": 3, "uses": 3}, Trouble.USED_UP),
    ],
)
def test_a_code_that_is_not_good_is_refused_where_it_is_typed_and_told_where_it_was(
    shop: Shop, fields: dict[str, Any], trouble: Trouble
) -> None:
    token = cart_with(shop, make("ONCE").code)
    for end in ("starts", "ends"):
        if f"{end}_in" in fields:
            fields |= {f"{end}_at": shop.clock.now() + timedelta(days=fields.pop(f"{end}_in"))}
    with unit_of_work(write=True) as session:
        session.execute(update(Promotion).where(Promotion.code == "ONCE").values(**fields))

    told = carts.contents(token, "EUR")
    with pytest.raises(InvalidInput) as caught:
        carts.apply_code(token, "ONCE")

    assert told.promotion is not None
    assert (told.promotion.trouble, told.discount, told.due) == (trouble, eur(0), eur(1250))
    assert caught.value.field == "code"
    assert place(token).discount == 0


def test_unknown_switched_off_and_not_begun_are_answered_in_the_same_words(shop: Shop) -> None:
    make("OFF", is_active=False)
    make("SOON", starts_at=shop.clock.now() + timedelta(days=1))
    token = shop.cart()
    said = set()

    for code in ("OFF", "SOON", "NOSUCHCODE", "X" * 500, "é\U0001f375"):
        with pytest.raises(InvalidInput) as caught:
            carts.apply_code(token, code)
        said.add(str(caught.value))

    assert len(said) == 1
    assert carts.contents(token, "EUR").promotion is None


def test_below_the_minimum_a_code_waits_and_says_how_much_is_missing(shop: Shop) -> None:
    make("BIG", terms=terms(minimum=2000))
    token = cart_with(shop, "BIG", "SEN-100")

    before = carts.contents(token, "EUR").promotion
    carts.add(token, "SEN-100", 1, "EUR")
    after = carts.contents(token, "EUR")

    assert before is not None
    assert (before.trouble, before.missing) == (Trouble.BELOW_MINIMUM, eur(750))
    assert after.discount == eur(250)


def test_a_code_without_terms_for_the_currency_takes_nothing_off_in_it(shop: Shop) -> None:
    make("EUROS", PromotionKind.AMOUNT, terms=terms(500))
    token = cart_with(shop, "EUROS")

    carts.change_currency(token, "JPY")

    told = carts.contents(token, "JPY")
    assert told.promotion is not None
    assert told.promotion.trouble is Trouble.OTHER_CURRENCY
    assert place(token).total == 2800


def test_seeding_again_neither_doubles_a_code_nor_undoes_what_the_merchant_made_of_it(shop: Shop) -> None:
    seed.seed()
    with unit_of_work(write=True) as session:
        session.execute(update(Promotion).where(Promotion.code == "TIDE10").values(basis_points=500))

    seed.seed()

    assert [row.basis_points for row in shop.rows(Promotion, Promotion.code == "TIDE10")] == [500]
    assert len(shop.rows(Promotion, Promotion.code != NOISE)) == len(seed.PROMOTIONS)


# For all figures.

CURRENCIES = ("EUR", "JPY", "KWD", "HUF", "XAF")


@given(
    kind=st.sampled_from(PromotionKind),
    currency=st.sampled_from(CURRENCIES),
    basis_points=st.integers(0, 10_000),
    off=st.integers(0, 10**9),
    items=st.integers(1, 10**9),
    part=st.integers(0, 100),
)
def test_no_discount_is_negative_or_leaves_less_than_can_be_charged(
    kind: PromotionKind, currency: str, basis_points: int, off: int, items: int, part: int
) -> None:
    promotion = Promotion(code="ANY", kind=kind, basis_points=basis_points)
    fitting = Money(items * part // 100, currency)
    row = PromotionTerms(currency=currency, amount=off, minimum=0)

    taken = promotions.taken_off(promotion, row, fitting, Money(items, currency))

    least = LEAST_CHARGE.get(currency, promotions.LEAST_ELSEWHERE)
    assert Money.zero(currency) <= taken <= fitting
    assert taken.amount == 0 or items - taken.amount >= least


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    basis_points=st.integers(0, 10_000),
    currency=st.sampled_from(["EUR", "JPY"]),
    prices=st.lists(st.integers(1, 50_000), min_size=3, max_size=3),
    counts=st.lists(st.integers(1, 5), min_size=3, max_size=3),
    free=st.booleans(),
)
def test_what_the_page_shows_is_what_the_order_costs_whatever_the_figures(
    lasting_shop: Shop, basis_points: int, currency: str, prices: list[int], counts: list[int], free: bool
) -> None:
    skus = ("SEN-100", "CUP-1", "TIN-1")
    with unit_of_work(write=True) as session:
        session.execute(delete(Redemption))
        session.execute(delete(CartLine))
        session.execute(update(Order).values(cart_id=None, promotion_code=""))
        session.execute(delete(Cart))
        session.execute(delete(Promotion))
        session.execute(update(Variant).values(stock=100))
        for sku, price in zip(skus, prices, strict=True):
            found = session.query(Variant.id).filter_by(sku=sku).scalar_subquery()
            session.execute(
                update(Price).where(Price.variant_id == found, Price.currency == currency).values(amount=price)
            )
    make("ANY", PromotionKind.FREE_SHIPPING if free else PromotionKind.PERCENT, basis_points=basis_points)
    token = None
    for sku, count in zip(skus, counts, strict=True):
        token = carts.add(token, sku, count, currency)
    assert token is not None
    carts.apply_code(token, "ANY")
    shown = quote(token, details().destination, "standard", "en").figures

    order = place(token, expected=shown.total.amount)

    assert order.items == sum(price * count for price, count in zip(prices, counts, strict=True))
    assert order.total == order.items - order.discount + order.shipping
    assert 0 <= order.discount <= order.items
    assert order.total >= LEAST_CHARGE[currency] or order.discount == 0
    assert (shown.discount.amount, shown.tax) == (order.discount, order.money(order.tax))
    assert 0 <= order.tax <= order.total
