"""The one writer of payments: what a provider holds to be true is applied here and nowhere else.

A webhook, the customer's return, the sweep and the merchant's button all end in `apply`. It runs under the
row locks of the order and the payment, ignores a snapshot older than the last one applied, and may be
repeated: order, duplicates, loss and slow workers do not matter.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.gateways.base import (
    BACKGROUND,
    AttemptSnapshot,
    AttemptState,
    Method,
    Patience,
    PaymentSnapshot,
    PaymentState,
    Provider,
)
from shop.gateways.base import Capture as CaptureSnapshot
from shop.models import Attempt, Capture, Payment, ReviewState
from shop.models.order import ERASED
from shop.models.payment import ATTEMPT_TRANSITIONS, TRANSITIONS
from shop.money import Money
from shop.services import guard, ledger, metrics, orders, outbox, preorders, record, refund_amount, refunds
from shop.services.providers import call, context
from shop.services.unit_of_work import unit_of_work

FIRST_CHECK = 20  # seconds until the sweep asks for the first time; each wait is twice the one before
LONGEST_WAIT = 6 * 3600
WITHOUT_END = (PaymentState.PROCESSING, PaymentState.AUTHORIZED)  # while in these, the order does not expire
WITH_END_AGAIN = (PaymentState.CREATED, PaymentState.REQUIRES_ACTION, PaymentState.CANCELLED)  # after one of those


def take_ticket(payment_id: int) -> int:
    """Return the next ticket of a payment; take one *before* each fetch, since a fetch is as fresh as its start.

    The answer to a verb is as fresh as its end: see `answered`.
    """
    with unit_of_work(write=True) as session:
        return next_ticket(session, payment_id)


def next_ticket(session: Session, payment_id: int) -> int:
    """Return the next ticket inside a transaction that is open already."""
    statement = update(Payment).where(Payment.id == payment_id).values(ticket=Payment.ticket + 1)
    return session.scalars(statement.returning(Payment.ticket)).one()


def locate(session: Session, provider: Provider, external_id: str, reference: str | None) -> int | None:
    """Return the id of our payment for a provider's object, by its id or by our reference in it; None if unknown."""
    query = select(Payment.id).where(Payment.provider == provider)
    found = session.scalar(query.where(Payment.external_id == external_id))
    if found is None and reference:
        found = session.scalar(query.where(Payment.public_id == reference, Payment.external_id.is_(None)))
    return found


def apply(payment_id: int, snapshot: PaymentSnapshot, ticket: int, cause: str) -> Payment:
    """Apply a snapshot in a transaction of its own and return the payment as it is now."""
    with unit_of_work(write=True) as session:
        return apply_in(session, payment_id, snapshot, ticket, cause)


def answered(
    payment_id: int, snapshot: PaymentSnapshot, ticket: int, cause: str, verb: str, patience: Patience = BACKGROUND
) -> Payment:
    """Apply the answer to a verb of ours: a look that began during the call may have seen what was before it.

    One that is applied later is therefore older than the answer, which gets a ticket taken at its end. One that was
    applied first makes the answer stale instead, and the provider is asked once more.
    """
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        is_stale = payment.applied_ticket > ticket
        ticket = ticket if is_stale else next_ticket(session, payment_id)
        payment = apply_in(session, payment_id, snapshot, ticket, cause, verb)
    if not is_stale:
        return payment
    again, external_id = take_ticket(payment_id), snapshot.external_id
    seen = call(payment.provider, f"payment:{payment_id}", lambda gw: gw.fetch(external_id, patience))
    return apply(payment_id, seen, again, cause)


def apply_in(
    session: Session, payment_id: int, snapshot: PaymentSnapshot, ticket: int, cause: str, verb: str = ""
) -> Payment:
    """Apply a snapshot inside an open transaction: attempts, captures, refunds, state, and what follows from them.

    A snapshot whose ticket is not newer than the last one applied changes nothing. One whose amount or mode
    differs from what was agreed raises an alarm and changes nothing: it never fulfils an order. `verb` names
    the call ("capture", "cancel") that this snapshot is the answer to: it is no longer under way.
    """
    payment = orders.lock_payment(session, payment_id)
    if verb and payment.busy_with == verb:
        payment.busy_with, payment.busy_since = "", None
    if ticket <= payment.applied_ticket:
        return payment
    if not _belongs(session, payment, snapshot):
        return payment
    payment.applied_ticket = ticket
    payment.external_id = snapshot.external_id
    payment.expires_at = snapshot.expires_at or payment.expires_at
    if snapshot.method is not None:
        _remember_method(payment, snapshot.method)
    was = payment.state
    declined = [attempt for attempt in snapshot.attempts if _apply_attempt(session, payment, attempt, cause)]
    if _is_superseded(payment, snapshot):
        payment.voided_by = payment.voided_by or "shop"
        key = f"payment.tidy:{payment.id}:superseded"
        outbox.owe(session, "payment.tidy", key, order_id=payment.order_id, payment=payment.id)
    elif record.move(session, TRANSITIONS, "payment", payment, _state(payment, snapshot), cause):
        _announce(session, payment, was, cause)
    unowed = [capture for capture in snapshot.captures if _apply_capture(session, payment, capture, cause)]
    for refund in snapshot.refunds:
        refunds.absorb(session, payment, refund, cause)
    for capture in unowed:  # after the refunds: the merchant may have given it back at the provider already
        _give_back(session, payment, capture.amount)
    if was is PaymentState.AUTHORIZED and payment.state is PaymentState.CANCELLED:
        _let_go(session, payment, cause)
    elif was in WITHOUT_END and payment.state in WITH_END_AGAIN:
        orders.reopen(session, payment.order)
        is_there = payment.state is PaymentState.REQUIRES_ACTION  # at the bank's question, with another try
        if declined and was is PaymentState.PROCESSING and not is_there:
            orders.payment_failed(session, payment.order, payment, payment.attempts[-1].id)
    _plan_next_check(payment)
    session.flush()
    return payment


