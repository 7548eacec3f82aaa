"""What becomes of a cart while its order is paid: nothing is bought twice by mistake, and nothing is lost."""

from shop.models import Payment
from shop.services import carts, checkout, payments
from tests.shop_app import STRIPE, Shop, details


def pieces(token: str) -> dict[str, int]:
    return {line.variant.sku: line.quantity for line in carts.contents(token, "EUR").lines}


def begun(shop: Shop, token: str) -> Payment:
    """Place an order from a cart and begin to pay it."""
    order = checkout.place_order(token, details(), user_id=None)
    return shop.payment(payments.start(order.id, STRIPE).payment_id)


def test_more_of_the_same_that_was_put_in_after_ordering_stays(shop: Shop) -> None:
    token = shop.cart("SEN-100", "CUP-1")
    payment = begun(shop, token)
    carts.add(token, "SEN-100", 2, "EUR")

    shop.approve(payment)
    payments.refresh(payment.id, "test")

    assert pieces(token) == {"SEN-100": 2}


def test_while_a_bank_is_at_work_the_cart_is_empty_and_what_comes_into_it_then_stays(shop: Shop) -> None:
    token = shop.cart("SEN-100")
    payment = begun(shop, token)
    shop.stripe.process(payment.external_id or "")
    payments.refresh(payment.id, "test")
    meanwhile = pieces(token)
    carts.add(token, "SEN-100", 1, "EUR")

    shop.stripe.settle(payment.external_id or "", succeeded=True)
    payments.refresh(payment.id, "test")

    assert (meanwhile, pieces(token)) == ({}, {"SEN-100": 1})


def test_a_debit_that_fails_puts_back_what_was_ordered_beside_what_came_since(shop: Shop) -> None:
    token = shop.cart("BULK-1", "CUP-1")
    payment = begun(shop, token)
    shop.stripe.process(payment.external_id or "")
    payments.refresh(payment.id, "test")
    carts.add(token, "BULK-1", 99, "EUR")

    shop.stripe.settle(payment.external_id or "", succeeded=False)
    payments.refresh(payment.id, "test")

    assert pieces(token) == {"BULK-1": 99, "CUP-1": 1}
