"""Manual capture: taking what was set aside, in whole or once in part, or letting it go.

    authorized ─ capture(whole) ─> captured, the order is paid
        ├─────── capture(part) ──> captured, the order is paid with that part; the provider frees the rest at once
        ├─────── void ───────────> cancelled, the order ends and its stock is let go
        └─────── lapsed ─────────> cancelled, the order is payable again for a while and the customer is asked to

What is asked for is committed with a message that finishes it before the provider is called, so a crash in the
middle repeats the call and not the charge. An authorization is captured once at both providers (Stripe by itself,
PayPal by `final_capture`), so that even a second key takes nothing twice.
"""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from shop.errors import (
    AnswerStored,
    Declined,
    InvalidInput,
    NothingToCapture,
    PaymentInFlight,
    ProviderRejected,
    ProviderUnavailable,
    ShopError,
)
from shop.gateways.base import BACKGROUND, Patience, PaymentState
from shop.models import Alarm, Order, OutboxMessage, Payment
from shop.money import Money
from shop.services import formats, keys, orders, outbox, record
from shop.services.payments.apply import answered, next_ticket
from shop.services.payments.call_back import GIVEN_UP_AFTER, call_back, is_busy, not_busy
from shop.services.payments.settle import refresh
from shop.services.providers import call, context
from shop.services.unit_of_work import unit_of_work

MOST_KEYS = 5  # at one go: each failure that the provider has stored costs one
WARN_BEFORE = timedelta(days=2)
LAPSES = "authorization_lapses:"  # the alarm of a reservation that lapses soon; its payment's id follows


def capture(payment_id: int, amount: Money | None, by: str, patience: Patience = BACKGROUND) -> Payment:
    """Take what was set aside: all of it (None) or `amount`; the rest is then free, and the order is paid.

    A repeat takes nothing more. Raises InvalidInput for an amount that is not a part of what was authorized,
    NothingToCapture when nothing is set aside (any more), PaymentInFlight while the payment is being let go or
    another amount is being taken, and TryLater when the provider is away: it is then taken in the background.
    """
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        ask(session, payment, amount, by)
    payment = take(payment_id, patience)
    if payment.state is PaymentState.CANCELLED:
        raise NothingToCapture(_("The reservation has lapsed; the customer has been asked to pay again."))
    return payment


def void(payment_id: int, by: str, patience: Patience = BACKGROUND) -> Payment:
    """Let an authorization go: the money is free, the order ends, its stock goes back, and the customer is told.

    A repeat changes nothing. Raises NothingToCapture when nothing is set aside (any more), PaymentInFlight while it
    is being captured, and TryLater when the provider is away: it is then let go in the background.
    """
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        ask_void(session, payment, by)
    return let_go(payment_id, patience)


def authorized(order: Order) -> Payment | None:
    """Return the order's payment whose money is set aside now; None if there is none."""
    return next((payment for payment in order.payments if payment.state is PaymentState.AUTHORIZED), None)


def ask(session: Session, payment: Payment, amount: Money | None, by: str) -> None:
    """Write down what is to be taken, inside an open transaction that holds the payment's lock; raises as `capture`."""
    wanted = payment.money if amount is None else amount
    if payment.state is PaymentState.CAPTURED and wanted == Money(payment.captured, payment.currency):
        return
    if payment.state is not PaymentState.AUTHORIZED:
        raise NothingToCapture(_("Nothing is reserved with this payment any more."))
    if wanted.currency != payment.currency or not 0 < wanted.amount <= payment.amount:
        words = _("Between nothing and %(most)s can be taken.", most=formats.money(payment.money))
        raise InvalidInput(words, "amount")
    if payment.voided_by or is_busy(payment, "cancel"):
        raise PaymentInFlight(_("This reservation is being let go."))
    if payment.capture_amount not in (None, wanted.amount):
        raise PaymentInFlight(_("Another amount of this reservation is being taken."))
    if payment.capture_amount is None:
        payment.capture_amount, payment.captured_by = wanted.amount, by[:80]
    _owe(session, payment, "payment.take", payment.take_round)


def ask_void(session: Session, payment: Payment, by: str) -> None:
    """Write down that an authorization is to be let go, as `ask` does for a capture; raises as `void`."""
    if payment.state is PaymentState.CANCELLED and payment.voided_by:
        return
    if payment.state is not PaymentState.AUTHORIZED:
        raise NothingToCapture(_("Nothing is reserved with this payment any more."))
    if payment.capture_amount is not None or is_busy(payment, "capture"):
        raise PaymentInFlight(_("This reservation is being charged."))
    payment.voided_by = payment.voided_by or by[:80]
    _owe(session, payment, "payment.void", 1)


def _owe(session: Session, payment: Payment, kind: str, sequence: int) -> None:
    """Owe the rest of what we are about to do ourselves; a worker goes on when we were killed or not answered."""
    key = f"{kind}:{payment.id}:{sequence}"
    later = context().clock.now() + GIVEN_UP_AFTER
    outbox.owe(session, kind, key, order_id=payment.order_id, not_before=later, payment=payment.id)


