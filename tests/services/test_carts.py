"""Carts: one line for each variant, one cart for each account, and the truth about every line when it is read."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from shop import jobs
from shop.errors import OutOfStock
from shop.models import Cart, CartLine, Price, Product, User, Variant
from shop.models.base import utc_now
from shop.services import carts, checkout, payments
from shop.services.carts import LineTrouble
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import STRIPE, Shop, details, errors, eur


def test_pressing_the_button_many_times_at_once_makes_one_line_and_loses_none(shop: Shop) -> None:
    token = shop.cart("CUP-1")

    results = shop.at_once(lambda _: carts.add(token, "SEN-100", 1, "EUR"), 8)

    assert errors(results) == []
    counts = {line.variant.sku: line.quantity for line in carts.contents(token, "EUR").lines}
    assert counts == {"CUP-1": 1, "SEN-100": 8}


def test_what_was_put_in_before_signing_in_adds_up_to_the_stock_and_to_ninety_nine(shop: Shop) -> None:
    alice = _account("alice@example.com")
    mine = carts.belong_to(shop.cart("SEN-100", "CUP-1"), alice).token
    carts.set_quantity(mine, "SEN-100", 15)
    carts.add(mine, "BULK-1", 60, "EUR")
    visitor = carts.add(shop.cart("TIN-1"), "SEN-100", 10, "EUR")
    carts.add(visitor, "BULK-1", 60, "EUR")

    belongings = carts.belong_to(visitor, alice)

    assert belongings.token == mine
    assert _counts(mine) == {"SEN-100": 20, "CUP-1": 1, "BULK-1": 99, "TIN-1": 1}
    assert {(cut.name, cut.quantity) for cut in belongings.cut} == {("Sencha", 20), ("Bulk", 99)}
    assert carts.contents(visitor, "EUR").token is None, "the visitor's cart is gone"


def test_signing_in_again_and_elsewhere_finds_the_same_cart(shop: Shop) -> None:
    alice = _account("alice@example.com")
    first = carts.belong_to(shop.cart("SEN-100"), alice)

    again, elsewhere = carts.belong_to(first.token, alice), carts.belong_to(None, alice)

    assert {first.token, again.token, elsewhere.token} == {first.token}
    assert _counts(first.token) == {"SEN-100": 1}
    assert (first.was_waiting, elsewhere.was_waiting) == (False, True)


def test_a_cart_that_becomes_an_accounts_has_a_token_nobody_knew(shop: Shop) -> None:
    planted = shop.cart("SEN-100")

    token = carts.belong_to(planted, _account("alice@example.com")).token

    assert token != planted
    assert carts.contents(planted, "EUR").lines == ()


def test_the_cart_of_another_account_does_not_come_along(shop: Shop) -> None:
    bobs = carts.belong_to(shop.cart("RARE-1"), _account("bob@example.com")).token

    mine = carts.belong_to(bobs, _account("alice@example.com")).token

    assert (_counts(bobs), _counts(mine)) == ({"RARE-1": 1}, {})


def test_devices_that_sign_in_at_once_share_one_cart(shop: Shop) -> None:
    alice = _account("alice@example.com")
    tokens = [shop.cart("SEN-100") for _ in range(6)]

    results = shop.at_once(lambda n: carts.belong_to(tokens[n], alice).token, 6)

    assert errors(results) == []
    assert len(set(map(str, results))) == 1
    assert _counts(str(results[0])) == {"SEN-100": 6}


def test_an_unpaid_order_of_the_visitors_cart_goes_along_and_empties_the_accounts_when_paid(shop: Shop) -> None:
    alice = _account("alice@example.com")
    mine = carts.belong_to(shop.cart("CUP-1"), alice).token
    visitor = shop.cart("SEN-100")
    order = checkout.place_order(visitor, details(), user_id=None)
    carts.belong_to(visitor, alice)

    payment = shop.payment(payments.start(order.id, STRIPE).payment_id)
    shop.approve(payment)
    payments.refresh(payment.id, "test")

    assert _counts(mine) == {"CUP-1": 1}


def test_a_price_that_changed_is_told_until_it_is_acknowledged(shop: Shop) -> None:
    token = shop.cart("SEN-100", "CUP-1")
    _price("SEN-100", 1300)

    told = carts.contents(token, "EUR").changed
    carts.acknowledge(token, {"SEN-100": 1299, "CUP-1": 1300})
    still = carts.contents(token, "EUR").changed
    carts.acknowledge(token, {"SEN-100": 1300})

    assert [(line.variant.sku, line.was, line.price) for line in told] == [("SEN-100", eur(1250), eur(1300))]
    assert [line.was for line in still] == [eur(1250)], "a price that was not the shop's acknowledges nothing"
    assert carts.contents(token, "EUR").changed == ()


def test_another_currency_is_no_change_of_price(shop: Shop) -> None:
    token = shop.cart("SEN-100")

    carts.change_currency(token, "JPY")

    cart = carts.contents(token, "EUR")
    assert (cart.currency, cart.changed, cart.total.amount) == ("JPY", (), 2000)


def test_each_line_says_why_it_cannot_be_bought(shop: Shop) -> None:
    token = shop.cart("SEN-100", "CUP-1", "RARE-1", "TIN-1", "BULK-1")
    carts.set_quantity(token, "TIN-1", 5)
    with unit_of_work(write=True) as session:
        session.execute(update(Variant).where(Variant.sku == "RARE-1").values(stock=0))
        session.execute(update(Variant).where(Variant.sku == "TIN-1").values(stock=3))
        session.execute(update(Product).where(Product.slug == "sen-100").values(is_listed=False))
        cup = session.query(Variant).filter_by(sku="CUP-1").one()
        session.execute(delete(Price).where(Price.variant_id == cup.id, Price.currency == "EUR"))

    cart = carts.contents(token, "EUR")
    carts.take_what_is_left(token, "TIN-1")
    with pytest.raises(OutOfStock):
        carts.take_what_is_left(token, "RARE-1")

    assert {line.variant.sku: line.trouble for line in cart.lines} == {
        "SEN-100": LineTrouble.UNLISTED,
        "CUP-1": LineTrouble.OTHER_CURRENCY,
        "RARE-1": LineTrouble.SOLD_OUT,
        "TIN-1": LineTrouble.SHORT,
        "BULK-1": None,
    }
    assert not cart.is_ready
    assert cart.total == eur(5 * 700 + 1250)
    assert _counts(token)["TIN-1"] == 3
    for sku in ("SEN-100", "CUP-1", "RARE-1"):
        carts.remove(token, sku)
    assert carts.contents(token, "EUR").is_ready


def test_carts_that_nobody_came_back_to_are_purged_and_accounts_keep_theirs(shop: Shop) -> None:
    old, kept = shop.cart("SEN-100"), carts.belong_to(shop.cart("CUP-1"), _account("alice@example.com")).token
    _age_all_carts(days=61)
    touched = shop.cart("TIN-1")

    jobs.purge()

    assert carts.contents(old, "EUR").lines == ()
    assert (_counts(kept), _counts(touched)) == ({"CUP-1": 1}, {"TIN-1": 1})
    assert shop.rows(CartLine, CartLine.cart_id.not_in(select(Cart.id))) == []


def test_changing_a_line_keeps_a_cart_from_the_purge(shop: Shop) -> None:
    token = shop.cart("SEN-100")
    _age_all_carts(days=61)

    carts.set_quantity(token, "SEN-100", 2)
    carts.purge(timedelta(days=60))

    assert _counts(token) == {"SEN-100": 2}


def _account(email: str) -> int:
    with unit_of_work(write=True) as session:
        user = User(email=email, name=email, password_hash="none")
        session.add(user)
        session.flush()
        return user.id


def _counts(token: str) -> dict[str, int]:
    return {line.variant.sku: line.quantity for line in carts.contents(token, "EUR").lines}


def _price(sku: str, amount: int) -> None:
    with unit_of_work(write=True) as session:
        variant = session.query(Variant).filter_by(sku=sku).one()
        session.execute(
            update(Price).where(Price.variant_id == variant.id, Price.currency == "EUR").values(amount=amount)
        )


def _age_all_carts(days: int) -> None:
    with unit_of_work(write=True) as session:
        session.execute(update(Cart).values(updated_at=utc_now() - timedelta(days=days)))
