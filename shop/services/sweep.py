"""The sweep: every half minute it finds whatever was left behind, and does what should have been done.

With every webhook dropped and Redis emptied it finishes everything by itself: it only needs the database
and the providers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

from shop.errors import ShopError
from shop.gateways.base import BACKGROUND, PaymentState
from shop.logs import bound
from shop.models import Payment
from shop.queue import OutOfTime
from shop.services import leases, orders, outbox, payments, refunds, webhooks
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

BATCH = 100
# How long a sweep that died keeps the next one waiting; two at once do no harm but double the calls.
LEASE_SECONDS = 30


def sweep() -> None:
    """Look for webhooks, side effects, payments, refunds and orders left behind; a repeat finds less to do."""
    if not leases.take("sweep", LEASE_SECONDS):
        return
    done = False
    try:
        _wake_drains()
        _each("payment", _due_payments(), _look_at_payment)
        payments.watch_expiry()
        _each("refund", _due_refunds(), _look_at_refund)
        _end_overdue()
        done = True
    finally:
        leases.give_back("sweep", done=done)


def _each(kind: str, ids: Iterable[int], look: Callable[[int], None]) -> int:
    """Look at each object; one that cannot be finished now does not hold up the others. Return how many were."""
    finished = 0
    for each in ids:
        try:
            with bound(**{f"{kind}_id": each}):
                look(each)
            finished += 1
        except ShopError as exc:
            log.warning("sweep_not_yet", kind=kind, id=each, error=f"{type(exc).__name__}: {exc}")
        except OutOfTime:
            raise
        except Exception:  # a bug with one object is logged; the others are looked at
            log.exception("sweep_bug", kind=kind, id=each)
    return finished


def _wake_drains() -> None:
    """Wake the workers where rows are due: a wake-up may have been lost with Redis, or its worker killed."""
    ctx = context()
    with unit_of_work() as session:
        now = ctx.clock.now()
        inbox, owed = webhooks.waiting(session, now), outbox.waiting(session, now)
    if inbox:
        ctx.queues.wake("inbox", webhooks.JOB)
    if owed:
        ctx.queues.wake("outbox", outbox.JOB)


def _due_payments() -> list[int]:
    with unit_of_work() as session:
        return payments.due(session, BATCH)


def _look_at_payment(payment_id: int) -> None:
    payments.postpone(payment_id)
    with unit_of_work() as session:
        payment = session.get_one(Payment, payment_id)
    context().pace.wait()
    if payment.external_id is None:
        _finish_or_drop(payment)
    else:
        _carry_out(payments.refresh(payment_id, cause="sweep"))


def _carry_out(payment: Payment) -> None:
    """Take or let go what a person asked for, where the provider has been away for longer than the outbox tries."""
    if payment.state is not PaymentState.AUTHORIZED:
        return
    if payment.capture_amount is not None:
        payments.take(payment.id)
    elif payment.voided_by:
        payments.let_go(payment.id)


def _finish_or_drop(payment: Payment) -> None:
    """A process died, or was not answered, between our row and the provider's: finish it with the same key."""
    if payment.order.is_payable:
        payments.start(payment.order_id, payment.provider, patience=BACKGROUND)
    else:
        payments.call_back(payment.id, cause="sweep: the order has ended")


def _due_refunds() -> list[int]:
    with unit_of_work() as session:
        return refunds.due(session, context().clock.now(), BATCH)


def _look_at_refund(refund_id: int) -> None:
    refunds.postpone(refund_id)
    context().pace.wait()
    refunds.refresh(refund_id, cause="sweep")


def _end_overdue() -> None:
    """End orders whose time is up, about a batch of them, and go past those that cannot be ended now.

    Nothing puts these off, so the oldest stay the oldest: those of a provider that is away would fill every batch.
    """
    now, past, ended = context().clock.now(), None, 0
    while ended < BATCH:
        with unit_of_work() as session:
            overdue = orders.due_to_expire(session, now, BATCH, past)
        if not overdue:
            return
        ended += _each("order", [order_id for _, order_id in overdue], _end_order)
        past = overdue[-1]


def _end_order(order_id: int) -> None:
    """Call an overdue order's payment back at its provider, and free its stock on that word only."""
    with unit_of_work() as session:
        still_open = orders.open_payments(session, order_id)
    for payment_id in still_open:
        context().pace.wait()
        payments.call_back(payment_id, cause="sweep: the order's time is up")
    orders.expire(order_id, cause="sweep")