def _belongs(session: Session, payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """Tell whether the snapshot is of this payment, for the agreed amount; raise an alarm where it is not."""
    wrong = ""
    if snapshot.provider is not payment.provider or snapshot.mode is not payment.mode:
        wrong = f"a snapshot of {snapshot.provider}/{snapshot.mode} came for a payment of {payment.provider}"
    elif payment.external_id not in (None, snapshot.external_id):
        wrong = f"{snapshot.external_id} came for {payment.external_id}"
    elif snapshot.reference not in (None, payment.public_id):
        wrong = f"{snapshot.external_id} carries the reference {snapshot.reference}, not {payment.public_id}"
    elif snapshot.amount != payment.money:
        wrong = f"{snapshot.external_id} is for {snapshot.amount}, but {payment.money} was agreed"
    elif _took_otherwise(payment, snapshot):
        taken = " and ".join(str(capture.amount) for capture in snapshot.captures)
        wrong = f"{snapshot.external_id} took {taken}, but {payment.money} was agreed"
    if not wrong:
        return True
    key = f"mismatch:{payment.id}:{snapshot.external_id}"
    record.alarm(session, key, f"Order {payment.order.number}: {wrong}", payment.order_id, context().clock.now())
    return False


def _took_otherwise(payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """Tell whether money was taken, but not the agreed sum of it; what is captured later may be captured in parts."""
    if not snapshot.captures:
        return False
    if any(capture.amount.currency != payment.currency for capture in snapshot.captures):
        return True
    if payment.capture_later:
        return snapshot.captured > payment.money
    return snapshot.captured != payment.money


def _state(payment: Payment, snapshot: PaymentSnapshot) -> PaymentState:
    """Return the state to move to: a payment we called back stays so unless money was taken or set aside.

    What was declined when we took it still counts as approved at the provider; here it has to be approved anew.
    """
    if snapshot.needs_capture and payment.needs_approval and payment.is_open:
        return PaymentState.CREATED
    gone = payment.state is PaymentState.CANCELLED
    if gone and snapshot.state not in (PaymentState.AUTHORIZED, PaymentState.CAPTURED):
        return PaymentState.CANCELLED
    return snapshot.state


def _is_superseded(payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """Tell whether money was set aside with a payment that was called back and let go, or has another in its place.

    PayPal's authorize may outlive our patience: an order has one open payment, so what comes late is given free again.
    """
    if payment.state is not PaymentState.CANCELLED or snapshot.state is not PaymentState.AUTHORIZED:
        return False
    return bool(payment.voided_by) or any(other.is_open for other in payment.order.payments)


def _remember_method(payment: Payment, method: Method) -> None:
    """Remember what was paid with, no longer than its columns: PostgreSQL refuses what SQLite takes."""
    payment.method_kind, payment.method_brand = method.kind[:30], method.brand[:30]
    payment.method_last4 = method.last4[-4:]
    payment.method_payer = "" if payment.order.email.endswith(ERASED) else method.payer[:120]


def _apply_attempt(session: Session, payment: Payment, seen: AttemptSnapshot, cause: str) -> bool:
    """Add or move one attempt; True when it is newly declined."""
    row = next((attempt for attempt in payment.attempts if attempt.external_id == seen.external_id), None)
    if row is None:
        row = Attempt(external_id=seen.external_id, state=AttemptState.PENDING, amount=seen.amount.amount)
        payment.attempts.append(row)
        session.flush()
    if not record.move(session, ATTEMPT_TRANSITIONS, "attempt", row, seen.state, cause):
        return False
    if seen.decline is None or seen.state is not AttemptState.DECLINED:
        return False
    row.decline_code, row.decline_message = seen.decline.code[:60], seen.decline.message[:500]
    row.decline_advice, row.decline_is_hard = seen.decline.advice, seen.decline.hard
    payment.capture_round += 1
    payment.needs_approval = True
    metrics.payments.labels(payment.provider, "declined").inc()
    guard.declined(session, f"payment:{payment.id}", seen.external_id, payment.provider, payment.order_id)
    return True


def _apply_capture(session: Session, payment: Payment, seen: CaptureSnapshot, cause: str) -> bool:
    """Add money taken, once, and its settlement when that is known; True where it is new and nobody owed it to us."""
    earned = True
    row = next((capture for capture in payment.captures if capture.external_id == seen.external_id), None)
    if row is None:
        row = Capture(external_id=seen.external_id, amount=seen.amount.amount, at=context().clock.now())
        payment.captures.append(row)
        payment.captured_at = row.at
        earned = orders.money_came(session, payment.order, payment, cause)
        ledger.book_capture(session, payment, row, earned=earned)
        metrics.payments.labels(payment.provider, "captured" if earned else "owed_back").inc()
        if payment.customer is not None:  # they may have ticked the box that saves the card
            _sync_wallet(session, payment, payment.customer)
        metrics.payment_seconds.labels(payment.provider).observe((row.at - payment.created_at).total_seconds())
    if seen.settlement is not None and row.settled_at is None:
        ledger.book_capture_settlement(session, payment, row, seen.settlement)
        row.settled_at = context().clock.now()
        row.settlement_currency = seen.settlement.net.currency
        row.fee, row.net = seen.settlement.fee.amount, seen.settlement.net.amount
    return not earned


def _sync_wallet(session: Session, payment: Payment, customer: str) -> None:
    """Owe a look at what the provider keeps for whoever paid."""
    key = f"wallet.sync:payment:{payment.id}"
    where = str(payment.provider)
    outbox.owe(session, "wallet.sync", key, order_id=payment.order_id, provider=where, customer=customer)


def _give_back(session: Session, payment: Payment, taken: Money) -> None:
    """Owe a refund of money that came for nothing: a second capture, or one too late; of what is left of it."""
    order = payment.order
    duplicate = any(other.captures for other in order.payments if other.id != payment.id)
    left = min(taken, refund_amount.left(payment))
    session.flush()  # a refund names its capture by the id, which a new one gets now
    if left:
        refunds.owe(session, payment, left, "duplicate" if duplicate else "late_money", requested_by="shop")
    if duplicate:
        becomes = f"{left} is being refunded" if left else f"{taken} was refunded at the provider already"
        message = f"Order {order.number} was paid twice; {becomes}"
        record.alarm(session, f"paid_twice:{payment.id}", message, order.id, context().clock.now())


def _announce(session: Session, payment: Payment, was: PaymentState, cause: str) -> None:
    """Let the order know of a move that concerns it before any money has come."""
    if payment.state is PaymentState.PROCESSING:
        orders.processing(session, payment.order, payment)
    elif payment.state is PaymentState.AUTHORIZED:
        _authorized(session, payment)


def _authorized(session: Session, payment: Payment) -> None:
    """Keep the order for whoever captures; an authorization nobody waits for any more is let go."""
    order = payment.order
    is_wanted = order.review is not ReviewState.REJECTED and order.replaced_by_id is None
    if is_wanted and orders.authorized(session, order, payment):
        if order.review is ReviewState.APPROVED and not preorders.is_held_until_sent(order, payment):
            payment.capture_amount, payment.captured_by = payment.amount, order.reviewed_by
            key = f"payment.take:{payment.id}:{payment.take_round}"
            outbox.owe(session, "payment.take", key, order_id=order.id, payment=payment.id)
        return
    payment.voided_by = "shop"
    outbox.owe(session, "payment.void", f"payment.void:{payment.id}", order_id=order.id, payment=payment.id)


def _let_go(session: Session, payment: Payment, cause: str) -> None:
    """Tell the order that the money set aside for it is free again: a person let it go, or it has lapsed."""
    payment.capture_amount = None
    if payment.is_let_go:
        orders.end(session, payment.order, cause)
    else:
        orders.lapsed(session, payment.order, payment)


def _plan_next_check(payment: Payment) -> None:
    """Say when the sweep is to ask again: while something may still change, ever more rarely."""
    settled = bool(payment.captures) and all(capture.settled_at for capture in payment.captures)
    finished = payment.state is PaymentState.CANCELLED or (payment.state is PaymentState.CAPTURED and settled)
    if finished:
        payment.next_check_at = None
        return
    wait = min(LONGEST_WAIT, FIRST_CHECK * 2**payment.checks)
    now = context().clock.now()
    payment.next_check_at = now + timedelta(seconds=wait)
    if payment.state is PaymentState.AUTHORIZED and payment.expires_at is not None and payment.expires_at > now:
        payment.next_check_at = min(payment.next_check_at, payment.expires_at)
