"""The merchant's desk: finding orders, what may be done with one, and how the day goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import CompoundSelect, Select, and_, func, or_, select, union
from sqlalchemy.orm import Session

from shop.errors import NotFound, OrderNotPayable
from shop.gateways.base import PaymentState, Provider, RefundState
from shop.models import (
    Alarm,
    Attempt,
    Capture,
    Document,
    Order,
    OrderState,
    Payment,
    ReconcileFinding,
    ReconcileRun,
    Refund,
    ReviewState,
)
from shop.models.order import TRANSITIONS
from shop.money import Money
from shop.services import catalogue, installation, locks, orders, outbox, pulse, record, webhooks
from shop.services.providers import context
from shop.services.pulse import Pulse
from shop.services.unit_of_work import unit_of_work

PER_PAGE = 25
EXPORT_CHUNK = 200
# No states of an order, but what a merchant looks for: money given back, and money set aside and not yet taken.
REFUNDED, AUTHORIZED = "refunded", "authorized"
LAPSES_SOON = timedelta(days=2)
AMOUNT = re.compile(r"[0-9]{1,9}([.,][0-9]{1,3})?")


@dataclass(frozen=True)
class Filters:
    """What to look for; empty means any. Days are whole and in UTC.

    `state` is an OrderState, REFUNDED or AUTHORIZED. `review` is a ReviewState; of the held ones only those are found
    that still wait for an answer.
    """

    state: str = ""
    review: str = ""
    provider: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is narrowed."""
        return self == Filters()


@dataclass(frozen=True)
class Found:
    """One page of orders, the newest first, and how many there are in all."""

    orders: tuple[Order, ...]
    count: int
    page: int

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least one."""
        return max(1, -(-self.count // PER_PAGE))


class Action(StrEnum):
    """What the desk may offer for a payment or an order."""

    SYNC = "sync"
    REFUND = "refund"
    CAPTURE = "capture"
    VOID = "void"
    FULFIL = "fulfil"
    RESEND = "resend"
    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True)
class Today:
    """How the day goes, since midnight in UTC; `to_review` and `lapsing` are what waits for the merchant now."""

    paid: int
    money: tuple[Money, ...]
    to_review: int
    lapsing: int
    pulse: Pulse
    silent: tuple[Provider, ...]


def find(filters: Filters, page: int = 1) -> Found:
    """Return a page of the orders that match; eight statements, whatever there is."""
    query = _matching(filters)
    page = max(1, page)
    with unit_of_work() as session:
        count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        page = min(page, max(1, -(-count // PER_PAGE)))
        rows = session.scalars(query.order_by(Order.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE))
        return Found(tuple(rows), count, page)


def export(filters: Filters) -> Iterator[Order]:
    """Yield all orders that match, the newest first, some hundreds at a time."""
    last: int | None = None
    while True:
        query = _matching(filters).order_by(Order.id.desc()).limit(EXPORT_CHUNK)
        if last is not None:
            query = query.where(Order.id < last)
        with unit_of_work() as session:
            rows = session.scalars(query).all()
        yield from rows
        if len(rows) < EXPORT_CHUNK:
            return
        last = rows[-1].id


def _matching(filters: Filters) -> Select[Order]:
    query = select(Order)
    if filters.state == REFUNDED:
        given = select(Refund.id).join(Payment, Payment.id == Refund.payment_id)
        query = query.where(given.where(Payment.order_id == Order.id, Refund.state != RefundState.FAILED).exists())
    elif filters.state == AUTHORIZED:
        query = query.where(Order.payments.any(Payment.state == PaymentState.AUTHORIZED))
    elif filters.state:
        query = query.where(Order.state == OrderState(filters.state))
    if filters.review:
        query = query.where(Order.review == ReviewState(filters.review))
    if filters.review == ReviewState.HELD:
        query = query.where(Order.state == OrderState.PENDING)
    if filters.provider:
        query = query.where(Order.payments.any(Payment.provider == Provider(filters.provider)))
    if filters.since is not None:
        query = query.where(Order.placed_at >= _midnight(filters.since))
    if filters.until is not None:
        query = query.where(Order.placed_at < _midnight(filters.until) + timedelta(days=1))
    return query.where(Order.id.in_(_named(filters.text))) if filters.text else query


def _named(text: str) -> CompoundSelect[int]:
    """Return the orders that a text names: their number or its last digits, a mail address that begins so, an id.

    Ids are ours and the processors', documents by the number printed on them. Each part has an index of its own;
    joined by "or" in one condition none of them would be used. A customer's name and a sum have no index: they are
    looked for only where the text can be one.
    """
    mine = Payment.provider.in_(list(Provider)), Payment.mode == context().settings.mode
    of_payments = select(Payment.order_id)
    of_refunds = of_payments.join(Refund, Refund.payment_id == Payment.id)
    parts = [
        select(Order.id).where(Order.number == text.upper()),
        select(Order.id).where(Order.number == installation.order_number(_counter(text))),
        select(Order.id).where(Order.public_id == text),
        select(Order.id).where(func.lower(Order.email).startswith(text.lower(), autoescape=True)),
        select(Document.order_id).where(Document.number == text.upper()),
        of_payments.where(*mine, Payment.external_id == text),
        of_payments.where(Payment.public_id == text),
        of_payments.join(Attempt).where(Attempt.external_id == text),
        of_payments.join(Capture).where(Capture.external_id == text),
        of_refunds.where(
            Refund.provider.in_(list(Provider)), Refund.mode == context().settings.mode, Refund.external_id == text
        ),
        of_refunds.where(Refund.public_id == text),
    ]
    if all(word.isalpha() for word in text.replace("-", " ").replace("'", " ").replace(".", " ").split()):
        parts.append(select(Order.id).where(Order.name.icontains(text, autoescape=True)))
    sums = [and_(Order.currency == sum.currency, Order.total == sum.amount) for sum in _sums(text)]
    if sums:
        parts.append(select(Order.id).where(or_(*sums)))
    return union(*parts)


def _sums(text: str) -> list[Money]:
    """Return what an amount such as 24.50 or 24,50 is in each currency of the shop; nothing for what is none."""
    if not AMOUNT.fullmatch(text):
        return []
    found = []
    for currency in catalogue.currencies():
        with suppress(ValueError):  # finer than the currency's smallest unit
            found.append(Money.from_decimal(text.replace(",", "."), currency))
    return found


def _counter(text: str) -> int:
    """Return the last part of an order's number, with or without its zeros; zero, which no order has, for none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def order(public_id: str) -> Order:
    """Return an order with all that belongs to it; raise NotFound for an unknown one."""
    with unit_of_work() as session:
        found = session.scalar(select(Order).where(Order.public_id == public_id))
    if found is None:
        raise NotFound(_("There is no such order."))
    return found


