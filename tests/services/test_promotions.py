"""Promotion codes: what they take off, that nobody takes one too often, and what becomes of a use."""

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
    OrderState,
    Price,
    Product,
    Promotion,
    PromotionKind,
    PromotionTerms,
    Redemption,
    RedemptionState,
    Transition,
    Variant,
)
from shop.money import Money
from shop.services import carts, checkout, orders, payments, promotions, seed
from shop.services.promotions import LEAST_CHARGE, Trouble
from shop.services.quote import quote
from shop.services.sweep import sweep
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import STRIPE, Shop, details, errors, eur

NOISE = "BOBSOWN"


@pytest.fixture(autouse=True)
def _noise(request: pytest.FixtureRequest) -> None:
    """Another promotion stands in every database, used by Bob."""
    if "shop" in request.fixturenames:
        shop: Shop = request.getfixturevalue("shop")
        promotion = make(NOISE, once_per_customer=True, most_uses=7, uses=1)
        with unit_of_work(write=True) as session:
            row = Redemption(promotion_id=promotion.id, order_id=shop.bobs.order_id, customer_key="bob@example.com")
            session.add(row)


def make(code: str, kind: PromotionKind = PromotionKind.PERCENT, **fields: Any) -> Promotion:
    """Mara makes a promotion; ten per cent off, unless said otherwise."""
    fields.setdefault("basis_points", 1000 if kind is PromotionKind.PERCENT else 0)
    with unit_of_work(write=True) as session:
        promotion = Promotion(code=code, kind=kind, **fields)
        session.add(promotion)
    return promotion


def terms(amount: int = 0, minimum: int = 0, currency: str = "EUR") -> list[PromotionTerms]:
    return [PromotionTerms(currency=currency, amount=amount, minimum=minimum)]


def cart_with(shop: Shop, code: str, *skus: str, currency: str = "EUR") -> str:
    token = shop.cart(*skus, currency=currency)
    carts.apply_code(token, code)
    return token


def place(token: str, email: str = "alice@example.com", expected: int | None = None) -> Order:
    return checkout.place_order(token, details(email), user_id=None, expected_total=expected)


def uses(shop: Shop, code: str) -> int:
    return shop.rows(Promotion, Promotion.code == code)[0].uses


def states(shop: Shop) -> list[RedemptionState]:
    """Return how the redemptions stand, but for Bob's."""
    return [row.state for row in shop.rows(Redemption, Redemption.order_id != shop.bobs.order_id)]


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


# Once, and not once too often.


def test_thirty_people_after_the_last_use_take_it_once(shop: Shop) -> None:
    make("LAST", most_uses=3, uses=2)
    tokens = [cart_with(shop, "LAST", "BULK-1") for _ in range(30)]

    results = shop.at_once(lambda n: place(tokens[n], f"p{n}@example.com", expected=1125 + 490), 30)

    assert uses(shop, "LAST") == 3
    assert len(shop.orders()) == 1
    assert {error.field for error in errors(results) if isinstance(error, InvalidInput)} <= {"promotion", "total"}
    assert len(errors(results)) == 29
    assert len(states(shop)) == 1
    assert shop.stock("BULK-1") == 100_000 - 1


def test_the_one_who_comes_too_late_by_a_moment_is_told_at_the_code(shop: Shop) -> None:
    promotion = make("LAST", most_uses=1)
    order, late = shop.order(), shop.order(email="late@example.com")
    discount = promotions.Discount("LAST", eur(125), False, promotion.id, False)

    with unit_of_work(write=True) as session:
        promotions.claim(session, orders.lock(session, order.id), discount)
    with pytest.raises(InvalidInput, match="used up") as caught, unit_of_work(write=True) as session:
        promotions.claim(session, orders.lock(session, late.id), discount)

    assert caught.value.field == "promotion"
    assert uses(shop, "LAST") == 1


def test_one_person_with_ten_tabs_takes_a_code_once(shop: Shop) -> None:
    make("ONCE", once_per_customer=True)
    tokens = [cart_with(shop, "ONCE", "BULK-1") for _ in range(10)]

    results = shop.at_once(lambda n: place(tokens[n], ("alice@example.com", "ALICE@Example.com")[n % 2]), 10)

    assert uses(shop, "ONCE") == 1
    assert len(shop.orders()) == 1
    assert [error.field for error in errors(results) if isinstance(error, InvalidInput)] == ["promotion"] * 9
    assert shop.stock("BULK-1") == 100_000 - 1
    assert uses(shop, NOISE) == 1


def test_the_database_itself_refuses_the_second_use_of_one_customer(shop: Shop) -> None:
    promotion = make("ONCE", once_per_customer=True)
    first, second = shop.order(), shop.order()
    discount = promotions.Discount("ONCE", eur(125), False, promotion.id, True)

    with unit_of_work(write=True) as session:
        promotions.claim(session, orders.lock(session, first.id), discount)
    with pytest.raises(InvalidInput, match="good once"), unit_of_work(write=True) as session:
        promotions.claim(session, orders.lock(session, second.id), discount)

    assert uses(shop, "ONCE") == 1, "what was counted before the refusal is rolled back with it"


