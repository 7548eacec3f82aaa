"""Refunds: asked for by a merchant, owed by a rule, or found at the provider's own dashboard."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.errors import (
    AnswerStored,
    InvalidInput,
    NothingToRefund,
    OutcomeUnknown,
    ProviderRejected,
    RefundedMeanwhile,
)
from shop.gateways.base import BACKGROUND, Patience, PaymentSnapshot, RefundSnapshot, RefundState, StartRefund
from shop.models import Capture, OutboxMessage, Payment, Refund
from shop.models.refund import TRANSITIONS
from shop.money import Money
from shop.services import (
    documents,
    formats,
    keys,
    ledger,
    metrics,
    orders,
    outbox,
    record,
    refund_amount,
    tax_records,
)
from shop.services.providers import call, context
from shop.services.unit_of_work import unit_of_work

FIRST_CHECK = 60  # seconds until the sweep asks for the first time; each wait is twice the one before
OURS = timedelta(seconds=20)  # whoever asks for a refund sends it; until then no worker and no sweep does the same
MOST_KEYS = 5  # of one refund: each failure that the provider has stored costs one
LONGEST_WAIT = 6 * 3600
REASONS = ("requested_by_customer", "duplicate", "fraudulent", "late_money", "other")


def request(
    payment_id: int,
    amount: Money,
    reason: str,
    requested_by: str,
    token: str | None = None,
    seen: int | None = None,
    patience: Patience = BACKGROUND,
) -> Refund:
    """Give back part or all of a payment: write the refund down, then send it.

    `token` is the form's own, used once: a form that was sent twice finds the refund that it asked for before.
    `seen` is what of the payment was given back when the asker looked, in minor units: two people who look at the same
    time do not give the same money back twice.

    Raises InvalidInput for an amount or reason that makes no sense, RefundedMeanwhile where `seen` is no longer so,
    NothingToRefund when it exceeds what was captured and not yet refunded, and TryLater when the provider is away: the
    refund then stands as requested and is sent in the background.
    """
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        refund = _asked_before(session, token)
        if refund is None:
            _check(payment, amount, reason, seen)
            later = context().clock.now() + OURS
            refund = owe(session, payment, amount, reason, requested_by, not_before=later)
            refund.request_token = token
    return send(refund.id, patience)


def _check(payment: Payment, amount: Money, reason: str, seen: int | None) -> None:
    if seen is not None and seen != payment.refunded:
        raise RefundedMeanwhile(_("Money was given back since this page was opened. Look again at what is left."))
    if amount.amount <= 0:
        raise InvalidInput(_("A refund gives something back: the amount must be above zero."), "amount")
    if reason not in REASONS:
        raise InvalidInput(f"The reason must be one of {', '.join(REASONS)}.", "reason")


def _asked_before(session: Session, token: str | None) -> Refund | None:
    """Return the refund that a form asked for; the payment's lock is held, so that two forms make one refund."""
    return session.scalar(select(Refund).where(Refund.request_token == token)) if token else None


def owe(
    session: Session,
    payment: Payment,
    amount: Money,
    reason: str,
    requested_by: str,
    not_before: datetime | None = None,
) -> Refund:
    """Write a refund down inside an open transaction that holds the payment's lock; a worker sends it.

    It is placed on a capture with enough left. Where none has, it is split over several, each a refund of its
    own: the first is returned. Who sends that one at once leaves it to worker and sweep only from `not_before` on, in
    case they are killed or not answered: two calls at once with one key are refused at Stripe (409).

    Raises NothingToRefund when the refunds would exceed what was captured.
    """
    left = refund_amount.left(payment)
    if amount.currency != payment.currency or amount > left:
        raise NothingToRefund(_("At most %(most)s can be given back.", most=formats.money(left)))
    parts = _placed(payment, amount.amount)
    owed = [_part(payment, capture, part, reason, requested_by) for capture, part in parts]
    if not_before is not None:
        owed[0].next_check_at = not_before
    session.flush()
    for refund in owed:
        key, later = f"refund.send:{refund.id}", not_before if refund is owed[0] else None
        outbox.owe(session, "refund.send", key, order_id=payment.order_id, not_before=later, refund=refund.id)
    return owed[0]


