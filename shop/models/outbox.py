"""The outbox: side effects that are owed, written in the transaction that causes them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model
from shop.models.base import EnumText, Moves, UtcDateTime, utc_now


class OutboxState(StrEnum):
    """What became of a message."""

    PENDING = "pending"
    DONE = "done"
    PARKED = "parked"


TRANSITIONS: Moves[OutboxState] = {
    OutboxState.PENDING: frozenset({OutboxState.DONE, OutboxState.PARKED}),
    OutboxState.PARKED: frozenset({OutboxState.PENDING}),
    OutboxState.DONE: frozenset(),
}


class OutboxMessage(Model):
    """One side effect, owed once: `key` is its business reason ("mail.receipt:42"). `payload` holds ids only."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "state", "next_try_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    state: Mapped[OutboxState] = mapped_column(EnumText(OutboxState), default=OutboxState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str] = mapped_column(String(80), default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
