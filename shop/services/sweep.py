"""The sweep: every half minute it finds whatever was left behind, and does what should have been done.

With every webhook dropped and Redis emptied it finishes everything by itself: it only needs the database
and the providers.
"""

from __future__ import annotations

import structlog

from shop.errors import ObjectMissing, PaymentInFlight, TryLater
from shop.gateways.base import BACKGROUND
from shop.models import Payment, Refund
from shop.services import leases, metrics, orders, outbox, payments, refunds, webhooks
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

BATCH = 100
LEASE_SECONDS = 120


def sweep() -> None:
    """Look for webhooks, side effects, payments, refunds and orders left behind; a repeat finds less to do."""
    if not leases.take("sweep", LEASE_SECONDS):
        return
    _wake_drains()
    for payment_id in _due_payments():
        _look_at_payment(payment_id)
    for refund_id in _due_refunds():
        _look_at_refund(refund_id)
    with unit_of_work() as session:
        overdue = orders.due_to_expire(session, context().clock.now(), BATCH)
    for order_id in overdue:
        _end_order(order_id)


def _wake_drains() -> None:
    """Wake the workers where rows are due: a wake-up may have been lost with Redis, or its worker killed."""
    ctx = context()
    with unit_of_work() as session:
        now = ctx.clock.now()
        inbox, owed = webhooks.waiting(session, now), outbox.waiting(session, now)
    metrics.inbox_depth.set(inbox)
    metrics.outbox_depth.set(owed)
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
    try:
        if payment.external_id is None:
            _finish_or_drop(payment)
        else:
            payments.refresh(payment_id, cause="sweep")
    except (TryLater, ObjectMissing, PaymentInFlight) as exc:
        log.warning("sweep_payment", payment=payment_id, error=str(exc))


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
    with unit_of_work(write=True) as session:
        session.get_one(Refund, refund_id).checks += 1
    context().pace.wait()
    try:
        refunds.refresh(refund_id, cause="sweep")
    except TryLater as exc:
        log.warning("sweep_refund", refund=refund_id, error=str(exc))


def _end_order(order_id: int) -> None:
    """Call an overdue order's payment back at its provider, and free its stock on that word only."""
    with unit_of_work() as session:
        still_open = orders.open_payments(session, order_id)
    try:
        for payment_id in still_open:
            payments.call_back(payment_id, cause="sweep: the order's time is up")
    except (TryLater, PaymentInFlight) as exc:
        log.info("sweep_not_yet", order=order_id, reason=str(exc))
        return
    orders.expire(order_id, cause="sweep")
