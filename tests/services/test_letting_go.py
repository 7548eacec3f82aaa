"""What was set aside and is not taken: let go, rejected, lapsed or refused, it gives order and stock back."""

from datetime import timedelta
from typing import Any

import pytest

from shop.errors import NothingToCapture, OutcomeUnknown
from shop.gateways.base import PaymentState, Provider
from shop.jobs import drain_outbox
from shop.models import Order, OrderState, ReviewState, StockState
from shop.services import approvals, payments, sweep
from shop.services.unit_of_work import unit_of_work
from tests.holding import authorized, hold, taken
from tests.shop_app import PAYPAL, STRIPE, Shop

BOTH = pytest.mark.parametrize("provider", [STRIPE, PAYPAL])


@BOTH
def test_what_is_let_go_ends_the_order_and_gives_its_stock_back(shop: Shop, provider: Provider) -> None:
    payment = authorized(shop, provider)

    for _ in range(2):
        payments.void(payment.id, "mara")

    order = shop.placed(payment.order_id)
    assert (order.state, order.stock_state) == (OrderState.CANCELLED, StockState.RELEASED)
    assert len(shop.owed("mail.cancelled")) == 1
    with pytest.raises(NothingToCapture):
        payments.capture(payment.id, None, "mara")


def test_a_void_whose_answer_was_lost_ends_the_order_and_does_not_ask_for_money(shop: Shop) -> None:
    payment = authorized(shop)
    shop.stripe.fail_next(OutcomeUnknown("no answer"), after_doing=True, verb="cancel")
    with pytest.raises(OutcomeUnknown):
        payments.void(payment.id, "mara")

    shop.clock.advance(minutes=2)
    sweep.sweep()
    drain_outbox()

    assert shop.placed(payment.order_id).state is OrderState.CANCELLED
    assert shop.owed("mail.authorization_lapsed") == []


@BOTH
def test_a_reservation_that_lapses_warns_first_and_then_asks_the_customer_to_pay_again(
    shop: Shop, provider: Provider
) -> None:
    payment = authorized(shop, provider)
    assert payment.expires_at is not None
    shop.clock.advance(seconds=(payment.expires_at - shop.clock.now() - timedelta(days=1)).total_seconds())
    sweep.sweep()
    warned = shop.alarms()
    shop.fake(provider).lapse(payment.external_id or "")
    shop.clock.advance(days=1, minutes=1)

    sweep.sweep()

    order = shop.placed(payment.order_id)
    assert [key for key in warned if key.startswith("authorization_lapses")]
    assert (order.state, order.is_payable, shop.payment(payment.id).state) == (
        OrderState.PENDING,
        True,
        PaymentState.CANCELLED,
    )
    assert len(shop.owed("mail.authorization_lapsed")) == 1
    assert payments.start(order.id, STRIPE).payment_id != payment.id


def test_a_lapsed_order_that_nobody_pays_again_lets_its_stock_go(shop: Shop) -> None:
    payment = authorized(shop)
    shop.stripe.lapse(payment.external_id or "")
    payments.refresh(payment.id, "test")

    shop.clock.advance(hours=2)
    sweep.sweep()

    order = shop.placed(payment.order_id)
    assert (order.state, order.stock_state) == (OrderState.EXPIRED, StockState.RELEASED)


def test_a_capture_of_what_has_lapsed_says_so_and_takes_nothing(shop: Shop) -> None:
    payment = authorized(shop)
    shop.stripe.lapse(payment.external_id or "")

    with pytest.raises(NothingToCapture):
        payments.capture(payment.id, None, "mara")

    assert taken(shop, payment) == 0


@BOTH
def test_rejecting_an_order_gives_the_money_free_and_tells_the_customer(shop: Shop, provider: Provider) -> None:
    payment = authorized(shop, provider)

    for _ in range(2):
        order = approvals.reject(payment.order_id, "mara")

    assert (order.review, order.state) == (ReviewState.REJECTED, OrderState.CANCELLED)
    assert taken(shop, payment) == 0
    assert len(shop.owed("mail.cancelled")) == 1


def test_money_that_is_set_aside_after_the_order_ended_is_let_go(shop: Shop) -> None:
    order = hold(shop.order())
    started = payments.start(order.id, STRIPE)
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id).state = OrderState.CANCELLED
    shop.stripe.approve(started.external_id)

    payments.refresh(started.payment_id, "test")
    drain_outbox()

    assert shop.payment(started.payment_id).state is PaymentState.CANCELLED


def test_a_look_that_overtakes_the_answer_to_a_rejection_does_not_open_the_order_again(shop: Shop) -> None:
    payment = authorized(shop)
    approvals_cancel = shop.stripe.cancel

    def overtaken(external_id: str, key: str, *rest: Any) -> Any:
        before = shop.stripe.fetch(external_id)
        answer = approvals_cancel(external_id, key, *rest)
        payments.apply(payment.id, before, payments.take_ticket(payment.id), "a fetch from before")
        return answer

    shop.stripe.cancel = overtaken  # type: ignore[method-assign]
    approvals.reject(payment.order_id, "mara")
    payments.refresh(payment.id, "webhook")

    assert shop.payment(payment.id).state is PaymentState.CANCELLED
    assert shop.placed(payment.order_id).state is OrderState.CANCELLED
    assert shop.owed("mail.authorization_lapsed") == []


def test_a_capture_that_the_bank_refuses_days_later_asks_the_customer_to_pay_again(shop: Shop) -> None:
    order = hold(shop.order())
    started = payments.start(order.id, PAYPAL)
    shop.paypal.approve_slowly(started.external_id, succeeds=False)
    payments.settle(order.id)
    payments.capture(started.payment_id, None, "mara")

    shop.paypal.settle_capture(started.external_id)
    payments.refresh(started.payment_id, "PAYMENT.CAPTURE.DECLINED")

    assert shop.placed(order.id).is_payable
    assert len(shop.owed("mail.authorization_lapsed")) == 1
