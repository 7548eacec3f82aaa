"""Real processes are killed in the worst moment: nothing is lost, and nothing is done twice."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from shop.gateways.base import PaymentState, Provider, RefundState
from shop.models import InboxEvent, InboxState, Order, OutboxMessage, OutboxState, Payment, Refund, ReviewState
from shop.money import Money
from shop.services import payments, refunds
from shop.services.unit_of_work import unit_of_work
from tests.crash.town import Town
from tests.processes import wait_until

pytestmark = pytest.mark.timeout(240)
BOTH = pytest.mark.parametrize("provider", [Provider.STRIPE, Provider.PAYPAL])


@BOTH
def test_a_purchase_goes_through_by_webhook_though_the_browser_never_comes_back(town: Town, provider: Provider) -> None:
    order = town.order()

    town.pay(order, provider)

    wait_until(lambda: town.is_paid(order), "the order is paid")
    town.assert_nothing_lost_or_doubled(order)


@BOTH
def test_with_every_webhook_dropped_the_sweep_finishes_the_order(town: Town, provider: Provider) -> None:
    order = town.order()

    with town.webhooks(drop=True):
        town.pay(order, provider)
        town.time_passes(40)
        wait_until(lambda: town.is_paid(order), "the order is paid")

    assert town.rows(InboxEvent, InboxEvent.external_id == town.payments(order)[0].external_id) == []
    town.assert_nothing_lost_or_doubled(order)


def test_a_worker_killed_while_it_asks_the_provider_is_finished_by_the_next(town: Town) -> None:
    order = town.order()
    town.slow("stripe", "GET", "/v1/payment_intents/", seconds=5)
    town.pay(order)
    town.wait_for_the_call()

    town.kill("inbox")
    town.start("inbox")
    killed_in_the_middle = not town.is_paid(order)
    town.time_passes(61)

    assert killed_in_the_middle
    wait_until(lambda: town.is_paid(order), "the order is paid")
    wait_until(lambda: not _unfinished(town), "what the dead worker had claimed is finished")
    town.assert_nothing_lost_or_doubled(order)


def test_a_worker_killed_while_money_is_taken_takes_it_once(town: Town) -> None:
    order = town.order()
    paypal_id = town.begin(order, Provider.PAYPAL).json()["orderId"]
    town.slow("paypal", "POST", f"/v2/checkout/orders/{paypal_id}/capture", seconds=1)

    town.approve(paypal_id)
    town.wait_for_the_call()
    town.kill("inbox")
    town.start("inbox")
    town.time_passes(61)

    wait_until(lambda: town.is_paid(order), "the order is paid")
    [payment] = town.payments(order)
    assert town.executed("capture", payment) == 1
    town.assert_nothing_lost_or_doubled(order)


def test_a_worker_killed_while_a_refund_is_sent_sends_it_once(town: Town) -> None:
    payment = _paid(town)
    town.slow("stripe", "POST", "/v1/refunds", seconds=1)

    refund = _owe_refund(town, payment)
    town.wait_for_the_call()
    town.kill("outbox")
    town.start("outbox")
    town.time_passes(61)

    wait_until(lambda: _state(town, refund) is RefundState.SUCCEEDED, "the refund is given")
    assert town.executed("refund", refund) == 1
    assert len(town.rows(Refund, Refund.payment_id == payment.id)) == 1


@BOTH
def test_a_worker_killed_while_it_captures_what_was_set_aside_takes_it_once(town: Town, provider: Provider) -> None:
    payment = _reserved(town, provider)
    path = "/v1/payment_intents/" if provider is Provider.STRIPE else "/v2/payments/authorizations/"
    town.slow(provider, "POST", path, seconds=1)

    _ask_for_the_money(town, payment)
    town.time_passes(61)
    town.wait_for_the_call()
    town.kill("outbox")
    town.start("outbox")

    def captured() -> bool:
        town.time_passes(61)
        return bool(town.payments(payment.order)[0].captures)

    wait_until(captured, "the money is taken")
    [after] = town.payments(payment.order)
    assert [capture.amount for capture in after.captures] == [payment.amount]
    assert town.is_paid(payment.order)


def test_a_worker_killed_while_it_sends_a_mail_sends_it_still(town: Town) -> None:
    order = town.order()
    wait_until(lambda: not _owed(town), "the outbox is empty")
    town.kill("outbox")
    town.pay(order)
    wait_until(lambda: town.is_paid(order), "the order is paid")
    with _deaf_mail_server() as address:
        town.start("outbox", SMTP_URL=address)
        wait_until(lambda: _claimed(town, order), "the receipt is being sent")
        town.kill("outbox")

    town.start("outbox")
    town.time_passes(61)

    town.assert_nothing_lost_or_doubled(order)


def test_web_killed_between_its_commit_and_the_call_leaves_a_payment_that_is_finished(town: Town) -> None:
    order = town.order()
    town.kill("web")
    with _black_hole() as address:
        town.start("web", STRIPE_API_BASE=address)
        _begin_and_kill_web(town, order, arrived=lambda: bool(town.payments(order)))
    [payment] = town.payments(order)
    assert (payment.external_id, town.executed("start", payment)) == (None, 0)

    town.start("web")
    town.time_passes(40)
    wait_until(lambda: town.payments(order)[0].external_id, "the sweep has made the payment")
    town.pay(order)

    wait_until(lambda: town.is_paid(order), "the order is paid")
    assert town.executed("start", payment) == 1
    town.assert_nothing_lost_or_doubled(order)


def test_web_killed_between_the_call_and_its_commit_leaves_a_payment_that_is_adopted(town: Town) -> None:
    order = town.order()
    town.slow("stripe", "POST", "/v1/payment_intents", seconds=1)
    _begin_and_kill_web(town, order, arrived=lambda: not town.world.faults.active())
    [payment] = town.payments(order)
    assert payment.external_id is None
    wait_until(lambda: town.executed("start", payment) == 1, "Stripe has made the payment nobody heard of")

    town.start("web")
    town.time_passes(40)
    wait_until(lambda: town.payments(order)[0].external_id, "the payment is found again")
    town.pay(order)

    wait_until(lambda: town.is_paid(order), "the order is paid")
    assert town.executed("start", payment) == 1
    town.assert_nothing_lost_or_doubled(order)


def test_a_redis_that_comes_back_empty_costs_nothing(town: Town) -> None:
    order, later = town.order(), town.order()
    town.valkey.kill(forget=True)

    town.pay(order)
    wait_until(lambda: _deliveries(town, order), "Stripe has delivered, and was answered with 2xx")
    town.valkey.start()

    wait_until(lambda: town.is_paid(order), "the order is paid")
    town.assert_nothing_lost_or_doubled(order)
    town.pay(later)
    wait_until(lambda: town.is_paid(later), "the next order is paid")
    town.assert_nothing_lost_or_doubled(later)


def test_ten_purchases_survive_workers_killed_all_the_time_and_webhooks_that_come_twice_and_crossed(town: Town) -> None:
    orders = [town.order() for _ in range(10)]
    providers = [Provider.STRIPE, Provider.PAYPAL] * 5
    with town.webhooks(duplicate=True, reorder=True), ThreadPoolExecutor(2) as pool:
        bought = [pool.submit(town.pay, order, provider) for order, provider in zip(orders, providers, strict=True)]
        for name in ("inbox", "outbox", "sweep") * 2:
            town.kill(name)
            town.start(name)
        for purchase in bought:
            purchase.result(60)

    def all_paid() -> bool:
        town.time_passes(61)
        return all(town.is_paid(order) for order in orders)

    wait_until(all_paid, "all orders are paid")
    for order in orders:
        town.assert_nothing_lost_or_doubled(order)
        [payment] = town.payments(order)
        assert town.executed("start", payment) == 1
        assert town.executed("capture", payment) == (payment.provider is Provider.PAYPAL)


def _paid(town: Town) -> Payment:
    order = town.order()
    town.pay(order)
    wait_until(lambda: town.is_paid(order), "the order is paid")
    return town.payments(order)[0]


def _owe_refund(town: Town, payment: Payment) -> Refund:
    """Write a refund down as a merchant's request does, and leave the sending to the worker."""
    with town.app.app_context(), unit_of_work(write=True) as session:
        found = session.get_one(Payment, payment.id)
        return refunds.owe(session, found, Money(100, found.currency), "other", "mara")


