"""A look at a payment that begins while a verb of ours is under way, and is written down after the verb's answer."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest

from shop.gateways.base import PaymentSnapshot, PaymentState, Provider
from shop.models import Order, OrderState, Payment, ReviewState
from shop.services import payments
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import PAYPAL, STRIPE, Shop

PATIENT = 20  # seconds; nothing waits that long unless it hangs

pytestmark = pytest.mark.timeout(60)


class SlowLook:
    """A look begun once a verb is called, or just after it was carried out; written down at `end`."""

    def __init__(self, shop: Shop, payment: Payment, verb: str, *, after: Callable[[], object] | None = None) -> None:
        self._shop, self._payment = shop, payment
        self._saw, self._may_go_on = Event(), Event()
        self._thread = Thread(target=self._run)
        self._raised: Exception | None = None
        gateway = shop.fake(payment.provider)
        self._fetch, carry_out = gateway.fetch, getattr(gateway, verb)

        def overlapped(*call: Any) -> Any:
            if after is None:
                self._begin()
                return carry_out(*call)
            answer = carry_out(*call)
            after()
            self._begin()
            return answer

        gateway.fetch = self._see  # type: ignore[method-assign]
        setattr(gateway, verb, overlapped)

    def end(self) -> None:
        """Let the look go on to its end; raise what it raised."""
        self._may_go_on.set()
        self._thread.join(PATIENT)
        if self._raised is not None:
            raise self._raised

    def _begin(self) -> None:
        self._thread.start()
        assert self._saw.wait(PATIENT)

    def _see(self, *call: Any) -> PaymentSnapshot:
        snapshot = self._fetch(*call)
        if Thread.is_alive(self._thread) and not self._saw.is_set():
            self._saw.set()
            assert self._may_go_on.wait(PATIENT)
        return snapshot

    def _run(self) -> None:
        with self._shop.app.app_context():
            try:
                payments.refresh(self._payment.id, "webhook")
            except Exception as exc:  # noqa: BLE001 - `end` raises it in the test
                self._raised = exc


def approved(shop: Shop) -> Payment:
    """Return Alice's PayPal payment as she comes back from its window."""
    payment = shop.started(PAYPAL)
    shop.paypal.approve(payment.external_id or "")
    return payment


def authorized(shop: Shop, provider: Provider) -> Payment:
    """Return Alice's payment of an order under review, with the money set aside."""
    order = shop.order()
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id).review = ReviewState.HELD
    started = payments.start(order.id, provider)
    shop.fake(provider).approve(started.external_id)
    payments.settle(order.id)
    return shop.payment(started.payment_id)


def test_a_look_from_before_the_capture_does_not_undo_it(shop: Shop) -> None:
    payment = approved(shop)
    look = SlowLook(shop, payment, "capture")

    payments.settle(payment.order_id)
    look.end()

    assert shop.payment(payment.id).state is PaymentState.CAPTURED
    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert len(shop.owed("mail.receipt")) == 1
    assert shop.alarms() == []


@pytest.mark.parametrize("provider", [STRIPE, PAYPAL])
def test_a_look_from_before_the_merchants_capture_does_not_undo_it(shop: Shop, provider: Provider) -> None:
    payment = authorized(shop, provider)
    look = SlowLook(shop, payment, "capture")

    payments.capture(payment.id, None, "mara")
    look.end()

    assert shop.payment(payment.id).state is PaymentState.CAPTURED
    assert shop.placed(payment.order_id).state is OrderState.PAID


@pytest.mark.parametrize("provider", [STRIPE, PAYPAL])
def test_a_look_from_before_money_was_let_go_does_not_set_it_aside_again(shop: Shop, provider: Provider) -> None:
    payment = authorized(shop, provider)
    look = SlowLook(shop, payment, "cancel")

    payments.void(payment.id, "mara")
    look.end()

    assert shop.payment(payment.id).state is PaymentState.CANCELLED
    assert shop.placed(payment.order_id).state is OrderState.CANCELLED


def test_what_happened_between_a_verb_and_its_answer_is_seen_all_the_same(shop: Shop) -> None:
    payment = approved(shop)
    shop.paypal.books_fees = False
    look = SlowLook(shop, payment, "capture", after=lambda: shop.paypal.book_fee(payment.external_id or ""))

    payments.settle(payment.order_id)
    look.end()

    assert shop.payment(payment.id).captures[0].settled_at is not None
