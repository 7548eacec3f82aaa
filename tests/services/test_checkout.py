"""Checkout: prices are the server's and frozen, stock is held, and nothing else is believed."""

import re
from typing import Any

import pytest
from sqlalchemy import update

from shop.errors import InvalidInput, OutOfStock
from shop.models import CartLine, Order, OrderState, Price, StockState, Transition, Variant
from shop.services import checkout, orders, payments
from shop.services.unit_of_work import unit_of_work
from tests import statements
from tests.shop_app import Shop, details, errors


def test_an_order_freezes_the_prices_and_holds_the_stock(shop: Shop) -> None:
    token = shop.cart("SEN-100", "CUP-1")

    order = checkout.place_order(token, details(), user_id=None)
    _raise_prices()

    order = shop.placed(order.id)
    assert order.state is OrderState.PENDING
    assert order.stock_state is StockState.HELD
    assert (order.items, order.shipping, order.total) == (1250 + 1890, 490, 1250 + 1890 + 490)
    # 7 % in the tea, 19 % in the cup and in the post
    assert [line.tax for line in order.lines] == [82, 302]
    assert order.tax == 82 + 302 + 78
    assert [line.unit_amount for line in order.lines] == [1250, 1890]
    assert (shop.stock("SEN-100"), shop.stock("CUP-1")) == (19, 19)
    assert [row.new for row in shop.rows(Transition, *_moves_of(order))] == ["pending"]


def test_an_order_in_yen_has_no_decimals_to_lose(shop: Shop) -> None:
    order = shop.order(["SEN-100"], currency="JPY")

    assert str(order.money(order.total)) == "2800 JPY"


def test_an_order_has_a_number_of_its_own_that_names_the_installation(shop: Shop) -> None:
    bobs = shop.placed(shop.bobs.order_id)

    first, second = shop.order(), shop.order()

    assert [order.number[-6:] for order in (bobs, first, second)] == ["-00001", "-00002", "-00003"]
    assert first.number.rsplit("-", 1)[0] == second.number.rsplit("-", 1)[0]


def test_the_total_a_page_showed_is_compared_and_never_charged(shop: Shop) -> None:
    token = shop.cart("SEN-100")

    with pytest.raises(InvalidInput, match="The total has changed since") as caught:
        checkout.place_order(token, details(), user_id=None, expected_total=1)

    assert caught.value.field == "total"
    assert shop.orders() == []
    assert shop.stock("SEN-100") == 20


def test_a_price_that_rose_since_the_page_was_shown_stops_the_order(shop: Shop) -> None:
    token = shop.cart("SEN-100")
    _raise_prices()

    with pytest.raises(InvalidInput) as caught:
        checkout.place_order(token, details(), user_id=None, expected_total=1250 + 490)

    assert caught.value.field == "total"


def test_more_than_is_left_is_not_sold_and_nothing_is_held(shop: Shop) -> None:
    token = shop.cart("SEN-100", "RARE-1")
    shop.order(["RARE-1"])

    with pytest.raises(OutOfStock, match="sold out") as caught:
        checkout.place_order(token, details(), user_id=None)

    assert (caught.value.sku, caught.value.available) == ("RARE-1", 0)
    assert shop.stock("SEN-100") == 20, "the tea that was held before the rare one ran out is free again"
    assert len(shop.orders()) == 1


@pytest.mark.parametrize(
    ("change", "field"), [({"country": "AQ"}, "country"), ({"shipping": "pigeon"}, "shipping"), ({}, "cart")]
)
def test_what_makes_no_sense_names_its_field(shop: Shop, change: dict[str, str], field: str) -> None:
    token = shop.cart() if change else "no-such-cart"

    with pytest.raises(InvalidInput) as caught:
        checkout.place_order(token, details(**change), user_id=None)

    assert caught.value.field == field


def test_the_cart_is_kept_until_the_order_is_paid_and_bobs_beyond_that(shop: Shop) -> None:
    payment = shop.started(skus=["CUP-1"])
    before = shop.rows(CartLine)

    shop.approve(payment)
    payments.refresh(payment.id, "test")

    after = shop.rows(CartLine)
    assert [line.variant.sku for line in before] == ["TIN-1", "CUP-1"]
    assert [line.variant.sku for line in after] == ["TIN-1"]


def test_thirty_people_after_the_last_one_buy_it_once(shop: Shop) -> None:
    tokens = [shop.cart("RARE-1") for _ in range(30)]

    results = shop.at_once(lambda n: checkout.place_order(tokens[n], details(f"p{n}@example.com"), None), 30)

    assert len(shop.orders()) == 1
    assert [type(error) for error in errors(results)] == [OutOfStock] * 29
    assert shop.stock("RARE-1") == 0


def _moves_of(order: Order) -> tuple[Any, ...]:
    return (Transition.kind == "order", Transition.object_id == order.id)


def _raise_prices() -> None:
    with unit_of_work(write=True) as session:
        session.execute(update(Price).values(amount=Price.amount * 2))
        session.execute(update(Variant).values(label="dearer"))


def test_shelves_are_locked_in_one_order_whatever_the_order_of_the_cart(shop: Shop) -> None:
    order = shop.order(["CUP-1", "SEN-100"])
    shop.clock.advance(hours=2)

    with statements.collected() as sent:
        orders.expire(order.id, "test")

    touching = [statement for statement in sent if re.match(r"(SELECT variant\.id|UPDATE variant)", statement)]
    assert [statement.split()[0] for statement in touching] == ["SELECT", "UPDATE"]
    assert "ORDER BY variant.id" in touching[0]
    assert (shop.stock("SEN-100"), shop.stock("CUP-1")) == (20, 20)
