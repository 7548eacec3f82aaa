"""A cart makes one order at a time: an unpaid one that was placed from it before is ended."""

from shop.gateways.base import PaymentState
from shop.models import OrderState
from shop.services import checkout, payments, sweep
from tests.shop_app import STRIPE, Shop, details


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

    assert shop.placed(first.id).state is OrderState.EXPIRED
    assert shop.payment(payment.payment_id).state is PaymentState.CANCELLED
    assert shop.stock("TIN-1") == stock


def test_one_that_a_bank_is_at_work_on_is_left_alone(shop: Shop) -> None:
    cart = shop.cart("TIN-1")
    first = checkout.place_order(cart, details("alice@example.com"), user_id=None)
    ready = payments.start(first.id, STRIPE)
    shop.stripe.process(ready.external_id)
    payments.refresh(ready.payment_id, "test")

    checkout.place_order(cart, details("alice@example.com"), user_id=None)
    sweep.sweep()

    assert shop.placed(first.id).state is OrderState.PENDING
    assert shop.payment(ready.payment_id).state is PaymentState.PROCESSING