def take(payment_id: int, patience: Patience = BACKGROUND) -> Payment:
    """Take what `ask` wrote down, with its key; where that is done already, nothing is sent."""
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        if payment.state is not PaymentState.AUTHORIZED or payment.capture_amount is None:
            return payment
        now = context().clock.now()
        amount = Money(payment.capture_amount, payment.currency)
        parameters = {"amount": amount.amount}
        key = keys.reserve(
            session, payment.provider, "take", payment.public_id, payment.take_round, parameters, now
        )
        payment.busy_with, payment.busy_since = "capture", now
        ticket = next_ticket(session, payment.id)
    if key.is_expired:
        return _with_another_key(payment_id, patience)
    assert payment.external_id is not None, "what is authorized has its external id"
    external_id, part = payment.external_id, None if amount == payment.money else amount
    try:
        snapshot = call(
            payment.provider,
            f"payment:{payment_id}",
            lambda gw: gw.capture(external_id, key.value, part, patience),
        )
    except ProviderUnavailable:
        not_busy(payment_id)
        raise
    except AnswerStored:
        return _with_another_key(payment_id, patience)
    except (Declined, ProviderRejected) as exc:
        _refused(payment_id, exc)
        raise
    return answered(payment_id, snapshot, ticket, f"captured by {payment.captured_by}", "capture", patience)


def _with_another_key(payment_id: int, patience: Patience) -> Payment:
    """Look whether the spoilt or forgotten key has taken the money; if it has not, take it with the next one."""
    not_busy(payment_id)
    payment = refresh(payment_id, "its key can no longer be used", patience)
    if payment.state is not PaymentState.AUTHORIZED:
        return payment
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        payment.take_round += 1
        _owe(session, payment, "payment.take", payment.take_round)
        spoilt = payment.take_round % MOST_KEYS == 0
    if spoilt:  # a worker goes on in a minute
        raise ProviderUnavailable(f"{payment.provider} goes on failing; the capture is tried again later")
    return take(payment_id, patience)


def _refused(payment_id: int, exc: ShopError) -> None:
    """Forget what was to be taken, since the provider will not have it, and call a person."""
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        payment.busy_with, payment.busy_since = "", None
        payment.capture_amount = None
        payment.take_round += 1
        message = f"The capture for order {payment.order.number} was refused: {exc}"
        key = f"capture_refused:{payment.id}:{payment.take_round}"
        record.alarm(session, key, message, payment.order_id, context().clock.now())


def let_go(payment_id: int, patience: Patience = BACKGROUND) -> Payment:
    """Call back what `ask_void` wrote down; the order ends on the provider's word."""
    with unit_of_work() as session:
        payment = session.get_one(Payment, payment_id)
    if not payment.is_open:
        return payment
    try:
        return call_back(payment_id, cause=f"let go by {payment.voided_by}", patience=patience)
    except PaymentInFlight:
        with unit_of_work(write=True) as session:
            orders.lock_payment(session, payment_id).voided_by = ""
        raise


def handle_take(message: OutboxMessage) -> None:
    """Finish a capture that was asked for; the outbox calls this. The provider tells first what is true."""
    payment_id = int(message.payload["payment"])
    with unit_of_work() as session:
        if session.get_one(Payment, payment_id).state is not PaymentState.AUTHORIZED:
            return
    payment = refresh(payment_id, cause="follow-up of a capture")
    if payment.state is PaymentState.AUTHORIZED:
        take(payment_id)


def handle_void(message: OutboxMessage) -> None:
    """Finish letting an authorization go, unless it is kept after all; the outbox calls this."""
    payment_id = int(message.payload["payment"])
    with unit_of_work() as session:
        if not session.get_one(Payment, payment_id).is_let_go:
            return
    let_go(payment_id)


def end_later(session: Session, order: Order) -> None:
    """Let a pending order's time run out now: the sweep calls its payment back, and frees its stock on that word."""
    order.expires_at = context().clock.now()


def watch_expiry() -> None:
    """Warn the merchant two days before an authorization lapses. It captures nothing: that is a person's decision.

    Who was warned is not looked at again: these reservations stand for two days, and this is asked twice a minute.
    """
    soon = context().clock.now() + WARN_BEFORE
    warned = select(Alarm.id).where(Alarm.key == LAPSES + cast(Payment.id, String)).exists()
    query = select(Payment.id).where(Payment.state == PaymentState.AUTHORIZED, Payment.expires_at < soon, ~warned)
    with unit_of_work() as session:
        lapsing = list(session.scalars(query))
    for payment_id in lapsing:
        with unit_of_work(write=True) as session:
            payment = orders.lock_payment(session, payment_id)
            message = f"{payment.money} for order {payment.order.number} is reserved until {payment.expires_at} only"
            record.alarm(session, f"{LAPSES}{payment.id}", message, payment.order_id, context().clock.now())
