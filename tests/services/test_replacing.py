"""A cart makes one order at a time: an unpaid one that was placed from it before is ended."""

import pytest

from shop import jobs
from shop.errors import OrderNotPayable
from shop.gateways.base import PaymentState
from shop.models import Order, OrderState, ReviewState
from shop.services import carts, checkout, orders, payments, sweep
from shop.services.payments import Outcome
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import PAYPAL, STRIPE, Shop, details


def test_ordering_again_ends_the_unpaid_order_and_takes_its_last_piece(shop: Shop) -> None:
    cart = shop.cart("RARE-1")
    first = checkout.place_order(cart, details("alice@example.com"), user_id=None)

    second = checkout.place_order(cart, details("alice@example.com"), user_id=None)

    assert shop.placed(first.id).state is OrderState.CANCELLED
    assert shop.placed(second.id).state is OrderState.PENDING
    assert shop.stock("RARE-1") == 0
    shop.assert_bob_is_left_alone()


def test_one_that_is_being_paid_is_called_back_by_the_sweep(shop: Shop) -> None:
    cart = shop.cart("TIN-1")
    first = checkout.place_order(cart, details("alice@example.com"), user_id=None)
    payment = payments.start(first.id, STRIPE)
    stock = shop.stock("TIN-1")

    checkout.place_order(cart, details("alice@example.com"), user_id=None)
    shop.clock.advance(seconds=1)
    sweep.sweep()

    assert shop.placed(first.id).state is OrderState.CANCELLED
    assert shop.payment(payment.payment_id).state is PaymentState.CANCELLED
    assert shop.stock("TIN-1") == stock


def test_one_that_a_bank_is_at_work_on_is_left_alone(shop: Shop) -> None:
    cart = shop.cart("TIN-1")
    first = checkout.place_order(cart, details("alice@example.com"), user_id=None)
    ready = payments.start(first.id, STRIPE)
    shop.stripe.process(ready.external_id)
    payments.refresh(ready.payment_id, "test")

    carts.add(cart, "TIN-1", 1, "EUR")  # once more: the first has left the cart
    checkout.place_order(cart, details("alice@example.com"), user_id=None)
    sweep.sweep()

    assert shop.placed(first.id).state is OrderState.PENDING
    assert shop.payment(ready.payment_id).state is PaymentState.PROCESSING


def test_one_whose_payment_was_begun_is_called_back_at_once_and_cannot_be_paid_meanwhile(shop: Shop) -> None:
    cart = shop.cart("TIN-1")
    first = checkout.place_order(cart, details(), user_id=None)
    ready = payments.start(first.id, STRIPE)

    second = checkout.place_order(cart, details(), user_id=None)

    for _ in range(2):
        with pytest.raises(OrderNotPayable, match="taken the place"):
            payments.start(first.id, STRIPE)
        assert payments.status(first.id).outcome is Outcome.ENDED
        jobs.drain_outbox()
    assert shop.payment(ready.payment_id).state is PaymentState.CANCELLED
    assert shop.placed(first.id).state is OrderState.CANCELLED
    assert payments.status(second.id).outcome is Outcome.OPEN


def test_one_that_still_has_time_is_not_begun_again_once_another_has_taken_its_place(shop: Shop) -> None:
    cart = shop.cart("TIN-1")
    first = checkout.place_order(cart, details(), user_id=None)
    payments.start(first.id, STRIPE)
    second = checkout.place_order(cart, details(), user_id=None)
    with unit_of_work(write=True) as session:
        orders.reopen(session, session.get_one(Order, first.id))  # as after a bank debit that came to nothing

    with pytest.raises(OrderNotPayable, match="taken the place"):
        payments.start(first.id, STRIPE)

    assert payments.start(second.id, STRIPE)


def test_money_that_was_faster_than_the_newer_order_still_pays_the_older_one(shop: Shop) -> None:
    cart = shop.cart("TIN-1")
    first = checkout.place_order(cart, details(), user_id=None)
    ready = payments.start(first.id, STRIPE)
    checkout.place_order(cart, details(), user_id=None)
    shop.stripe.approve(ready.external_id)

    assert payments.settle(first.id).outcome is Outcome.PAID
    jobs.drain_outbox()

    assert shop.placed(first.id).state is OrderState.PAID


def test_the_order_that_took_its_place_is_named_to_its_own_customer_only(shop: Shop) -> None:
    cart, shared = shop.cart("TIN-1"), shop.cart("TIN-1")
    first = checkout.place_order(cart, details(), user_id=None)
    second = checkout.place_order(cart, details(), user_id=None)
    hers = checkout.place_order(shared, details(), user_id=None)
    checkout.place_order(shared, details("carol@example.com"), user_id=None)

    found = orders.successor(shop.placed(first.id))

    assert found is not None
    assert found.id == second.id
    assert orders.successor(shop.placed(second.id)) is None
    assert orders.successor(shop.placed(hers.id)) is None, "two people may have used one browser"


def test_what_a_buyer_approves_for_an_order_that_was_replaced_is_not_taken(shop: Shop) -> None:
    cart = shop.cart("TIN-1")
    first = checkout.place_order(cart, details(), user_id=None)
    ready = payments.start(first.id, PAYPAL)
    second = checkout.place_order(cart, details(), user_id=None)
    shop.approve(shop.payment(ready.payment_id))  # before the payment is called back

    payments.approved(first.id)

    payment = shop.payment(ready.payment_id)
    assert (payment.captures, shop.placed(second.id).state) == ([], OrderState.PENDING)
    jobs.drain_outbox()
    assert shop.payment(ready.payment_id).state is PaymentState.CANCELLED


def test_what_is_reserved_for_an_order_that_was_replaced_is_let_go_and_is_not_asked_for_again(shop: Shop) -> None:
    cart = shop.cart("TIN-1")
    first = checkout.place_order(cart, details(), user_id=None)
    with unit_of_work(write=True) as session:
        session.get_one(Order, first.id).review = ReviewState.HELD
    ready = payments.start(first.id, STRIPE)
    second = checkout.place_order(cart, details(), user_id=None)
    shop.approve(shop.payment(ready.payment_id))  # before the payment is called back

    outcome = payments.settle(first.id).outcome
    jobs.drain_outbox()

    assert (outcome, payments.status(second.id).outcome) == (Outcome.ENDED, Outcome.OPEN)
    assert shop.payment(ready.payment_id).state is PaymentState.CANCELLED
    assert shop.placed(first.id).state is OrderState.CANCELLED
    assert shop.owed("mail.authorization_lapsed") == []
