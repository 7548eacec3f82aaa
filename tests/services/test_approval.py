"""After a decline at PayPal nothing is taken until the customer approves again; its order goes on saying APPROVED."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from shop.errors import ObjectMissing
from shop.gateways.base import AttemptState, NoticeKind, PaymentState
from shop.models import Alarm, OrderState, Payment
from shop.services import payments, sweep, webhooks
from shop.services.payments import Outcome
from tests.holding import authorized
from tests.shop_app import PAYPAL, STRIPE, Shop


@pytest.fixture
def declined(shop: Shop) -> Payment:
    """Alice's PayPal payment, whose funding source was declined when we captured."""
    payment = shop.started(PAYPAL)
    shop.paypal.decline(payment.external_id or "", "INSTRUMENT_DECLINED")
    assert payments.approved(payment.order_id).outcome is Outcome.FAILED
    shop.paypal.executed.clear()
    return payment


def attempts(shop: Shop, payment: Payment) -> list[AttemptState]:
    return [attempt.state for attempt in shop.payment(payment.id).attempts]


def test_the_sweep_does_not_try_a_declined_funding_source_again(shop: Shop, declined: Payment) -> None:
    for _ in range(3):
        shop.clock.advance(minutes=10)
        sweep.sweep()

    assert attempts(shop, declined) == [AttemptState.DECLINED]
    shop.assert_bob_is_left_alone()


def test_a_look_after_the_decline_still_tells_the_customer_of_it(shop: Shop, declined: Payment) -> None:
    status = payments.settle(declined.order_id)

    assert (status.outcome, status.decline_code) == (Outcome.FAILED, "INSTRUMENT_DECLINED")
    assert attempts(shop, declined) == [AttemptState.DECLINED]


def test_a_new_approval_on_the_page_takes_the_money(shop: Shop, declined: Payment) -> None:
    shop.approve(declined)

    status = payments.approved(declined.order_id)

    assert status.outcome is Outcome.PAID
    assert attempts(shop, declined) == [AttemptState.DECLINED, AttemptState.SUCCEEDED]


def test_a_new_approval_is_heard_of_by_webhook_when_the_tab_was_closed(shop: Shop, declined: Payment) -> None:
    shop.approve(declined)
    shop.deliver(declined, kind=NoticeKind.APPROVAL)

    webhooks.drain()

    assert shop.placed(declined.order_id).state is OrderState.PAID


def test_the_first_approval_told_late_does_not_try_again(shop: Shop, declined: Payment) -> None:
    attempt = shop.payment(declined.id).attempts[-1]
    shop.deliver(declined, kind=NoticeKind.APPROVAL)
    event = shop.rows(webhooks.InboxEvent)[-1]
    assert event.received_at > attempt.at, "told after the decline, it may be a new one: one more try is allowed"

    webhooks.drain()
    shop.deliver(declined, kind=NoticeKind.PAYMENT)
    webhooks.drain()

    assert len(attempts(shop, declined)) <= 2


def test_a_decline_that_ends_the_payment_is_told_and_another_payment_is_begun(shop: Shop) -> None:
    payment = shop.started(PAYPAL)
    shop.paypal.decline(payment.external_id or "", "INSTRUMENT_DECLINED", for_good=True)

    told = [payments.approved(payment.order_id), payments.settle(payment.order_id), payments.status(payment.order_id)]

    assert [(status.outcome, status.decline_code) for status in told] == [(Outcome.FAILED, "INSTRUMENT_DECLINED")] * 3
    assert shop.payment(payment.id).state is PaymentState.CANCELLED
    assert attempts(shop, payment) == [AttemptState.DECLINED]
    again = payments.start(payment.order_id, PAYPAL)
    assert again.payment_id != payment.id
    assert payments.status(payment.order_id).outcome is Outcome.OPEN, "the new one has not been tried"
    shop.paypal.approve(again.external_id)
    assert payments.approved(payment.order_id).outcome is Outcome.PAID


