"""The outbox: side effects are written down with what causes them, and done by a worker afterwards."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shop.errors import OurBug, ShopError
from shop.logs import bound
from shop.models import OutboxMessage, OutboxState
from shop.models.outbox import TRANSITIONS
from shop.models.record import PARKED
from shop.queue import OutOfTime
from shop.services import backoff, locks, record
from shop.services.providers import context
from shop.services.unit_of_work import after_commit, unit_of_work

log = structlog.get_logger(__name__)

PATIENT_TRIES = 44  # about a day with the back-off of `backoff.delay`, for a server that is away
CALL_TRIES = 5  # of what the sweep goes on with, ever more rarely: payments, refunds and orders under way
# No sweep looks for these: what is given up here stays undone until a person has it tried again.
PATIENT = ("mail.", "tax.", "wallet.", "setup.", "payment.stop", "payment.tidy")
JOB = "shop.jobs.drain_outbox"
STALE_AFTER = timedelta(seconds=60)
LOST = "each worker that tried it died, or ran out of time"

Handler = Callable[[OutboxMessage], None]


def worker_name() -> str:
    """Return who claims a row: host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def owe(
    session: Session,
    kind: str,
    key: str,
    *,
    order_id: int | None = None,
    not_before: datetime | None = None,
    **ids: Any,
) -> bool:
    """Write a side effect down, once per key: False if it is owed or done already. `ids` is what the handler needs."""
    if _is_owed(session, key):
        return False
    row = OutboxMessage(kind=kind, key=key, payload=ids, order_id=order_id)
    if not_before is not None:
        row.next_try_at = not_before
    session.add(row)
    after_commit(session, JOB, partial(context().queues.wake, "outbox", JOB))
    return True


def state_of(session: Session, key: str) -> OutboxState | None:
    """Return what became of what was owed under a key; None for what never was."""
    return session.scalar(select(OutboxMessage.state).where(OutboxMessage.key == key))


def _is_owed(session: Session, key: str) -> bool:
    """Tell whether a key is owed, be it by this very transaction; nothing else is written for the sake of it."""
    if any(isinstance(row, OutboxMessage) and row.key == key for row in session.new):
        return True
    with session.no_autoflush:
        return session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)) is not None


def drain(handlers: Mapping[str, Handler]) -> int:
    """Do what is owed until nothing is due; return how many messages were done. May run in several workers.

    Messages are claimed one by one: a claim must not grow stale while others are served by a slow mail server.
    """
    done = 0
    while message := _claim():
        done += _deliver(message, handlers)
    return done


def waiting(session: Session, now: datetime) -> int:
    """Return how many messages are due and unclaimed, or claimed by somebody who went silent."""
    return session.scalar(select(func.count()).where(*_due(now))) or 0


def _due(now: datetime) -> list[Any]:
    return [
        OutboxMessage.state == OutboxState.PENDING,
        OutboxMessage.next_try_at <= now,
        or_(OutboxMessage.claimed_at.is_(None), OutboxMessage.claimed_at < now - STALE_AFTER),
    ]


def _claim() -> OutboxMessage | None:
    """Claim the oldest, but last what a worker was lost over: that may end this one too, and is parked at last."""
    now = context().clock.now()
    is_left = OutboxMessage.claimed_at.is_not(None)
    query = select(OutboxMessage).where(*_due(now)).order_by(is_left, OutboxMessage.claimed_at, OutboxMessage.id)
    first = query.limit(1).with_for_update(skip_locked=True, **locks.kept(OutboxMessage))
    with unit_of_work(write=True) as session:
        while (row := session.scalar(first)) is not None:
            if row.claimed_at is None or row.attempts < _most(row.kind):
                row.claimed_at, row.claimed_by = now, worker_name()
                row.attempts += 1
                return row
            row.claimed_at, row.error = None, LOST
            _park(session, row, LOST, now)
        return None


def _deliver(message: OutboxMessage, handlers: Mapping[str, Handler]) -> bool:
    """Run one message's handler and write down how it went; True when it is done."""
    try:
        if message.kind not in handlers:
            raise OurBug(f"no handler for outbox message {message.kind}")
        context().pace.wait()
        with bound(message=message.id, kind=message.kind, order_id=message.order_id):
            handlers[message.kind](message)
    except (ShopError, *backoff.PASSING) as exc:
        _failed(message, exc, park=isinstance(exc, OurBug))
        return False
    except OutOfTime:  # the message stays claimed, and is done again once the claim is stale
        raise
    except Exception as exc:  # a bug in one handler is logged and parked; the others go on
        log.exception("outbox_bug", id=message.id, kind=message.kind)
        _failed(message, exc, park=True)
        return False
    _done(message)
    return True


def _done(message: OutboxMessage) -> None:
    """Write down that a message is done; one that was parked meanwhile by a slower worker is done all the same."""
    with unit_of_work(write=True) as session:
        row = session.get_one(OutboxMessage, message.id, with_for_update=locks.kept(OutboxMessage))
        if row.state is OutboxState.PARKED:
            put_back(session, row, worker_name(), by="")
        _move(session, row, OutboxState.DONE)
        row.done_at, row.claimed_at, row.error = context().clock.now(), None, ""


def put_back(session: Session, row: OutboxMessage, cause: str, by: str | None = None) -> None:
    """Let a parked message be tried anew, as often as the first time; its alarm is settled with that.

    `by` is who has seen to the alarm, where it is not the cause: "" for what came right by itself.
    """
    now = context().clock.now()
    record.move(session, TRANSITIONS, "outbox", row, OutboxState.PENDING, cause)
    row.attempts, row.next_try_at, row.claimed_at = 0, now, None
    record.settle(session, f"{PARKED}{row.id}", now, cause if by is None else by)


def try_again(message_id: int, by: str) -> bool:
    """Put a parked message back and wake a worker; False for one that is not parked (any more)."""
    with unit_of_work(write=True) as session:
        row = session.get(OutboxMessage, message_id, with_for_update=locks.kept(OutboxMessage))
        if row is None or row.state is not OutboxState.PARKED:
            return False
        put_back(session, row, by)
        after_commit(session, JOB, partial(context().queues.wake, "outbox", JOB))
        return True


def _move(session: Session, row: OutboxMessage, state: OutboxState) -> None:
    """Set a message's state, by the table. The one setter of this column, as for every other state."""
    record.move(session, TRANSITIONS, "outbox", row, state, worker_name())


def _failed(message: OutboxMessage, exc: Exception, *, park: bool) -> None:
    """Put a message back for later, or park it: after its last try, or at once when repeating cannot help."""
    park = park or message.attempts >= _most(message.kind)
    now = context().clock.now()
    log.warning("outbox_failed", id=message.id, kind=message.kind, attempts=message.attempts, error=record.told(exc))
    with unit_of_work(write=True) as session:
        row = session.get_one(OutboxMessage, message.id, with_for_update=locks.kept(OutboxMessage))
        if row.state is not OutboxState.PENDING:
            return  # we were slow, and another worker has finished it
        row.claimed_at = None
        row.error = record.told(exc)
        row.next_try_at = now + backoff.delay(message.attempts)
        if park:
            _park(session, row, str(exc), now)


def _most(kind: str) -> int:
    return PATIENT_TRIES if kind.startswith(PATIENT) else CALL_TRIES


def _park(session: Session, row: OutboxMessage, why: str, now: datetime) -> None:
    """Give a message up and call a person."""
    _move(session, row, OutboxState.PARKED)
    told = f"{row.kind} was given up (tries: {row.attempts}): {why}"
    record.alarm(session, f"{PARKED}{row.id}", told, row.order_id, now)
