"""The timeline of an order: all that is on record about it, by time, so that one page answers "where is my money".

Moves of state, calls to providers, webhooks with their verdicts, mails and other side effects, bookings, refunds and
alarms; each with who or what caused it. No secret and no card number is in it: bodies of calls and webhooks stay out,
and every text passes the redaction of the logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from shop.gateways.base import AttemptState, Provider
from shop.logs import redact
from shop.models import (
    Alarm,
    ApiCallRecord,
    InboxEvent,
    LedgerTransaction,
    Order,
    OutboxMessage,
    Redemption,
    RedemptionState,
    Transition,
)
from shop.money import Money
from shop.services.unit_of_work import unit_of_work

PAGE = 100


class EntryKind(StrEnum):
    """What an entry tells."""

    PLACED = "placed"
    ASKED = "asked"  # for a refund
    MOVED = "moved"
    CALL = "call"
    WEBHOOK = "webhook"
    MESSAGE = "message"
    BOOKED = "booked"
    ALARM = "alarm"


@dataclass(frozen=True)
class Entry:
    """One line. `subject` is what it is about, `cause` who or what caused it, `facts` are names and values."""

    at: datetime
    kind: EntryKind
    subject: str
    cause: str = ""
    old: str = ""
    new: str = ""
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    money: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True)
class Timeline:
    """Entries, the newest first. `older` is the time to ask for the next page with; None on the last."""

    entries: tuple[Entry, ...]
    older: datetime | None


def of_order(
    order: Order, before: datetime | None = None, limit: int = PAGE, *, money_only: bool = False
) -> Timeline:
    """Return the newest entries (before a time): eight statements, whatever the order has been through.

    `money_only` leaves out how it came about: calls, webhooks and side effects.
    `order` is loaded with its payments. Entries of one moment are never torn apart by a page's end.
    """
    end = before or datetime.max.replace(tzinfo=order.placed_at.tzinfo) - timedelta(days=1)
    found = [entry for entry in _of_rows(order) if entry.at < end]
    with unit_of_work() as session:
        for source in (_moves, _bookings, _alarms, *(() if money_only else (_calls, _webhooks, _messages))):
            found += source(session, order, end, limit + 1)
    found.sort(key=lambda entry: entry.at, reverse=True)
    if len(found) <= limit:
        return Timeline(tuple(found), None)
    last = found[limit - 1].at
    return Timeline(tuple(entry for entry in found if entry.at >= last), last)


def _of_rows(order: Order) -> Iterator[Entry]:
    """Yield what stands in the order's own rows: that it was placed, and which refunds were asked for by whom."""
    yield Entry(order.placed_at, EntryKind.PLACED, "order", cause="customer", money=(("", order.money(order.total)),))
    for payment in order.payments:
        for refund in payment.refunds:
            facts = [("reason", refund.reason), ("failure", refund.failure)]
            yield Entry(
                refund.created_at,
                EntryKind.ASKED,
                f"refund {refund.public_id}",
                cause=refund.requested_by,
                facts=_facts(facts),
                money=(("", refund.money),),
            )


def _moves(session: Session, order: Order, end: datetime, limit: int) -> Iterable[Entry]:
    names, declines = _names(order), _declines(order)
    redemptions = session.scalars(select(Redemption).where(Redemption.order_id == order.id)).all()
    for use in redemptions:
        names["redemption", use.id] = order.promotion_code
        if use.created_at < end:
            subject = f"redemption {order.promotion_code}"
            yield Entry(use.created_at, EntryKind.MOVED, subject, "checkout", new=str(RedemptionState.HELD))
    kinds: dict[str, list[int]] = {}
    for kind, object_id in names:
        kinds.setdefault(kind, []).append(object_id)
    wanted = [and_(Transition.kind == kind, Transition.object_id.in_(ids)) for kind, ids in kinds.items()]
    for row in session.scalars(_newest(select(Transition), Transition.at, end, limit, or_(*wanted))):
        subject = f"{row.kind} {names[row.kind, row.object_id]}".strip()
        text = declines.get(row.object_id, "") if row.kind == "attempt" and row.new == AttemptState.DECLINED else ""
        yield Entry(row.at, EntryKind.MOVED, subject, redact(row.cause), row.old, row.new, redact(text))


