"""The uses of a promotion code: never one too many, and each is held, used, or given back with its order."""

from typing import Any

import pytest

from shop.errors import InvalidInput
from shop.models import OrderState, RedemptionState, Transition
from shop.services import carts, orders, payments, promotions
from shop.services.sweep import sweep
from shop.services.unit_of_work import unit_of_work
from tests.promoting import NOISE, cart_with, make, place, states, used_by_bob, uses
from tests.shop_app import STRIPE, Shop, errors, eur


@pytest.fixture(autouse=True)
def _noise(request: pytest.FixtureRequest) -> None:
    """Another promotion stands in every database, used by Bob."""
    if "shop" in request.fixturenames:
        used_by_bob(request.getfixturevalue("shop"))


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
