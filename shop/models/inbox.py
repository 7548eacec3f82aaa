"""The inbox: every webhook that proved where it came from, once each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Index, String, Text, UniqueConstraint, and_, false, or_
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model
from shop.gateways.base import Mode, NoticeKind, Provider
from shop.models.base import EnumText, Moves, UtcDateTime, utc_now
from shop.models.sealed import SealedJson


class InboxState(StrEnum):
    """What became of a webhook."""

    RECEIVED = "received"
    PROCESSED = "processed"
    RETRYING = "retrying"
    PARKED = "parked"
    IGNORED = "ignored"


_ENDS = frozenset({InboxState.PROCESSED, InboxState.RETRYING, InboxState.PARKED, InboxState.IGNORED})
TRANSITIONS: Moves[InboxState] = {
    InboxState.RECEIVED: _ENDS,
    InboxState.RETRYING: _ENDS - {InboxState.RETRYING},
    InboxState.PARKED: frozenset({InboxState.RETRYING}),  # a person asked for a replay
    InboxState.PROCESSED: frozenset({InboxState.RETRYING}),
    InboxState.IGNORED: frozenset({InboxState.RETRYING}),
}


class InboxEvent(Model):
    """A verified webhook. `body` is the payload without client secrets, sealed; `body_hash` is of the raw bytes."""

    __tablename__ = "inbox_event"
    __table_args__ = (
        UniqueConstraint("provider", "mode", "event_id"),
        Index("ix_inbox_event_due", "state", "next_try_at"),
        Index("ix_inbox_event_object", "provider", "external_id"),
        Index("ix_inbox_event_payment", "provider", "payment_external_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[Provider] = mapped_column(EnumText(Provider))
    mode: Mapped[Mode] = mapped_column(EnumText(Mode))
    event_id: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(80))
    kind: Mapped[NoticeKind] = mapped_column(EnumText(NoticeKind))
    external_id: Mapped[str] = mapped_column(String(255), default="")
    payment_external_id: Mapped[str | None] = mapped_column(String(255))
    body_hash: Mapped[str] = mapped_column(String(64))  # SHA-256, hex
    body: Mapped[Any] = mapped_column(
        SealedJson("inbox_event.body"), nullable=True, deferred=True
    )  # None once purged; loaded by who asks for it (`undefer`), since no worker reads it
    state: Mapped[InboxState] = mapped_column(EnumText(InboxState), default=InboxState.RECEIVED)
    attempts: Mapped[int] = mapped_column(default=0)
    occurred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # as the provider tells it
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str] = mapped_column(String(80), default="")
    processed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # It was asked for, since it had not been delivered; one that comes late all the same is a duplicate of this row.
    backfilled: Mapped[bool] = mapped_column(default=False, server_default=false())
    verdict: Mapped[str] = mapped_column(Text, default="")  # what was done, or why it failed

    @classmethod
    def about(cls, provider: Provider, external_ids: Iterable[str]) -> ColumnElement[bool]:
        """Return the condition that an event is about one of these objects of a provider, or belongs to it.

        Both of its sides have an index, which begins with the provider: without it neither would be used.
        """
        ids = list(external_ids)
        return and_(cls.provider == provider, or_(cls.external_id.in_(ids), cls.payment_external_id.in_(ids)))
