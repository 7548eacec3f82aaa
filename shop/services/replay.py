"""Replay: act again on what failed since a time; a person asks for it, after mending the cause."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from shop.errors import InvalidInput
from shop.gateways.base import Provider
from shop.models import InboxEvent, InboxState, OutboxMessage, OutboxState
from shop.services import locks, outbox, webhooks
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

CHUNK = 100
FAILED = (InboxState.PARKED, InboxState.RETRYING)
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def moment(text: str) -> datetime:
    """Return when "90m", "6h" or "2d" ago was, or the ISO time given; raise InvalidInput for anything else."""
    if text[:-1].isascii() and text[:-1].isdigit() and len(text) < 8 and text[-1:] in UNITS:
        return context().clock.now() - timedelta(**{UNITS[text[-1]]: int(text[:-1])})
    try:
        found = datetime.fromisoformat(text)
    except ValueError as exc:
        raise InvalidInput(f"{text!r} is no time: write 90m, 6h, 2d or 2026-11-25T08:00:00+00:00.", "since") from exc
    if found.tzinfo is None:
        raise InvalidInput(f"{text!r} has no time zone: end it with +00:00 for UTC.", "since")
    return found


def events(since: datetime, provider: Provider | None = None, event_type: str = "", cause: str = "replay") -> int:
    """Put back every webhook received since then that was parked or is being retried; return how many.

    `event_type` is a type or the beginning of one. A repeat finds them retrying and merely brings them forward.
    """
    query = select(InboxEvent).where(InboxEvent.state.in_(FAILED), InboxEvent.received_at >= since)
    if provider is not None:
        query = query.where(InboxEvent.provider == provider)
    if event_type:
        query = query.where(InboxEvent.type.startswith(event_type, autoescape=True))
    count, last = 0, 0
    while True:
        page = query.where(InboxEvent.id > last).order_by(InboxEvent.id).limit(CHUNK)
        with unit_of_work(write=True) as session:
            rows = session.scalars(page.with_for_update(skip_locked=True, **locks.kept(InboxEvent))).all()
            for row in rows:
                webhooks.put_back(session, row, cause)
        if not rows:
            break
        count, last = count + len(rows), rows[-1].id
    if count:
        context().queues.wake("inbox", webhooks.JOB)
    return count


def messages(since: datetime, kind: str = "", cause: str = "replay") -> int:
    """Put back every side effect owed since then that was parked; return how many. `kind` may be a part: "mail."."""
    query = select(OutboxMessage).where(OutboxMessage.state == OutboxState.PARKED, OutboxMessage.created_at >= since)
    if kind:
        query = query.where(OutboxMessage.kind.startswith(kind, autoescape=True))
    with unit_of_work(write=True) as session:
        due = query.order_by(OutboxMessage.id).with_for_update(skip_locked=True, **locks.kept(OutboxMessage))
        rows = session.scalars(due).all()
        for row in rows:
            outbox.put_back(session, row, cause)
    if rows:
        context().queues.wake("outbox", outbox.JOB)
    return len(rows)
