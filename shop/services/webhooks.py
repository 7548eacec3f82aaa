"""Webhooks: taken in fast, once each, and acted on by a worker that asks the provider what is true.

`receive` verifies, commits one row and wakes a worker; it does nothing else, so the provider has its 2xx
within milliseconds. `drain` claims what is due, fetches each object once, and applies it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from shop.errors import NotFound, NoticeRejected, ObjectMissing, OurBug, ShopError
from shop.gateways.base import Notice, NoticeKind, Provider
from shop.logs import bound
from shop.models import Alarm, InboxEvent, InboxState, Payment, Refund
from shop.models.inbox import TRANSITIONS
from shop.models.record import PARKED_EVENTS
from shop.queue import OutOfTime
from shop.services import backoff, locks, metrics, payments, record, refunds, wallets
from shop.services.outbox import LOST, STALE_AFTER, worker_name
from shop.services.providers import call, context
from shop.services.unit_of_work import insert_alone, unit_of_work

log = structlog.get_logger(__name__)

BATCH = 100
MOST_AT_ONCE = 1000  # further events about the objects of a batch
JOB = "shop.jobs.drain_inbox"
MOST_TRIES = 8  # with the back-off of `backoff.delay`, about four minutes for an object that is not here yet
PATIENT_TRIES = 100  # for whoever is away: about three days, as long as Stripe delivers (docs.stripe.com/webhooks)
MOST_LOST = 20  # claims of what workers die of, or run out of time with: for twenty minutes, or two hours


class Receipt(StrEnum):
    """What became of a delivery; every one of them is answered with 2xx."""

    STORED = "stored"
    DUPLICATE = "duplicate"


def receive(provider: Provider, headers: Mapping[str, str], body: bytes) -> Receipt:
    """Verify a delivery on its raw bytes, store it once, and wake a worker.

    Raises NoticeRejected (400, no row) when it proves nothing, and lets database errors through (5xx), so
    that the provider tries again.
    """
    ctx = context()
    reader = ctx.readers.get(provider)
    if reader is None:
        raise NoticeRejected(f"{provider} has no secret to be proven by")
    try:
        notice = reader.read(headers, body, ctx.clock.now())
    except NoticeRejected as exc:
        metrics.webhooks.labels(provider, "rejected").inc()
        log.warning("webhook_rejected", provider=str(provider), reason=exc.reason, size=len(body))
        _remember_forgery(provider, exc.reason)
        raise
    receipt = _store(notice, body, backfilled=False)
    metrics.webhooks.labels(provider, receipt).inc()
    if receipt is Receipt.STORED:
        ctx.queues.wake_soon("inbox", JOB)
    return receipt


def take_in(notice: Notice) -> Receipt:
    """Store an event that was asked for instead of delivered, once, and wake a worker.

    There are no raw bytes to hash: the hash is of what the provider answered, written in canonical JSON.
    """
    body = json.dumps(notice.payload, sort_keys=True, separators=(",", ":")).encode()
    receipt = _store(notice, body, backfilled=True)
    if receipt is Receipt.STORED:
        metrics.webhooks.labels(notice.provider, "backfilled").inc()
        context().queues.wake("inbox", JOB)
    return receipt


def _store(notice: Notice, body: bytes, *, backfilled: bool) -> Receipt:
    """Insert the row; the unique key decides who was first, also between two processes."""
    is_new = insert_alone(
        InboxEvent,
        ("provider", "mode", "event_id"),
        {
            "provider": notice.provider,
            "mode": notice.mode,
            "event_id": notice.event_id,
            "type": notice.type,
            "kind": notice.kind,
            "external_id": notice.external_id,
            "payment_external_id": notice.payment_external_id,
            "occurred_at": notice.occurred_at,
            "body_hash": hashlib.sha256(body).hexdigest(),
            "body": notice.payload,  # sealed by its column
            "backfilled": backfilled,
            "state": InboxState.IGNORED if notice.kind is NoticeKind.OTHER else InboxState.RECEIVED,
        },
    )
    return Receipt.STORED if is_new else Receipt.DUPLICATE


def _remember_forgery(provider: Provider, reason: str) -> None:
    """Keep the last hundred rejections in Redis for the inspector: when and why, never the body."""
    context().queues.remember_soon(f"rejected:{provider}", f"{context().clock.now().isoformat()} {reason}", most=100)


def drain() -> int:
    """Work off what is due until nothing is left; return how many events were finished. May run in several workers."""
    finished = 0
    while batch := _claim():
        for events in _by_object(batch):
            finished += _process(events)
    return finished


def _by_object(batch: Sequence[InboxEvent]) -> list[list[InboxEvent]]:
    """Put all events of one object together, so that it is fetched once per batch."""
    groups: dict[tuple[Provider, str, str], list[InboxEvent]] = defaultdict(list)
    for event in batch:
        kind = str(event.kind) if event.kind in (NoticeKind.REFUND, NoticeKind.WALLET) else "payment"
        target = event.payment_external_id or event.external_id if kind == "payment" else event.external_id
        groups[event.provider, kind, target].append(event)
    return list(groups.values())


def waiting(session: Session, now: datetime) -> int:
    """Return how many events are due and unclaimed, or claimed by somebody who went silent."""
    return session.scalar(select(func.count()).where(*_due(now))) or 0


def _due(now: datetime) -> list[Any]:
    return [
        InboxEvent.state.in_([InboxState.RECEIVED, InboxState.RETRYING]),
        InboxEvent.next_try_at <= now,
        or_(InboxEvent.claimed_at.is_(None), InboxEvent.claimed_at < now - STALE_AFTER),
    ]


def _claim() -> list[InboxEvent]:
    """Claim the oldest that are due, and all that are due about the same objects: one look serves them all.

    What a worker was lost over comes last, one object at a time: what ends this one too then takes no other with it.
    """
    now = context().clock.now()
    is_left, was_left = InboxEvent.claimed_at.is_not(None), InboxEvent.claimed_at
    free = select(InboxEvent).where(*_due(now)).order_by(is_left, was_left, InboxEvent.id)
    free = free.with_for_update(skip_locked=True, **locks.kept(InboxEvent))
    with unit_of_work(write=True) as session:
        found = session.scalars(free.limit(BATCH)).all()
        rows = [row for row in found if row.claimed_at is None]
        if len(rows) == BATCH:  # there may be more
            rows += session.scalars(_about(free.where(~is_left), rows))
        rows = rows or (_left_behind(session, free, now) if found else [])
        for row in rows:
            row.claimed_at, row.claimed_by = now, worker_name()
            row.attempts += 1
        return rows


def _left_behind(session: Session, free: Select[InboxEvent], now: datetime) -> list[InboxEvent]:
    """Return the events of the object that a worker was lost over the longest ago; park those lost too often."""
    while (first := session.scalar(free.limit(1))) is not None:
        rows = [first, *session.scalars(_about(free, [first]))]
        if first.attempts < MOST_LOST:
            return rows
        _give_up(session, rows, OurBug(LOST), now)
    return []


def _about(query: Select[InboxEvent], rows: Sequence[InboxEvent]) -> Select[InboxEvent]:
    """Narrow a query to what else there is about the objects of some events."""
    target = func.coalesce(InboxEvent.payment_external_id, InboxEvent.external_id)
    objects = {row.payment_external_id or row.external_id for row in rows}
    return query.where(target.in_(objects), InboxEvent.id.not_in([row.id for row in rows])).limit(MOST_AT_ONCE)


def _process(events: Sequence[InboxEvent]) -> int:
    """Act on all events of one object with one look at its provider; return how many were finished."""
    with bound(provider=str(events[0].provider), event_id=events[0].event_id, object=events[0].external_id):
        return _try(events)


def _try(events: Sequence[InboxEvent]) -> int:
    try:
        state, verdict = _act(events)
    except OurBug as exc:
        # An object that is not here yet may come: our own answer from the provider may still be on its way.
        return _put_off(events, exc, park=not isinstance(exc, ObjectMissing))
    except (ShopError, *backoff.PASSING) as exc:
        return _put_off(events, exc, park=False)
    except OutOfTime:  # the events stay claimed, and are acted on again once the claim is stale
        raise
    except Exception as exc:  # a bug in one event is logged and parked; the others go on
        log.exception("webhook_bug", event_ids=[event.event_id for event in events])
        return _put_off(events, exc, park=True)
    now = context().clock.now()
    with unit_of_work(write=True) as session:
        for row in _lock(session, events):
            _finish(session, row, state, verdict, now)
    return len(events)


def _act(events: Sequence[InboxEvent]) -> tuple[InboxState, str]:
    """Look at the object that the events point at; return their new state and what there is to tell."""
    first = events[0]
    cause = f"webhook {first.event_id}"
    context().pace.wait()
    if first.kind is NoticeKind.WALLET:
        if wallets.heed(first.provider, first.external_id, cause):
            return InboxState.PROCESSED, f"the wallet of {first.external_id} was looked at"
        return InboxState.IGNORED, "a customer of somebody else on the same account"
    if first.kind is NoticeKind.REFUND:
        refund_id = _our_refund(first)
        if refund_id is not None:
            refund = refunds.refresh(refund_id, cause)
            return InboxState.PROCESSED, f"refund {refund.public_id} is {refund.state}"
    payment_id = _our_payment(events)
    if payment_id is None:
        return InboxState.IGNORED, "made by somebody else on the same account: it carries no reference of ours"
    _heed_approvals(payment_id, events)
    payment = payments.refresh(payment_id, cause)
    return InboxState.PROCESSED, f"payment {payment.public_id} is {payment.state}"


def _heed_approvals(payment_id: int, events: Sequence[InboxEvent]) -> None:
    """Let a payment be captured that was declined and has been approved anew since: the customer may have left."""
    if all(event.kind is not NoticeKind.APPROVAL for event in events):
        return
    with unit_of_work() as session:
        payment = session.get_one(Payment, payment_id)
    decline = payment.last_decline
    offset = context().clock.offset  # the event tells the provider's time, the attempt ours
    approved = [
        event.occurred_at - offset if event.occurred_at else event.received_at
        for event in events
        if event.kind is NoticeKind.APPROVAL
    ]
    if decline is not None and any(moment > decline.at for moment in approved):
        payments.allow_capture(payment_id)


def _our_refund(event: InboxEvent) -> int | None:
    with unit_of_work() as session:
        query = select(Refund.id).where(Refund.provider == event.provider, Refund.external_id == event.external_id)
        return session.scalar(query)


def _our_payment(events: Sequence[InboxEvent]) -> int | None:
    """Return the id of our payment; adopt the provider's object by our reference when its id never reached us.

    None for an object that carries no reference at all. Raises ObjectMissing for one whose reference is not
    known here (yet).
    """
    event = events[0]
    external_id = event.payment_external_id or _payment_of(event)
    with unit_of_work() as session:
        found = payments.locate(session, event.provider, external_id, None)
    if found is not None:
        return found
    reference = call(event.provider, "unknown", lambda gw: gw.fetch(external_id)).reference
    if reference is None:
        return None
    with unit_of_work(write=True) as session:
        adopted = payments.locate(session, event.provider, external_id, reference)
        if adopted is None:
            raise ObjectMissing(f"no payment of ours for {external_id}")
        session.get_one(Payment, adopted).external_id = external_id
    return adopted


def _payment_of(event: InboxEvent) -> str:
    """Return the provider's id of the payment; PayPal's refunds are told without it, but can be asked for it."""
    if event.kind is not NoticeKind.REFUND:
        return event.external_id
    refund = call(event.provider, "unknown", lambda gw: gw.fetch_refund(event.external_id))
    if refund.payment_external_id is None:
        raise ObjectMissing(f"refund {event.external_id} belongs to no payment")
    return refund.payment_external_id


def _put_off(events: Sequence[InboxEvent], exc: Exception, *, park: bool) -> int:
    """Put events back for later, or park them and call a person: one alarm for all of one object.

    Who is away is waited for. An object that is missing has been so for long enough after the first tries, whatever
    they met: it was made before its event was sent.
    """
    now = context().clock.now()
    most = PATIENT_TRIES if isinstance(exc, backoff.PASSING) else MOST_TRIES
    with unit_of_work(write=True) as session:
        rows = _lock(session, events)
        _give_up(session, [row for row in rows if park or row.attempts >= most], exc, now)
        for row in rows:
            if not park and row.attempts < most:
                _finish(session, row, InboxState.RETRYING, record.told(exc), now)
            row.next_try_at = now + backoff.delay(row.attempts)
    return 0


def _give_up(session: Session, rows: Sequence[InboxEvent], exc: Exception, now: datetime) -> None:
    """Park events of one object, and call a person."""
    parked = []
    for row in rows:
        _finish(session, row, InboxState.PARKED, record.told(exc), now)
        if row.state is InboxState.PARKED:
            parked.append(row)
            metrics.webhooks.labels(row.provider, "parked").inc()
            log.error("webhook_parked", event_id=row.event_id, type=row.type, reason=record.told(exc))
    if parked:
        _call_a_person(session, parked[0], exc, now)


def _call_a_person(session: Session, event: InboxEvent, exc: Exception, now: datetime) -> None:
    """Raise the alarm of parked events, unless one about the same object is waiting already."""
    about = select(InboxEvent.id).where(*_parked_with(event))
    waiting = select(Alarm.id).where(Alarm.key.in_([f"{PARKED_EVENTS}{each}" for each in session.scalars(about)]))
    if session.scalar(waiting.where(Alarm.settled_at.is_(None)).limit(1)) is not None:
        return
    paid = payments.locate(session, event.provider, event.payment_external_id or event.external_id, None)
    order_id = session.get_one(Payment, paid).order_id if paid is not None else None
    told = f"{event.type} of {event.external_id} at {event.provider} was given up (tries: {event.attempts}): {exc}"
    record.alarm(session, f"{PARKED_EVENTS}{event.id}", told, order_id, now)


def _parked_with(event: InboxEvent) -> list[ColumnElement[bool]]:
    """Return which parked events are about the object of one of them, whose payment it may be."""
    target = event.payment_external_id or event.external_id
    about = or_(InboxEvent.external_id == target, InboxEvent.payment_external_id == target)
    return [InboxEvent.provider == event.provider, InboxEvent.state == InboxState.PARKED, about]


def _lock(session: Session, events: Sequence[InboxEvent]) -> Sequence[InboxEvent]:
    """Return the rows of some events as they are now, locked, in the order in which everybody locks them."""
    query = select(InboxEvent).where(InboxEvent.id.in_([event.id for event in events])).order_by(InboxEvent.id)
    return session.scalars(query.with_for_update(**locks.kept(InboxEvent))).all()


def _finish(session: Session, row: InboxEvent, state: InboxState, verdict: str, now: datetime) -> None:
    if row.state is InboxState.PROCESSED:
        return  # we were slow, and another worker has finished it
    if row.state is not state:
        record.move(session, TRANSITIONS, "inbox", row, state, worker_name())
    row.claimed_at, row.verdict = None, verdict
    if state is InboxState.PROCESSED:
        row.processed_at = now
        metrics.webhook_lag.observe((now - row.received_at).total_seconds())


def replay(event_id: int) -> None:
    """Put one event back, as if it had just come; a person asks for this. Raises NotFound for an unknown number."""
    with unit_of_work(write=True) as session:
        row = session.get(InboxEvent, event_id, with_for_update=locks.kept(InboxEvent))
        if row is None:
            raise NotFound(f"There is no event {event_id} in the inbox.")
        put_back(session, row, "replay")
    context().queues.wake("inbox", JOB)


def try_again(event_id: int, by: str) -> bool:
    """Put back a parked event and all parked ones about the same object; False where it is not parked (any more)."""
    with unit_of_work(write=True) as session:
        first = session.get(InboxEvent, event_id)
        if first is None or first.state is not InboxState.PARKED:
            return False
        query = select(InboxEvent).where(*_parked_with(first)).order_by(InboxEvent.id)
        for row in session.scalars(query.with_for_update(**locks.kept(InboxEvent))):
            put_back(session, row, by)
    context().queues.wake("inbox", JOB)
    return True


def put_back(session: Session, row: InboxEvent, cause: str) -> None:
    """Let an event be acted on anew, as often as the first time; an alarm of it is settled with that."""
    now = context().clock.now()
    record.move(session, TRANSITIONS, "inbox", row, InboxState.RETRYING, cause)
    row.attempts, row.next_try_at, row.claimed_at = 0, now, None
    record.settle(session, f"{PARKED_EVENTS}{row.id}", now, cause)


def purge(before: datetime) -> int:
    """Forget the bodies of events that came before then, whatever became of them; the rows stay, and may be replayed.

    Returns how many were emptied. They go a thousand at a time, so that nothing waits long for the table.
    """
    full = select(InboxEvent.id).where(InboxEvent.body.is_not(None), InboxEvent.received_at < before).limit(1000)
    emptied = 0
    while True:
        with unit_of_work(write=True) as session:
            ids = session.scalars(full).all()
            session.execute(update(InboxEvent).where(InboxEvent.id.in_(ids)).values(body=None))
        if not ids:
            return emptied
        emptied += len(ids)