def test_others_use_a_code_that_is_once_for_each(shop: Shop) -> None:
    make("ONCE", once_per_customer=True)

    totals = [place(cart_with(shop, "ONCE"), email).discount for email in ("alice@example.com", "carol@example.com")]

    assert totals == [125, 125]
    assert uses(shop, "ONCE") == 2


def test_a_code_for_everybody_may_be_used_again_by_the_same_customer(shop: Shop) -> None:
    make("TEN")

    totals = [place(cart_with(shop, "TEN")).discount for _ in range(2)]

    assert totals == [125, 125]


# What becomes of a use.


def test_a_use_is_held_then_used_and_each_move_is_on_record(shop: Shop) -> None:
    make("TEN", most_uses=5)
    order = place(cart_with(shop, "TEN"))
    held = states(shop)

    payment = shop.payment(payments.start(order.id, STRIPE).payment_id)
    shop.approve(payment)
    for _ in range(2):
        payments.refresh(payment.id, "test")

    assert (held, states(shop)) == ([RedemptionState.HELD], [RedemptionState.USED])
    assert uses(shop, "TEN") == 1
    assert [(row.old, row.new) for row in shop.rows(Transition, Transition.kind == "redemption")] == [("held", "used")]
    assert shop.balances()["sales"] == -(1250 - 125 - 74), "the discount is no revenue"


def test_an_order_that_expires_gives_its_use_back_once(shop: Shop) -> None:
    make("ONCE", once_per_customer=True, most_uses=1)
    place(cart_with(shop, "ONCE"))

    shop.clock.advance(hours=1, seconds=1)
    for _ in range(2):
        sweep()

    assert states(shop) == [RedemptionState.RELEASED]
    assert uses(shop, "ONCE") == 0
    assert place(cart_with(shop, "ONCE")).discount == 125, "and may take it again"


@pytest.mark.parametrize("begun", [False, True], ids=["not begun", "being paid"])
def test_ordering_again_from_the_same_cart_takes_the_use_over(shop: Shop, begun: bool) -> None:
    make("ONCE", once_per_customer=True, most_uses=1)
    token = cart_with(shop, "ONCE")
    first = place(token)
    if begun:
        payments.start(first.id, STRIPE)
    shown = carts.contents(token, "EUR").discount

    second = place(token)

    assert shown == eur(125), "the use that this cart's own order holds is no reason to refuse it"
    assert second.discount == 125
    assert states(shop) == [RedemptionState.RELEASED, RedemptionState.HELD]
    assert uses(shop, "ONCE") == 1


def test_late_money_takes_the_use_again_where_there_is_one(shop: Shop) -> None:
    make("ONCE", once_per_customer=True, most_uses=1)
    payment = _expired_with(shop, "ONCE")

    shop.stripe.take_late(payment.external_id)
    payments.refresh(payment.id, "webhook")

    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert (states(shop), uses(shop, "ONCE")) == ([RedemptionState.USED], 1)


@pytest.mark.parametrize("by", ["alice@example.com", "carol@example.com"], ids=["the same customer", "another"])
def test_late_money_is_kept_at_the_agreed_price_though_the_use_is_gone(shop: Shop, by: str) -> None:
    make("ONCE", once_per_customer=True, most_uses=1 if by.startswith("carol") else None)
    payment = _expired_with(shop, "ONCE")
    place(cart_with(shop, "ONCE"), by)

    shop.stripe.take_late(payment.external_id)
    payments.refresh(payment.id, "webhook")

    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert shop.payment(payment.id).refunds == []
    assert (states(shop), uses(shop, "ONCE")) == ([RedemptionState.RELEASED, RedemptionState.HELD], 1)


def test_late_money_that_goes_back_for_want_of_stock_takes_no_use(shop: Shop) -> None:
    make("TEN", most_uses=1)
    payment = _expired_with(shop, "TEN", "RARE-1")
    shop.order(["RARE-1"], email="carol@example.com")

    shop.stripe.take_late(payment.external_id)
    payments.refresh(payment.id, "webhook")

    assert shop.placed(payment.order_id).state is OrderState.EXPIRED
    assert (states(shop), uses(shop, "TEN")) == ([RedemptionState.RELEASED], 0)


def test_uses_add_up_when_orders_are_placed_and_expire_at_once(shop: Shop) -> None:
    make("TEN", most_uses=50)
    old = [place(cart_with(shop, "TEN", "BULK-1", "CUP-1"), f"o{n}@example.com") for n in range(6)]
    tokens = [cart_with(shop, "TEN", "CUP-1", "BULK-1") for _ in range(6)]
    shop.clock.advance(hours=1, seconds=1)

    def work(n: int) -> object:
        return orders.expire(old[n // 2].id, "test") if n % 2 else place(tokens[n // 2], f"n{n}@example.com")

    results = shop.at_once(work, 12)

    assert errors(results) == []
    assert uses(shop, "TEN") == 6
    assert sorted(states(shop)) == [RedemptionState.HELD] * 6 + [RedemptionState.RELEASED] * 6


def _expired_with(shop: Shop, code: str, sku: str = "SEN-100") -> Any:
    order = place(cart_with(shop, code, sku))
    payment = shop.payment(payments.start(order.id, STRIPE).payment_id)
    shop.clock.advance(hours=1, seconds=1)
    sweep()
    assert shop.placed(order.id).state is OrderState.EXPIRED
    return payment


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
