"""Money that is set aside and taken later, for the tests that take it, let it go, or wait too long."""

from typing import Any

from shop.gateways.base import PaymentState, Provider
from shop.models import Order, Payment, ReviewState
from shop.services import payments
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import STRIPE, Shop


def hold(order: Order) -> Order:
    """Put an order under review, as a rule does when it is placed."""
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id).review = ReviewState.HELD
    return order


def authorized(shop: Shop, provider: Provider = STRIPE, **wanted: Any) -> Payment:
    """Alice's payment of an order under review, with the money set aside."""
    order = hold(shop.order(**wanted))
    started = payments.start(order.id, provider)
    shop.fake(provider).approve(started.external_id)
    payments.settle(order.id)
    payment = shop.payment(started.payment_id)
    assert payment.state is PaymentState.AUTHORIZED
    return payment


def taken(shop: Shop, payment: Payment) -> int:
    """Return what the provider took in fact, in cents."""
    return shop.fake(payment.provider).fetch(payment.external_id or "").captured.amount