def _names(order: Order) -> dict[tuple[str, int], str]:
    """Return what every object of the order is called, by its kind and id."""
    names = {("order", order.id): "", ("review", order.id): ""}
    for payment in order.payments:
        names["payment", payment.id] = f"{payment.provider} {payment.public_id}"
        names |= {("attempt", attempt.id): attempt.external_id for attempt in payment.attempts}
        names |= {("refund", refund.id): refund.public_id for refund in payment.refunds}
    return names


def _declines(order: Order) -> dict[int, str]:
    """Return why attempts were declined, in the provider's own words, by their ids."""
    tries = [attempt for payment in order.payments for attempt in payment.attempts]
    return {one.id: ": ".join(filter(None, (one.decline_code, one.decline_message))) for one in tries}


def _calls(session: Session, order: Order, end: datetime, limit: int) -> Iterable[Entry]:
    subjects = [f"order:{order.id}", *(f"payment:{payment.id}" for payment in order.payments)]  # an order's: its tax
    calls = _newest(select(ApiCallRecord), ApiCallRecord.at, end, limit, ApiCallRecord.subject.in_(subjects))
    for row in session.scalars(calls):
        facts = [
            ("status", str(row.status) if row.status else "no answer"),
            ("milliseconds", f"{row.duration:.0f}"),
            ("request id", row.request_id),
            ("idempotency key", row.idempotency_key),
        ]
        subject = f"{row.verb} {row.path}"
        yield Entry(row.at, EntryKind.CALL, subject, str(row.provider), text=redact(row.error), facts=_facts(facts))


def _webhooks(session: Session, order: Order, end: datetime, limit: int) -> Iterable[Entry]:
    known: dict[Provider, set[str]] = {}
    for payment in order.payments:
        ids = {payment.external_id} | {capture.external_id for capture in payment.captures}
        ids |= {refund.external_id for refund in payment.refunds}
        known.setdefault(payment.provider, set()).update(external_id for external_id in ids if external_id)
    about = or_(false(), *(InboxEvent.about(provider, ids) for provider, ids in known.items()))
    for row in session.scalars(_newest(select(InboxEvent), InboxEvent.received_at, end, limit, about)):
        facts = [("number", str(row.id)), ("event", row.event_id), ("attempts", str(row.attempts))]
        facts += [("backfilled", "yes")] if row.backfilled else []
        yield Entry(
            row.received_at,
            EntryKind.WEBHOOK,
            row.type,
            str(row.provider),
            new=str(row.state),
            text=redact(row.verdict),
            facts=_facts(facts),
        )


def _messages(session: Session, order: Order, end: datetime, limit: int) -> Iterable[Entry]:
    at = func.coalesce(OutboxMessage.done_at, OutboxMessage.created_at, type_=OutboxMessage.created_at.type)
    for row in session.scalars(_newest(select(OutboxMessage), at, end, limit, OutboxMessage.order_id == order.id)):
        facts = _facts([("job", row.kind), ("attempts", str(row.attempts))])
        yield Entry(
            row.done_at or row.created_at, EntryKind.MESSAGE, row.kind, "outbox", new=str(row.state),
            text=redact(row.error), facts=facts,
        )  # fmt: skip


def _bookings(session: Session, order: Order, end: datetime, limit: int) -> Iterable[Entry]:
    booked = _newest(
        select(LedgerTransaction), LedgerTransaction.at, end, limit, LedgerTransaction.order_id == order.id
    )
    for row in session.scalars(booked):
        money = tuple((entry.account, Money(entry.amount, entry.currency)) for entry in row.entries)
        yield Entry(row.at, EntryKind.BOOKED, row.kind, "ledger", money=money)


def _alarms(session: Session, order: Order, end: datetime, limit: int) -> Iterable[Entry]:
    for row in session.scalars(_newest(select(Alarm), Alarm.at, end, limit, Alarm.order_id == order.id)):
        yield Entry(
            row.at, EntryKind.ALARM, row.key.partition(":")[0], "shop", text=redact(row.message),
            facts=_facts([("seen to by", row.settled_by)]),
        )  # fmt: skip


def _newest(
    query: Select[Any], at: Any, end: datetime, limit: int, condition: ColumnElement[bool]
) -> Select[Any]:
    return query.where(condition, at < end).order_by(at.desc()).limit(limit)


def _facts(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, redact(value)) for name, value in pairs if value)
