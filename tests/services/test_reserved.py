"""Money that somebody has just reserved stays reserved, whoever was about to call an open window back."""

from datetime import timedelta

import pytest

from shop.errors import PaymentInFlight
from shop.gateways.base import PaymentState, Provider
from shop.models import Alarm, Order, OrderState, Payment, ReviewState, User
from shop.models.base import utc_now
from shop.services import accounts, erasure, payments, sweep
from shop.services.payments import Outcome
from shop.services.unit_of_work import unit_of_work
from tests.meanwhile import meanwhile
from tests.shop_app import PAYPAL, STRIPE, Shop
from tests.statements import collected

BOTH = pytest.mark.parametrize("provider", [STRIPE, PAYPAL])


def opened(shop: Shop, provider: Provider = STRIPE) -> Payment:
    """Return Alice's payment of an order under review; she has not confirmed it."""
    order = shop.order()
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id).review = ReviewState.HELD
    return shop.payment(payments.start(order.id, provider).payment_id)


@BOTH
def test_what_is_reserved_while_the_sweep_works_on_other_orders_is_not_called_back(
    shop: Shop, provider: Provider
) -> None:
    payment = opened(shop, provider)
    shop.clock.advance(days=1)

    def confirm() -> None:
        shop.approve(payment)
        payments.refresh(payment.id, "webhook")

    meanwhile(shop.stripe, "cancel", confirm)  # Bob's order is older, and called back first

    sweep.sweep()
    sweep.sweep()

    assert shop.payment(shop.bobs.id).state is PaymentState.CANCELLED
    assert shop.payment(payment.id).state is PaymentState.AUTHORIZED
    assert shop.fake(provider).fetch(payment.external_id or "").state is PaymentState.AUTHORIZED
    assert shop.placed(payment.order_id).state is OrderState.PENDING
    assert (len(shop.owed("mail.authorized")), shop.owed("mail.authorization_lapsed")) == (1, [])


@BOTH
def test_whoever_saw_an_open_window_is_told_that_the_money_is_reserved_by_now(shop: Shop, provider: Provider) -> None:
    payment = opened(shop, provider)
    shop.approve(payment)
    payments.settle(payment.order_id)

    with pytest.raises(PaymentInFlight, match="reserved already"):
        payments.call_back(payment.id, cause="begun anew in another window")

    assert shop.fake(provider).fetch(payment.external_id or "").state is PaymentState.AUTHORIZED
    assert payments.status(payment.order_id).outcome is Outcome.AUTHORIZED


@BOTH
def test_what_somebody_let_go_is_called_back(shop: Shop, provider: Provider) -> None:
    payment = opened(shop, provider)
    shop.approve(payment)
    payments.settle(payment.order_id)

    payments.void(payment.id, "mara")

    assert shop.payment(payment.id).state is PaymentState.CANCELLED
    assert shop.placed(payment.order_id).state is OrderState.CANCELLED


def test_whoever_deletes_their_account_has_what_is_reserved_given_free(shop: Shop) -> None:
    payment = opened(shop)
    shop.approve(payment)
    payments.settle(payment.order_id)
    hashed = accounts.hash_password("three grey herons")
    with unit_of_work(write=True) as session:
        alice = User(email="alice@example.com", name="Alice", password_hash=hashed, email_confirmed_at=utc_now())
        session.add(alice)

    erasure.delete_account(alice.id, "three grey herons")

    assert shop.stripe.fetch(payment.external_id or "").state is PaymentState.CANCELLED
    assert shop.placed(payment.order_id).state is OrderState.CANCELLED


def test_whoever_was_warned_of_a_reservation_that_lapses_is_not_looked_at_again(shop: Shop) -> None:
    payment, another = opened(shop), opened(shop)
    for each in (payment, another):
        shop.approve(each)
        payments.settle(each.order_id)
    with unit_of_work(write=True) as session:
        session.get_one(Payment, payment.id).expires_at = shop.clock.now() + timedelta(days=1)
    payments.watch_expiry()

    with unit_of_work(write=True) as session:
        session.get_one(Payment, another.id).expires_at = shop.clock.now() + timedelta(days=1)
    payments.watch_expiry()
    with collected() as asked_afterwards:
        payments.watch_expiry()

    warned = [alarm.key for alarm in shop.rows(Alarm)]
    assert warned == [f"authorization_lapses:{payment.id}", f"authorization_lapses:{another.id}"]
    assert len(asked_afterwards) == 1, "the question itself"