def test_a_payment_that_was_called_back_without_a_decline_may_be_begun_anew_and_failed_nowhere(shop: Shop) -> None:
    payment = shop.started(PAYPAL)

    payments.call_back(payment.id, "test")

    assert payments.status(payment.order_id).outcome is Outcome.OPEN


def test_an_order_that_paypal_has_dropped_ends_the_payment_and_then_the_order(shop: Shop) -> None:
    payment = shop.started(PAYPAL)
    shop.paypal.fail_next(ObjectMissing("no such order"), verb="fetch")

    payments.refresh(payment.id, "test")

    assert shop.payment(payment.id).state is PaymentState.CANCELLED
    assert shop.placed(payment.order_id).state is OrderState.PENDING
    shop.clock.advance(hours=2)
    sweep.sweep()
    assert shop.placed(payment.order_id).state is OrderState.EXPIRED


def reserved(shop: Shop) -> Payment:
    return authorized(shop, PAYPAL)


def processing(shop: Shop) -> Payment:
    payment = shop.started(PAYPAL)
    shop.paypal.process(payment.external_id or "")
    return payments.refresh(payment.id, "test")


def looked_at(payment: Payment) -> None:
    payments.refresh(payment.id, "test")


def let_go(payment: Payment) -> None:
    payments.void(payment.id, "mara")


def begun_again(payment: Payment) -> None:
    payments.start(payment.order_id, PAYPAL)


@pytest.mark.parametrize(
    ("made", "asked", "verb"),
    [
        (reserved, looked_at, "fetch"),
        (processing, looked_at, "fetch"),
        (reserved, let_go, "cancel"),
        (processing, begun_again, "reopen"),
    ],
)
def test_money_that_is_reserved_or_under_way_is_not_taken_for_dropped_and_a_person_is_called(
    shop: Shop, made: Callable[[Shop], Payment], asked: Callable[[Payment], None], verb: str
) -> None:
    payment = made(shop)

    for _ in range(2):
        shop.paypal.fail_next(ObjectMissing("no such order"), verb=verb)
        with pytest.raises(ObjectMissing):
            asked(payment)

    found = shop.payment(payment.id)
    assert (found.state, found.busy_with) == (payment.state, "")
    assert found.next_check_at is not None, "the sweep asks on"
    assert [alarm.key for alarm in shop.rows(Alarm)] == [f"payment_missing:{payment.id}"]


def test_a_reservation_that_paypal_knows_again_is_taken_as_any_other(shop: Shop) -> None:
    payment = authorized(shop, PAYPAL)
    shop.paypal.fail_next(ObjectMissing("no such order"), verb="fetch")
    shop.clock.advance(minutes=1)
    sweep.sweep()
    assert shop.payment(payment.id).state is PaymentState.AUTHORIZED

    payments.capture(payment.id, None, "mara")

    assert shop.placed(payment.order_id).state is OrderState.PAID


def test_an_object_missing_at_stripe_is_never_taken_for_unpaid(shop: Shop) -> None:
    payment = shop.started(STRIPE)
    shop.stripe.fail_next(ObjectMissing("no such payment_intent"), verb="fetch")

    with pytest.raises(ObjectMissing):
        payments.refresh(payment.id, "test")

    assert shop.payment(payment.id).is_open
    assert shop.clock.now() - payment.created_at < timedelta(hours=1)


def test_a_decline_heard_of_by_webhook_first_is_told_and_not_tried_once_more(shop: Shop) -> None:
    payment = shop.started(PAYPAL)
    shop.paypal.decline(payment.external_id or "", "INSTRUMENT_DECLINED")
    payments.refresh(payment.id, "webhook")

    status = payments.approved(payment.order_id)

    assert status.outcome is Outcome.FAILED
    assert attempts(shop, payment) == [AttemptState.DECLINED]
    shop.approve(payment)
    assert payments.approved(payment.order_id).outcome is Outcome.PAID, "having been told, they chose another source"
