"""Writing down what happened: moves of state, calls to providers, alarms."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.gateways.base import ApiCall
from shop.logs import redact
from shop.models import Alarm, ApiCallRecord, Transition
from shop.models.base import Moves, check_move
from shop.services import metrics
from shop.services.unit_of_work import insert_unless_there, unit_of_work

log = structlog.get_logger(__name__)

# Whose call to a provider this is ("payment:12"); set by `shop.services.providers.call`.
subject: ContextVar[str] = ContextVar("subject", default="")


def move(
    session: Session, moves: Moves[Any], kind: str, row: Any, new: Any, cause: str, column: str = "state"
) -> bool:
    """Set the state of a row, by the table, and write the move down. The one setter of every state.

    Returns False for a repeat, which changes nothing; raises IllegalTransition for a move the table has not.
    """
    old = getattr(row, column)
    if not check_move(moves, kind, old, new):
        return False
    setattr(row, column, new)
    if row.id is None:
        session.flush()  # a row that has just been made has no id to write down yet
    session.add(Transition(kind=kind, object_id=row.id, old=old, new=new, cause=cause))
    log.info("moved", kind=kind, id=row.id, old=str(old), new=str(new), cause=cause)
    return True


def api_call(call: ApiCall) -> None:
    """Store one exchange with a provider, in a short transaction of its own."""
    metrics.provider_calls.labels(call.provider, call.verb, str(call.status)).inc()
    with unit_of_work(write=True) as session:
        session.add(
            ApiCallRecord(
                provider=call.provider,
                verb=call.verb,
                path=call.path[:300],
                subject=subject.get(),
                idempotency_key=call.idempotency_key,
                request_id=call.request_id,
                status=call.status,
                duration=call.duration,
                request=call.request,
                response=call.response,
                error=call.error[:300],
            )
        )


def alarm(session: Session, key: str, message: str, order_id: int | None, now: datetime) -> None:
    """Raise an alarm once per key: a row, a counter and a log line at error level. One that was settled rises again.

    Of the message 500 characters are kept, without secrets and mail addresses: it may quote whoever failed.
    """
    message = redact(message)[:500]
    row = session.scalar(select(Alarm).where(Alarm.key == key))
    if row is not None and row.settled_at is None:
        return
    if row is None:
        risen = {"key": key, "message": message, "order_id": order_id, "at": now}
        if not insert_unless_there(session, Alarm, ("key",), risen):
            return  # another process, which holds the lock of another order, was faster
    else:
        row.message, row.at, row.settled_at, row.settled_by = message, now, None, ""
    metrics.alarms.labels(key.split(":", 1)[0]).inc()
    log.error("alarm", key=key, message=message, order_id=order_id)


def told(exc: Exception) -> str:
    """Return an exception as it may be kept beside a row: no secret, no mail address, a thousand characters at most."""
    return redact(f"{type(exc).__name__}: {exc}")[:1000]


def settle(session: Session, key: str, now: datetime, by: str = "") -> None:
    """Take an alarm back: `by` whoever has tried again, or by itself. One that never rose stays silent."""
    waiting = update(Alarm).where(Alarm.key == key, Alarm.settled_at.is_(None))
    session.execute(waiting.values(settled_at=now, settled_by=by[:80]))