def order_ids(ids: list[int]) -> dict[int, Order]:
    """Return orders by their ids, for links from alarms and findings."""
    with unit_of_work() as session:
        return {row.id: row for row in session.scalars(select(Order).where(Order.id.in_(ids)))}


def allowed(order: Order, payment: Payment | None = None) -> list[Action]:
    """Return what may be done with a payment, or with the order itself where none is named."""
    is_held = order.review is ReviewState.HELD and order.state is OrderState.PENDING
    if payment is None:
        if is_held:
            return [Action.APPROVE, Action.REJECT]
        found = [Action.FULFIL] if order.state is OrderState.PAID and not order.is_given_back else []
        return [*found, Action.RESEND] if order.state in (OrderState.PAID, OrderState.FULFILLED) else found
    found = [Action.SYNC] if payment.external_id is not None else []
    if payment.state is PaymentState.AUTHORIZED and not payment.voided_by and payment.capture_amount is None:
        found += [Action.CAPTURE] if is_held else [Action.CAPTURE, Action.VOID]  # a held order is rejected, not voided
    return [*found, Action.REFUND] if payment.captured > payment.refunded else found


def today() -> Today:
    """Return how the day goes, with a fixed number of statements."""
    ctx = context()
    now = ctx.clock.now()
    start = _midnight(now.date())
    with unit_of_work() as session:
        paid = session.scalar(select(func.count()).select_from(Order).where(Order.paid_at >= start)) or 0
        sums = session.execute(
            select(Payment.currency, func.sum(Capture.amount))
            .join(Capture, Capture.payment_id == Payment.id)
            .where(Capture.at >= start)
            .group_by(Payment.currency)
            .order_by(Payment.currency)
        ).all()
        taken = pulse.read(session, list(ctx.gateways))
        to_review, lapsing = _waiting(session, now)
    silent = tuple(provider for provider in ctx.gateways if taken.is_silent(provider, now))
    money = tuple(Money(int(amount), currency) for currency, amount in sums)
    return Today(paid, money, to_review, lapsing, taken, silent)


