"""Finding out what became of a payment, and taking the money where the provider waits for us to do so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.errors import NotFound, ObjectMissing, OurBug, ProviderUnavailable, TryLater
from shop.gateways.base import BACKGROUND, FORGETS_UNPAID, INTERACTIVE, Patience, PaymentSnapshot, PaymentState
from shop.models import Order, OrderState, OutboxMessage, Payment
from shop.models.payment import OPEN_STATES
from shop.services import keys, orders, outbox
from shop.services.payments.apply import FIRST_CHECK, LONGEST_WAIT, answered, apply, apply_in, next_ticket
from shop.services.payments.call_back import forgotten, is_busy, not_busy
from shop.services.providers import call, context
from shop.services.unit_of_work import unit_of_work

log = structlog.get_logger()


class Outcome(StrEnum):
    """What the customer is to be shown of an order's payment."""

    PAID = "paid"
    AUTHORIZED = "authorized"  # set aside, and not charged yet
    CONFIRMING = "confirming"  # the provider has not said yet; ask again soon
    PROCESSING = "processing"  # a bank takes days; a mail will tell
    OPEN = "open"  # nothing paid yet, and nothing wrong
    ACTION = "action"  # the customer's bank, or the provider, waits for them to confirm
    FAILED = "failed"  # the last try was declined; another may be made
    ENDED = "ended"  # cancelled, expired, or another order has taken its place


@dataclass(frozen=True)
class Status:
    """Where an order's payment stands; of a last try that failed, its decline code and what the provider advises."""

    outcome: Outcome
    order: Order
    decline_code: str = ""
    decline_advice: str = ""

    @property
    def answer(self) -> int:
        """Return which answer of the provider this rests on: the number changes with every newer one; 0 for none."""
        return self.order.payments[-1].applied_ticket if self.order.payments else 0


def approved(order_id: int) -> Status:
    """Settle after the customer has approved at the provider, be it for the first time or after a decline.

    Where a webhook was faster, the decline is the answer to this very approval: it is told, and nothing is tried.
    Only an approval by somebody who was shown the decline is a new one.
    """
    payment = _newest(order_id)
    if payment is not None and payment.needs_approval and payment.told_round == payment.capture_round:
        allow_capture(payment.id)
    return told(settle(order_id))


def told(found: Status) -> Status:
    """Note that the customer is being shown a decline, and return the status as it is; a repeat writes nothing."""
    payment = found.order.payments[-1] if found.order.payments else None
    if found.outcome is Outcome.FAILED and payment is not None and payment.told_round != payment.capture_round:
        with unit_of_work(write=True) as session:
            orders.lock_payment(session, payment.id).told_round = payment.capture_round
    return found


def allow_capture(payment_id: int) -> None:
    """Let a payment be captured again after a decline: the customer has chosen another funding source."""
    with unit_of_work(write=True) as session:
        orders.lock_payment(session, payment_id).needs_approval = False


def settle(order_id: int) -> Status:
    """Ask the provider about the order's newest payment and say where it stands; the customer is waiting.

    Whoever comes first (this, the webhook, the sweep) finishes the order; the others find it done. When the
    provider does not answer within two seconds, or refuses the question (its keys were rolled), a worker goes on, and
    the answer is CONFIRMING: somebody who has paid is not to hear of our faults.
    """
    payment = _newest(order_id)
    if payment is None or payment.external_id is None or not payment.is_open:
        return status(order_id)
    if payment.state is PaymentState.AUTHORIZED:
        return status(order_id)  # the merchant takes it from here
    try:
        refresh(payment.id, cause="customer's return", patience=INTERACTIVE)
    except (TryLater, OurBug) as exc:
        if isinstance(exc, OurBug):
            log.exception("not_settled", payment_id=payment.id, provider=payment.provider)
        _settle_later(payment)
        return Status(Outcome.CONFIRMING, _order(order_id))
    return status(order_id)


def status(order_id: int) -> Status:
    """Say where an order's payment stands, from what is known here; asks nobody."""
    order = _order(order_id)
    if order.state in (OrderState.PAID, OrderState.FULFILLED):
        return Status(Outcome.PAID, order)
    if order.state in (OrderState.CANCELLED, OrderState.EXPIRED):
        return Status(Outcome.ENDED, order)
    newest = order.payments[-1] if order.payments else None
    payment = next((one for one in order.payments if one.is_open), newest)  # an older one may hold money that came late
    if payment is not None and payment.state is PaymentState.PROCESSING:
        return Status(Outcome.PROCESSING, order)
    if order.replaced_by_id is not None:
        return Status(Outcome.ENDED, order)  # its payment is being called back, be it reserved
    if payment is not None and payment.state is PaymentState.AUTHORIZED:
        return Status(Outcome.AUTHORIZED, order)
    if payment is None:
        return Status(Outcome.OPEN, order)
    if is_busy(payment, "capture") or (payment.is_open and payment.external_id is None):
        return Status(Outcome.CONFIRMING, order)
    decline = payment.last_decline  # it ends a payment at PayPal, where a capture itself was declined
    if decline is not None and payment.state in (PaymentState.CREATED, PaymentState.CANCELLED):
        return Status(Outcome.FAILED, order, decline.decline_code, decline.decline_advice)
    return Status(Outcome.ACTION if payment.state is PaymentState.REQUIRES_ACTION else Outcome.OPEN, order)