def _placed(payment: Payment, amount: int) -> list[tuple[Capture, int]]:
    """Say which captures are to give back how much: one that suffices, else the fullest ones in turn."""
    left = _left_of_captures(payment)
    by_room = sorted(payment.captures, key=lambda capture: left[capture.id], reverse=True)
    parts = []
    for capture in by_room:
        part = min(amount, left[capture.id])
        if part > 0:
            parts.append((capture, part))
            amount -= part
    return parts


def _left_of_captures(payment: Payment) -> dict[int, int]:
    """Return what is left of each capture; a refund whose capture is not known takes from the fullest."""
    left = {capture.id: capture.amount for capture in payment.captures}
    counting = [refund for refund in payment.refunds if refund.counts]
    for refund in counting:
        if refund.capture_id is not None:
            left[refund.capture_id] -= refund.amount
    unplaced = sum(refund.amount for refund in counting if refund.capture_id is None)
    for capture_id in sorted(left, key=lambda one: left[one], reverse=True):
        taken = min(unplaced, max(0, left[capture_id]))
        left[capture_id] -= taken
        unplaced -= taken
    return left


def _part(payment: Payment, capture: Capture, amount: int, reason: str, requested_by: str) -> Refund:
    refund = Refund(
        payment_id=payment.id,
        capture_id=capture.id,
        provider=payment.provider,
        mode=payment.mode,
        amount=amount,
        currency=payment.currency,
        reason=reason,
        requested_by=requested_by,
    )
    payment.refunds.append(refund)
    return refund


def handle_send(message: OutboxMessage) -> None:
    """Send a refund that is owed; the outbox calls this."""
    send(int(message.payload["refund"]))


def send(refund_id: int, patience: Patience = BACKGROUND) -> Refund:
    """Ask the provider for a refund that is written down, and apply its answer. A repeat asks with the same key."""
    with unit_of_work(write=True) as session:
        refund = session.get_one(Refund, refund_id)
        if refund.state is not RefundState.REQUESTED:
            return refund
        payment = orders.lock_payment(session, refund.payment_id)
        start = _parameters(payment, refund)
        key = keys.reserve(
            session, payment.provider, "refund", refund.public_id, 1, start, context().clock.now()
        )
        ticket = _next_ticket(session, refund.id)
    if key.is_expired:
        snapshot = _adopt(payment, refund, patience)
    else:
        try:
            snapshot = _ask(payment, start, key.value, patience)
        except AnswerStored:
            return _look_and_try_anew(payment, refund, start, ticket, patience)
        except ProviderRejected as exc:
            return _reject(refund.id, str(exc))
    return apply(refund.id, snapshot, ticket, cause="refund call")


def _ask(payment: Payment, start: StartRefund, key: str, patience: Patience) -> RefundSnapshot:
    return call(payment.provider, f"payment:{payment.id}", lambda gw: gw.refund(start, key, patience))


def _look_and_try_anew(
    payment: Payment, refund: Refund, start: StartRefund, ticket: int, patience: Patience
) -> Refund:
    """Go on after a failure that the provider has stored: adopt the refund it made, or ask with the next key."""
    snapshot = _look(payment, refund, patience)
    for sequence in range(2, MOST_KEYS + 1):
        if snapshot is not None:
            break
        with unit_of_work(write=True) as session:
            now = context().clock.now()
            key = keys.reserve(session, payment.provider, "refund", refund.public_id, sequence, start, now)
        if key.is_expired:
            continue
        try:
            snapshot = _ask(payment, start, key.value, patience)
        except AnswerStored:
            continue  # spoilt as well, and nothing was made under it
        except ProviderRejected as exc:
            return _reject(refund.id, str(exc))
    if snapshot is None:
        raise OutcomeUnknown(f"refund {refund.public_id} was answered by failures only")
    return apply(refund.id, snapshot, ticket, cause="refund call")


