"""What was set aside and is not taken: let go, rejected, lapsed or refused, it gives order and stock back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shop.errors import NothingToCapture, OutcomeUnknown
from shop.gateways.base import PaymentState, Provider
from shop.jobs import drain_outbox
from shop.models import Order, OrderState, Payment, ReviewState, StockState
from shop.models.inbox import InboxEvent, InboxState
from shop.services import approvals, payments, sweep, webhooks
from shop.services.payments import Outcome
from shop.services.unit_of_work import unit_of_work
from tests.holding import authorized, hold, taken
from tests.meanwhile import meanwhile
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


def test_a_reservation_that_outlived_its_payment_is_let_go_and_the_card_that_took_its_place_goes_on(shop: Shop) -> None:
    order = hold(shop.order())
    wallet = payments.start(order.id, PAYPAL)
    shop.paypal.approve(wallet.external_id)

    def go_on_with_a_card() -> None:
        shop.clock.advance(minutes=2)  # longer than a verb of ours is waited for
        payments.start(order.id, STRIPE)
        shop.paypal.reserve_late(wallet.external_id)  # PayPal had nothing to void yet

    meanwhile(shop.paypal, "capture", go_on_with_a_card, after=True)
    payments.settle(order.id)
    late, card = shop.payments()
    assert (late.state, card.is_open) == (PaymentState.CANCELLED, True)
    drain_outbox()

    assert shop.paypal.fetch(wallet.external_id).state is PaymentState.CANCELLED
    shop.approve(card)
    assert payments.settle(order.id).outcome is Outcome.AUTHORIZED
    assert len(shop.owed("mail.authorized")) == 1, "of the card"
    assert shop.owed("mail.authorization_lapsed") == []
    assert payments.capture(card.id, None, "mara").state is PaymentState.CAPTURED


def left_open(shop: Shop, card: Payment) -> None:
    """Leave the form of the card as it is."""


def under_way(shop: Shop, card: Payment) -> None:
    shop.stripe.process(card.external_id or "")


def reserved(shop: Shop, card: Payment) -> None:
    shop.approve(card)


@pytest.mark.parametrize("stands", [left_open, under_way, reserved])
def test_a_late_reservation_is_heard_of_by_webhook_and_let_go_once_however_far_the_card_is(
    shop: Shop, stands: Callable[[Shop, Payment], None]
) -> None:
    late, card = _late(shop)
    stands(shop, card)
    state = payments.refresh(card.id, "test").state

    for _ in range(2):
        shop.deliver(late)
        webhooks.drain()
    drain_outbox()

    assert {event.state for event in shop.rows(InboxEvent)} == {InboxState.PROCESSED}
    assert len(shop.owed("payment.tidy")) == 1
    assert shop.paypal.fetch(late.external_id or "").state is PaymentState.CANCELLED
    assert (shop.payment(late.id).state, shop.payment(card.id).state) == (PaymentState.CANCELLED, state)
    assert shop.placed(late.order_id).state is OrderState.PENDING
    assert shop.alarms() == []


def test_what_is_to_be_let_go_is_not_counted_on_again_when_the_card_comes_to_nothing_meanwhile(shop: Shop) -> None:
    late, card = _late(shop)
    payments.refresh(late.id, "webhook")
    payments.call_back(card.id, "test")

    payments.refresh(late.id, "webhook")
    drain_outbox()

    assert shop.paypal.fetch(late.external_id or "").state is PaymentState.CANCELLED
    assert shop.placed(late.order_id).is_payable
    assert (shop.owed("mail.authorized"), shop.owed("mail.cancelled")) == ([], [])


def test_a_late_reservation_that_no_other_payment_has_taken_the_place_of_counts(shop: Shop) -> None:
    late, card = _late(shop)
    shop.stripe.decline(card.external_id or "")
    payments.settle(late.order_id)
    payments.call_back(card.id, "test")

    payments.refresh(late.id, "webhook")
    drain_outbox()

    assert payments.status(late.order_id).outcome is Outcome.AUTHORIZED, "and not the decline of the card"
    assert payments.capture(late.id, None, "mara").state is PaymentState.CAPTURED
    assert shop.placed(late.order_id).state is OrderState.PAID


def _late(shop: Shop) -> tuple[Payment, Payment]:
    """Return a payment at PayPal that was called back, and holds money all the same, and the card in its place."""
    order = hold(shop.order())
    wallet, card = (payments.start(order.id, provider) for provider in (PAYPAL, STRIPE))
    shop.paypal.reserve_late(wallet.external_id)
    return shop.payment(wallet.payment_id), shop.payment(card.payment_id)