def refresh(payment_id: int, cause: str, patience: Patience = BACKGROUND) -> Payment:
    """Fetch a payment, take the money if the provider waits for that, and apply what is true now.

    Of a payment whose capture comes later, the money is set aside instead: PayPal's `authorize`. A look that is older
    than what was applied meanwhile changes nothing and is repeated, once: it may have been told of by a webhook that
    came after the answer which overtook it.
    """
    payment, is_overtaken = _look(payment_id, cause, patience)
    return _look(payment_id, cause, patience)[0] if is_overtaken else payment


def _look(payment_id: int, cause: str, patience: Patience) -> tuple[Payment, bool]:
    """Fetch and apply once, or capture; return the payment, and whether what was seen is older than what is known."""
    where = (Payment.ticket, Payment.provider, Payment.external_id, Payment.public_id, Payment.state)
    begun = update(Payment).where(Payment.id == payment_id).values(ticket=Payment.ticket + 1).returning(*where)
    with unit_of_work(write=True) as session:
        ticket, provider, external_id, public_id, state = session.execute(begun).one()
    if external_id is None:
        raise ObjectMissing(f"payment {public_id} has no object at {provider} yet")
    try:
        snapshot = call(provider, f"payment:{payment_id}", lambda gw: gw.fetch(external_id, patience))
    except ObjectMissing as exc:
        if provider not in FORGETS_UNPAID or state not in OPEN_STATES:
            raise
        return forgotten(payment_id, exc), False
    if snapshot.needs_capture and state in OPEN_STATES:
        return _capture(payment_id, snapshot, ticket, cause, patience)
    payment = apply(payment_id, snapshot, ticket, cause)
    return payment, payment.applied_ticket > ticket


def _capture(
    payment_id: int, seen: PaymentSnapshot, ticket: int, cause: str, patience: Patience
) -> tuple[Payment, bool]:
    """Take money that the customer has approved, unless the order has ended or the payment is being called back.

    `seen` is what the fetch saw; it is applied when nothing may be taken, and may be overtaken then. An amount that
    differs from what was agreed is never captured: applying raises the alarm.
    """
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        if not _may_capture(payment, seen):
            payment = apply_in(session, payment.id, seen, ticket, cause)
            return payment, payment.applied_ticket > ticket
        now = context().clock.now()
        payment.busy_with, payment.busy_since = "capture", now
        key = keys.reserve(
            session, payment.provider, "capture", payment.public_id, payment.capture_round, {}, now
        )
        ticket = next_ticket(session, payment.id)
    if key.is_expired:
        raise OurBug(f"payment {payment.public_id} was approved, but the key of its capture has expired")
    try:
        snapshot = call(
            payment.provider,
            f"payment:{payment_id}",
            lambda gw: gw.capture(seen.external_id, key.value, None, patience),
        )
    except ProviderUnavailable:
        not_busy(payment_id)
        raise
    return answered(payment_id, snapshot, ticket, cause, "capture", patience), False


def _may_capture(payment: Payment, seen: PaymentSnapshot) -> bool:
    return (
        payment.is_open
        and payment.order.is_payable
        and payment.order.replaced_by_id is None  # its code and its stock are the newer order's now
        and not payment.needs_approval
        and not is_busy(payment, "cancel")
        and seen.amount == payment.money
    )


def _settle_later(payment: Payment) -> None:
    """Owe another look; one message for each answer that is missing."""
    key = f"payment.settle:{payment.id}:{payment.applied_ticket}"
    with unit_of_work(write=True) as session:
        orders.lock_payment(session, payment.id)  # two pages may be waiting for the same answer
        outbox.owe(session, "payment.settle", key, order_id=payment.order_id, payment=payment.id)


def handle_settle(message: OutboxMessage) -> None:
    """Look at a payment again whose provider did not answer in time; the outbox calls this."""
    refresh(int(message.payload["payment"]), cause="follow-up")


def _newest(order_id: int) -> Payment | None:
    with unit_of_work() as session:
        query = select(Payment).where(Payment.order_id == order_id).order_by(Payment.id.desc()).limit(1)
        return session.scalars(query).unique().one_or_none()


def _order(order_id: int) -> Order:
    with unit_of_work() as session:
        order = session.get(Order, order_id)
    if order is None:
        raise NotFound(_("There is no such order."))
    return order


def due(session: Session, limit: int) -> list[int]:
    """Return the ids of payments that nobody has heard of for longer than they should, the oldest first."""
    now = context().clock.now()
    query = select(Payment.id).where(Payment.next_check_at < now).order_by(Payment.next_check_at).limit(limit)
    return list(session.scalars(query))


def postpone(payment_id: int) -> None:
    """Count a look and put the next one off, before looking, so that one that fails does not hold up the others."""
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        payment.checks += 1
        wait = min(LONGEST_WAIT, FIRST_CHECK * 2**payment.checks)
        payment.next_check_at = context().clock.now() + timedelta(seconds=wait)