def refresh(refund_id: int, cause: str) -> Refund:
    """Fetch a refund from its provider and apply what is true now."""
    with unit_of_work(write=True) as session:
        refund = session.get_one(Refund, refund_id)
        ticket = _next_ticket(session, refund_id)
    external_id = refund.external_id
    if external_id is None:
        return send(refund_id)
    snapshot = call(
        refund.provider, f"payment:{refund.payment_id}", lambda gw: gw.fetch_refund(external_id, BACKGROUND)
    )
    return apply(refund_id, snapshot, ticket, cause)


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Return the ids of refunds that are to be asked for again, the oldest first."""
    query = select(Refund.id).where(Refund.next_check_at < now).order_by(Refund.next_check_at).limit(limit)
    return list(session.scalars(query))


def postpone(refund_id: int) -> None:
    """Count a look and put the next one off, before looking, so that one that fails does not hold up the others."""
    with unit_of_work(write=True) as session:
        refund = session.get_one(Refund, refund_id)
        orders.lock_payment(session, refund.payment_id)
        refund.checks += 1
        refund.next_check_at = _next_check(refund)


def apply(refund_id: int, snapshot: RefundSnapshot, ticket: int, cause: str) -> Refund:
    """Apply what the provider says of a refund; an older snapshot than the last one applied changes nothing.

    So does one that says what is over: a look at the payment, whose tickets are others, may have moved it on meanwhile.
    """
    with unit_of_work(write=True) as session:
        refund = session.get_one(Refund, refund_id)
        payment = orders.lock_payment(session, refund.payment_id)
        if ticket > refund.applied_ticket:
            refund.applied_ticket = ticket
            if _is_news(refund, snapshot):
                _apply(session, payment, refund, snapshot, cause)
        return refund


def absorb(session: Session, payment: Payment, snapshot: RefundSnapshot, cause: str) -> None:
    """Apply a refund that was seen while its payment was fetched; one made elsewhere gets a row of its own.

    Its freshness is the payment's: the caller has checked that ticket already, and states only move forward.
    """
    refund = _find(payment, snapshot)
    if refund is None:
        refund = Refund(
            payment_id=payment.id,
            provider=payment.provider,
            mode=payment.mode,
            amount=snapshot.amount.amount,
            currency=snapshot.amount.currency,
            reason="other",
            requested_by="provider's dashboard",
        )
        payment.refunds.append(refund)
        session.flush()
    if _is_news(refund, snapshot):
        _apply(session, payment, refund, snapshot, cause)


def _is_news(refund: Refund, snapshot: RefundSnapshot) -> bool:
    """Tell whether a snapshot is of now or of what comes next: states only move forward."""
    return snapshot.state is refund.state or snapshot.state in TRANSITIONS[refund.state]


def _find(payment: Payment, snapshot: RefundSnapshot) -> Refund | None:
    for refund in payment.refunds:
        if refund.external_id == snapshot.external_id:
            return refund
        if refund.external_id is None and snapshot.reference == refund.public_id:
            return refund
    return None


def _apply(session: Session, payment: Payment, refund: Refund, snapshot: RefundSnapshot, cause: str) -> None:
    refund.external_id = snapshot.external_id
    moved = record.move(session, TRANSITIONS, "refund", refund, snapshot.state, cause)
    if moved:
        metrics.refunds.labels(payment.provider, snapshot.state).inc()
    if refund.state in (RefundState.PENDING, RefundState.SUCCEEDED):
        ledger.book_refund(session, payment, refund)
        tax_records.owe_reversal(session, payment, refund)
        documents.credit(session, payment, refund)
        key = f"mail.refund:{refund.id}"
        outbox.owe(session, "mail.refund", key, order_id=payment.order_id, order=payment.order_id, refund=refund.id)
    if snapshot.settlement is not None and refund.settled_at is None:
        ledger.book_refund_settlement(session, payment, refund, snapshot.settlement)
        refund.settled_at = context().clock.now()
    if moved and refund.state is RefundState.FAILED:  # after its settlement, which it takes back as well
        _failed(session, payment, refund, snapshot.failure)
    arrived = refund.state is RefundState.SUCCEEDED and refund.settled_at is not None
    finished = arrived or refund.state is RefundState.FAILED
    refund.next_check_at = None if finished else _next_check(refund)
    session.flush()


def _next_check(refund: Refund) -> datetime:
    """Return when to ask again: ever more rarely, and still four times a day."""
    wait = min(LONGEST_WAIT, FIRST_CHECK * 2**refund.checks)
    return context().clock.now() + timedelta(seconds=wait)


def _failed(session: Session, payment: Payment, refund: Refund, failure: str) -> None:
    """Take back what was booked of it; where nothing was, owe a look at the payment, which may show where the money is.

    The provider refuses what a refund made in its dashboard has given back already, and its notice may be lost.
    """
    refund.failure = failure[:200]
    came_back, now = ledger.book_refund_failure(session, payment, refund), context().clock.now()
    documents.reverse(session, refund)
    tax_records.owe_restoration(session, payment, refund)
    reason = refund.failure or "no reason given"
    message = f"Refund {refund.public_id} of order {payment.order.number} failed: {reason}. "
    if came_back:
        message += f"The {refund.money} are with us again: ask for it once more, "
        message += "or agree with the customer on another way."
    else:
        message += f"The provider sent nothing by it: the {refund.money} may have been given back there already. "
        message += "Look there first, and ask for it once more only if they were not."
        payment.next_check_at = now
    record.alarm(session, f"refund_failed:{refund.id}", message, payment.order_id, now)


def _reject(refund_id: int, reason: str) -> Refund:
    """End a refund that the provider refused for good: it was never begun there."""
    with unit_of_work(write=True) as session:
        refund = session.get_one(Refund, refund_id)
        payment = orders.lock_payment(session, refund.payment_id)
        if record.move(session, TRANSITIONS, "refund", refund, RefundState.FAILED, "refused by the provider"):
            _failed(session, payment, refund, reason)
        refund.next_check_at = None
        return refund


def _adopt(payment: Payment, refund: Refund, patience: Patience) -> RefundSnapshot:
    """Look for a refund whose key the provider may have forgotten; refuse to send it again unseen."""
    found = _look(payment, refund, patience)
    if found is not None:
        return found
    return RefundSnapshot(
        external_id=f"never-sent:{refund.public_id}",
        reference=refund.public_id,
        payment_external_id=payment.external_id,
        amount=refund.money,
        state=RefundState.FAILED,
        failure="the provider never saw this refund and its key has expired",
    )


def _look(payment: Payment, refund: Refund, patience: Patience) -> RefundSnapshot | None:
    """Return the provider's refund that carries our reference; None if it made none."""
    assert payment.external_id is not None, "a captured payment has its external id"
    external_id = payment.external_id
    seen: PaymentSnapshot = call(
        payment.provider, f"payment:{payment.id}", lambda gw: gw.fetch(external_id, patience)
    )
    return next((snapshot for snapshot in seen.refunds if snapshot.reference == refund.public_id), None)


def _parameters(payment: Payment, refund: Refund) -> StartRefund:
    capture = next((one for one in payment.captures if one.id == refund.capture_id), payment.captures[0])
    assert payment.external_id is not None, "a captured payment has its external id"
    return StartRefund(
        reference=refund.public_id,
        order_number=payment.order.number,
        payment_external_id=payment.external_id,
        capture_id=capture.external_id,
        amount=refund.money,
        reason=refund.reason,
    )


def _next_ticket(session: Session, refund_id: int) -> int:
    statement = update(Refund).where(Refund.id == refund_id).values(ticket=Refund.ticket + 1)
    return session.scalars(statement.returning(Refund.ticket)).one()
