"""Calling a payment back: at its provider first, since only its word ends it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.errors import ObjectMissing, PaymentInFlight, ProviderUnavailable, TryLater
from shop.gateways.base import BACKGROUND, FORGETS_UNPAID, Patience, PaymentState
from shop.models import OutboxMessage, Payment
from shop.models.payment import TRANSITIONS
from shop.services import keys, orders, outbox, record
from shop.services.payments.apply import answered, apply, next_ticket
from shop.services.providers import call, context
from shop.services.unit_of_work import unit_of_work

# A verb of ours that has not come back by then died with its process; its key makes the repeat harmless.
GIVEN_UP_AFTER = timedelta(seconds=60)
UNPAID = (PaymentState.CREATED, PaymentState.REQUIRES_ACTION)  # what a provider may drop with nobody's money in it


def is_busy(payment: Payment, verb: str) -> bool:
    """Tell whether this verb of ours is under way at the provider for an open payment."""
    if payment.busy_with != verb or payment.busy_since is None or not payment.is_open:
        return False
    return context().clock.now() - payment.busy_since < GIVEN_UP_AFTER


def call_back(
    payment_id: int, cause: str, patience: Patience = BACKGROUND, *, even_reserved: bool = False
) -> Payment:
    """Cancel an open payment and return it; one that is closed already is returned as it is.

    Money that is reserved is given free only where somebody has let it go, or the caller says `even_reserved`: who
    asks has looked before the lock was taken, and what was an open window then may be a reservation now.

    Raises PaymentInFlight when it cannot be called back (a capture is under way, a bank debit is processing, it is
    reserved, or the money has just come), and TryLater when the provider does not answer: it is then still open.
    """
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        if not payment.is_open:
            return payment
        if payment.state is PaymentState.PROCESSING or is_busy(payment, "capture"):
            raise PaymentInFlight(_("Your other payment is being confirmed. We will know in a moment."))
        if payment.state is PaymentState.AUTHORIZED and not (payment.is_let_go or even_reserved):
            raise PaymentInFlight(_("The money for order %(number)s is reserved already.", number=payment.order.number))
        if payment.external_id is None:
            # Its browser never had what it takes to pay; what may exist at the provider is tidied up later.
            record.move(session, TRANSITIONS, "payment", payment, PaymentState.CANCELLED, cause)
            payment.next_check_at = None
            outbox.owe(
                session, "payment.tidy", f"payment.tidy:{payment.id}", order_id=payment.order_id, payment=payment.id
            )
            return payment
        external_id = payment.external_id
        now = context().clock.now()
        payment.busy_with, payment.busy_since = "cancel", now
        ticket = next_ticket(session, payment.id)
        key = _key(session, payment, ticket)
    try:
        snapshot = call(
            payment.provider, f"payment:{payment.id}", lambda gw: gw.cancel(external_id, key.value, patience)
        )
    except ProviderUnavailable:
        not_busy(payment.id)
        raise
    except ObjectMissing as exc:
        not_busy(payment.id)
        if payment.provider not in FORGETS_UNPAID:
            raise
        return forgotten(payment.id, exc)
    payment = answered(payment.id, snapshot, ticket, cause, "cancel", patience)
    if payment.is_open or payment.state is PaymentState.CAPTURED:
        raise PaymentInFlight(_("Your other payment has just gone through. We will know in a moment."))
    return payment


def _key(session: Session, payment: Payment, ticket: int) -> keys.Reserved:
    """Reserve a key for one try to cancel. Each try has its own, which is safe: a second cancellation does nothing.

    Under one key Stripe would go on repeating a refusal whose reason is long past
    (docs.stripe.com/api/idempotent_requests: also what failed is stored).
    """
    return keys.reserve(session, payment.provider, "cancel", payment.public_id, ticket, {}, context().clock.now())


def not_busy(payment_id: int) -> None:
    """Take the mark away after a call that was never carried out."""
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        payment.busy_with, payment.busy_since = "", None


def forgotten(payment_id: int, missing: ObjectMissing) -> Payment:
    """End an open payment that its provider has dropped because nobody approved it; a closed one is returned as it is.

    Money that is reserved or under way is not dropped: whose object is missing then stays as it is, since the customer
    may have been charged for it, a person is called, and `missing` is raised.
    """
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        if payment.state in UNPAID:
            record.move(session, TRANSITIONS, "payment", payment, PaymentState.CANCELLED, "dropped by the provider")
            payment.busy_with, payment.busy_since, payment.next_check_at = "", None, None
        elif payment.is_open:
            order = payment.order
            held = f"{payment.external_id}, by which {payment.money} is {payment.state}"
            message = f"Order {order.number}: {payment.provider} does not know {held}"
            record.alarm(session, f"payment_missing:{payment.id}", message, order.id, context().clock.now())
    if payment.is_open:
        raise missing
    return payment


def handle_tidy(message: OutboxMessage) -> None:
    """Cancel at the provider what a payment that has ended here may have left there: it was called back too early."""
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, int(message.payload["payment"]))
        ticket = next_ticket(session, payment.id)
        key = _key(session, payment, ticket)
    subject = f"payment:{payment.id}"
    external_id = payment.external_id
    if external_id is None:
        since = payment.created_at - timedelta(minutes=5)
        found = call(payment.provider, subject, lambda gw: gw.find(payment.public_id, since))
        if found is None:
            return
        external_id = found.external_id
    snapshot = call(payment.provider, subject, lambda gw: gw.cancel(external_id, key.value, BACKGROUND))
    apply(payment.id, snapshot, ticket, cause="tidied up")


def handle_replaced(message: OutboxMessage) -> None:
    """Call back what is open of an order that a newer one has taken the place of, so that nobody pays both.

    What cannot be called back now, and an order that a provider does not answer for, the sweep goes on with.
    """
    order_id = int(message.payload["order"])
    with unit_of_work() as session:
        still_open = orders.open_payments(session, order_id)
    with suppress(PaymentInFlight, TryLater):
        for payment_id in still_open:
            call_back(payment_id, cause=orders.REPLACED)
        orders.expire(order_id, cause=orders.REPLACED)


def handle_stop(message: OutboxMessage) -> None:
    """Call a payment back on which too many cards were tried: its client secret is then of no use; see `guard`.

    Somebody who is at their bank's question, or whose money is under way or reserved, is left alone.
    """
    payment_id = int(message.payload["payment"])
    with unit_of_work() as session:
        payment = session.get_one(Payment, payment_id)
    if payment.state is PaymentState.CREATED:
        with suppress(PaymentInFlight):
            call_back(payment_id, cause="too many declines")