def _waiting(session: Session, now: datetime) -> tuple[int, int]:
    """Return how many orders wait for an answer, and how many reservations lapse soon; two statements."""
    held = (Order.review == ReviewState.HELD, Order.state == OrderState.PENDING)
    soon = (Payment.state == PaymentState.AUTHORIZED, Payment.expires_at < now + LAPSES_SOON)
    return (
        session.scalar(select(func.count()).select_from(Order).where(*held)) or 0,
        session.scalar(select(func.count()).select_from(Payment).where(*soon)) or 0,
    )


def fulfil(order_id: int, cause: str) -> None:
    """Mark a paid order as sent; a repeat changes nothing.

    Raises OrderNotPayable for one that is not paid, and for one whose money was all given back.
    """
    with unit_of_work(write=True) as session:
        row = orders.lock(session, order_id)
        if row.state not in (OrderState.PAID, OrderState.FULFILLED):
            raise OrderNotPayable(
                _("Order %(number)s is not paid: only a paid order is sent.", number=row.number)
            )
        if row.state is OrderState.PAID and row.is_given_back:
            raise OrderNotPayable(_("All money of order %(number)s was given back: it is not sent.", number=row.number))
        record.move(session, TRANSITIONS, "order", row, OrderState.FULFILLED, cause)


def resend_receipt(order_id: int, token: str) -> bool:
    """Owe the receipt once more; `token` is the form's own, so that a form sent twice is one mail."""
    with unit_of_work(write=True) as session:
        row = orders.lock(session, order_id)
        if row.state not in (OrderState.PAID, OrderState.FULFILLED):
            raise OrderNotPayable(_("Order %(number)s is not paid: it has no receipt.", number=row.number))
        key = f"mail.receipt:{row.id}:again:{token[:40]}"
        return outbox.owe(session, "mail.receipt", key, order_id=row.id, order=row.id)


def alarms(*, settled: bool, limit: int = 200) -> list[Alarm]:
    """Return the alarms that wait for somebody, or the newest that were seen to."""
    query = select(Alarm).where(Alarm.settled_at.is_not(None) if settled else Alarm.settled_at.is_(None))
    with unit_of_work() as session:
        return list(session.scalars(query.order_by(Alarm.id.desc()).limit(limit)))


def alarms_of(order_id: int) -> list[Alarm]:
    """Return an order's alarms that nobody has seen to."""
    query = select(Alarm).where(Alarm.order_id == order_id, Alarm.settled_at.is_(None)).order_by(Alarm.id)
    with unit_of_work() as session:
        return list(session.scalars(query))


def acknowledge(alarm_id: int, by: str) -> None:
    """Note that somebody has seen to an alarm; a repeat keeps the first name. Raises NotFound for an unknown one."""
    with unit_of_work(write=True) as session:
        row = session.get(Alarm, alarm_id, with_for_update=locks.kept(Alarm))
        if row is None:
            raise NotFound(_("There is no such alarm."))
        if row.settled_at is None:
            row.settled_at, row.settled_by = context().clock.now(), by[:80]


def try_again(alarm_id: int, by: str) -> bool:
    """Do once more what an alarm says was given up; False where that is under way or done already.

    Raises NotFound for an unknown alarm and for one of another kind.
    """
    with unit_of_work() as session:
        row = session.get(Alarm, alarm_id)
    if row is not None and row.parked_message is not None:
        return outbox.try_again(row.parked_message, by)
    if row is not None and row.parked_event is not None:
        return webhooks.try_again(row.parked_event, by)
    raise NotFound(_("There is no such alarm."))


def runs(limit: int = 50) -> list[ReconcileRun]:
    """Return the newest reconciliation runs."""
    with unit_of_work() as session:
        return list(session.scalars(select(ReconcileRun).order_by(ReconcileRun.id.desc()).limit(limit)))


def run(run_id: int, limit: int = 500) -> tuple[ReconcileRun, list[ReconcileFinding]]:
    """Return a run and what it found; raises NotFound for an unknown one."""
    findings = select(ReconcileFinding).where(ReconcileFinding.run_id == run_id)
    with unit_of_work() as session:
        row = session.get(ReconcileRun, run_id)
        if row is None:
            raise NotFound(_("There is no such run."))
        return row, list(session.scalars(findings.order_by(ReconcileFinding.id).limit(limit)))