def _reserved(town: Town, provider: Provider) -> Payment:
    """Let Alice pay an order under review: the money is set aside."""
    order = town.order()
    with town.app.app_context(), unit_of_work(write=True) as session:
        session.get_one(Order, order.id).review = ReviewState.HELD
    town.pay(order, provider)

    def reserved() -> bool:
        return town.payments(order)[0].state is PaymentState.AUTHORIZED

    wait_until(reserved, "the money is set aside")
    return town.payments(order)[0]


def _ask_for_the_money(town: Town, payment: Payment) -> None:
    """Write a capture down as a merchant's request does, and leave the sending to the worker."""
    with town.app.app_context(), unit_of_work(write=True) as session:
        payments.ask(session, session.get_one(Payment, payment.id), None, "mara")


def _unfinished(town: Town) -> list[InboxEvent]:
    return town.rows(InboxEvent, InboxEvent.state.in_([InboxState.RECEIVED, InboxState.RETRYING]))


def _state(town: Town, refund: Refund) -> RefundState:
    return town.rows(Refund, Refund.id == refund.id)[0].state


def _begin_and_kill_web(town: Town, order: Order, arrived: Callable[[], bool]) -> None:
    with ThreadPoolExecutor(1) as pool:
        pressed = pool.submit(town.begin, order, Provider.STRIPE)
        wait_until(arrived, "the moment to kill web has come")
        town.kill("web")
        assert isinstance(pressed.exception(30), requests.ConnectionError), "Alice has got no answer"


@contextmanager
def _black_hole() -> Iterator[str]:
    """An address that takes connections and never reads from them: what is sent there arrives nowhere."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        yield f"http://127.0.0.1:{hole.getsockname()[1]}"


@contextmanager
def _deaf_mail_server() -> Iterator[str]:
    """A mail server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        yield f"smtp://127.0.0.1:{hole.getsockname()[1]}"


def _owed(town: Town) -> list[OutboxMessage]:
    return town.rows(OutboxMessage, OutboxMessage.state == OutboxState.PENDING)


def _claimed(town: Town, order: Order) -> bool:
    rows = town.rows(OutboxMessage, OutboxMessage.key == f"mail.receipt:{order.id}")
    return bool(rows) and rows[0].claimed_at is not None and rows[0].state is OutboxState.PENDING


def _deliveries(town: Town, order: Order) -> bool:
    external_id = town.payments(order)[0].external_id or "nothing"
    return any(
        delivery["event_type"] == "payment_intent.succeeded" and delivery["state"] == "delivered"
        for delivery in town.world.dispatcher.deliveries()
        if external_id in delivery["body"]
    )
