"""Several at work on one order at once, in every order that the generator thinks of: one step each, in turns.

A step ends where a call to a provider begins or ends, since between two such places a worker holds the row locks
and nobody comes between. What is found is repeatable: one thread runs at a time, and the schedule is the example.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Semaphore, Thread, current_thread
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shop.errors import CustomerError, TryLater
from shop.gateways.base import PaymentState, RefundSnapshot, RefundState
from shop.gateways.fake import FakeGateway
from shop.jobs import drain_outbox
from shop.models import Order, OrderState, Payment, Refund, ReviewState
from shop.services import approvals, payments, refunds, sweep
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import PAYPAL, STRIPE, Shop, eur

VERBS = ("start", "reopen", "fetch", "find", "capture", "cancel", "refund", "fetch_refund")
PATIENT = 20  # seconds; nothing waits that long unless it hangs

SITUATIONS = (
    "approved at PayPal",
    "declined at PayPal",
    "paid at Stripe",
    "given back at Stripe",
    "given back at PayPal",
    "under way at Stripe",
    "reserved at Stripe",
    "held at Stripe",
    "held at PayPal",
)
ACTORS = (
    "customer comes back",
    "customer opens the other window",
    "webhook",
    "webhook again",
    "sweep",
    "time is up",
    "merchant takes all",
    "merchant takes a part",
    "merchant lets go",
    "merchant rejects",
    "merchant gives back",
    "refund's webhook",
    "refund arrives",
    "refund is sent back",
)


class Actor(Thread):
    """Somebody whose work stops before and after every call to a provider, until `step` lets it go on."""

    def __init__(self, app: Flask, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._app, self._work = app, work
        self._go, self._stopped = Semaphore(0), Semaphore(0)
        self.is_over = False
        self.raised: Exception | None = None
        self.start()

    def step(self) -> None:
        """Let it work as far as the next call, or the end of one."""
        self._go.release()
        assert self._stopped.acquire(timeout=PATIENT), "it waits for somebody who waits for his turn"

    def pause(self) -> None:
        """Wait for the next turn; called in its own thread."""
        self._stopped.release()
        self._go.acquire()

    def run(self) -> None:
        """Work, and keep what nobody is to see; what a person is told, or is tried again, is no mistake."""
        self._go.acquire()
        with self._app.app_context():
            try:
                with suppress(CustomerError, TryLater):
                    self._work()
            except Exception as exc:  # noqa: BLE001 - the test raises it
                self.raised = exc
        self.is_over = True
        self._stopped.release()


@pytest.mark.timeout(300)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    situation=st.sampled_from(SITUATIONS),
    who=st.lists(st.sampled_from(ACTORS), min_size=2, max_size=3, unique=True),
    turns=st.lists(st.integers(0, 2), max_size=24),
)
@example("approved at PayPal", ["webhook", "customer comes back"], [0, 0, 0, 1, 1, 0, 0])
@example("held at PayPal", ["merchant takes all", "webhook"], [0, 1, 1, 0, 0])
@example("given back at Stripe", ["refund's webhook", "refund arrives"], [0, 0, 1, 1, 1, 0])
@example("given back at PayPal", ["refund's webhook", "refund is sent back"], [0, 0, 1, 1, 1, 0])
@example("reserved at Stripe", ["time is up", "webhook"], [0, 1, 1, 1])
def test_whoever_comes_between_whom_the_order_ends_as_the_money_does(
    lasting_shop: Shop, situation: str, who: list[str], turns: list[int]
) -> None:
    shop = lasting_shop
    shop.reset()
    order = _brought_about(shop, situation)
    snatched: list[Payment] = []
    for gateway in (shop.stripe, shop.paypal):
        _make_it_pause(shop, gateway, snatched)

    _play([Actor(shop.app, _work(shop, order, name)) for name in who], turns)
    _come_to_rest(shop, order)

    kept = 0
    for payment in _payments(shop, order):
        there = shop.fake(payment.provider).fetch(payment.external_id or "")
        back = sum(refund.amount.amount for refund in there.refunds if refund.state is RefundState.SUCCEEDED)
        assert (_rough(payment.state), payment.captured) == (_rough(there.state), there.captured.amount)
        kept += there.captured.amount - back
        assert _states(payment.refunds) == _states(there.refunds)
    assert (shop.placed(order.id).state is OrderState.PAID) is (kept > 0)
    assert kept <= order.total, "nobody pays twice"
    assert len(shop.owed("mail.receipt")) == (1 if kept else 0)
    assert "mismatch" not in shop.alarms()
    assert snatched == [], "what was known to be reserved is called back for nobody's sake"
    shop.assert_books_balance()


def _brought_about(shop: Shop, situation: str) -> Order:
    order = shop.order()
    provider = PAYPAL if "PayPal" in situation else STRIPE
    if situation.startswith(("held", "reserved")):
        with unit_of_work(write=True) as session:
            session.get_one(Order, order.id).review = ReviewState.HELD
    external_id = payments.start(order.id, provider).external_id
    if situation.startswith("declined"):
        shop.fake(provider).decline(external_id)
    elif not situation.startswith("under way"):
        shop.fake(provider).approve(external_id)
    if situation.startswith(("held", "given back")):
        payments.settle(order.id)
    if situation.startswith("given back"):
        shop.fake(provider).refunds_are_pending = True
        refunds.request(_payments(shop, order)[0].id, eur(300), "other", "mara")
    return order


def _make_it_pause(shop: Shop, gateway: FakeGateway, snatched: list[Payment]) -> None:
    """Let an actor stop before and after each call; note a reservation that is called back and nobody has let go."""

    def pausing(verb: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            actor = current_thread()
            if not isinstance(actor, Actor):
                return act(*arguments)
            if verb == "cancel":
                found = shop.rows(Payment, Payment.external_id == arguments[0])
                snatched.extend(one for one in found if one.state is PaymentState.AUTHORIZED and not one.is_let_go)
            actor.pause()
            try:
                return act(*arguments)
            finally:
                actor.pause()

        return call

    for verb in VERBS:
        setattr(gateway, verb, pausing(verb, getattr(gateway, verb)))


def _work(shop: Shop, order: Order, name: str) -> Callable[[], object]:
    payment = _payments(shop, order)[0]
    other = PAYPAL if payment.provider is STRIPE else STRIPE

    def time_is_up() -> None:
        with unit_of_work(write=True) as session:  # Bob's too: while his is called back, hers may be reserved
            for each in (shop.bobs.order_id, order.id):
                session.get_one(Order, each).expires_at = shop.clock.now()
        sweep.sweep()

    def its_refunds(look: Callable[[int], object]) -> None:
        for refund in shop.payment(payment.id).refunds:
            look(refund.id)

    def refunds_end(state: RefundState) -> None:
        bank = shop.fake(payment.provider)
        for made in [refund for book in bank.books() for refund in book.refunds]:
            if made.state is not RefundState.FAILED:  # that is final
                bank.finish_refund(made.external_id, state)
        payments.refresh(payment.id, "webhook")

    works: dict[str, Callable[[], object]] = {
        "customer comes back": lambda: payments.approved(order.id),
        "customer opens the other window": lambda: payments.start(order.id, other),
        "webhook": lambda: payments.refresh(payment.id, "webhook"),
        "webhook again": lambda: payments.refresh(payment.id, "webhook"),
        "sweep": sweep.sweep,
        "time is up": time_is_up,
        "merchant takes all": lambda: payments.capture(payment.id, None, "mara"),
        "merchant takes a part": lambda: payments.capture(payment.id, eur(500), "mara"),
        "merchant lets go": lambda: payments.void(payment.id, "mara"),
        "merchant rejects": lambda: approvals.reject(order.id, "mara"),
        "merchant gives back": lambda: refunds.request(payment.id, eur(200), "other", "mara"),
        "refund's webhook": lambda: its_refunds(lambda refund: refunds.refresh(refund, "webhook")),
        "refund arrives": lambda: refunds_end(RefundState.SUCCEEDED),
        "refund is sent back": lambda: refunds_end(RefundState.FAILED),
    }
    return works[name]


def _play(actors: Sequence[Actor], turns: Sequence[int]) -> None:
    """Give each its turns as the example says, and then one after the other until all have ended."""
    for turn in turns:
        actor = actors[turn % len(actors)]
        if not actor.is_over:
            actor.step()
    for actor in actors:
        while not actor.is_over:
            actor.step()
        if actor.raised is not None:
            raise actor.raised


def _come_to_rest(shop: Shop, order: Order) -> None:
    """Let the workers do what is owed, and look once more at everything."""
    for _ in range(3):
        shop.clock.advance(minutes=2)
        drain_outbox()
        for payment in _payments(shop, order):
            with suppress(CustomerError, TryLater):
                payments.refresh(payment.id, "the end")


def _rough(state: PaymentState) -> PaymentState:
    """Return a state as both sides mean it: what PayPal calls approved is declined here until it is approved anew."""
    return PaymentState.CREATED if state is PaymentState.REQUIRES_ACTION else state


def _states(refunds: Sequence[Refund | RefundSnapshot]) -> dict[str | None, RefundState]:
    return {refund.external_id: refund.state for refund in refunds}


def _payments(shop: Shop, order: Order) -> list[Payment]:
    return shop.rows(Payment, Payment.order_id == order.id)
