"""Who began to pay, and whose card was declined: what card testing is told by."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model
from shop.gateways.base import Provider
from shop.models.base import EnumText, UtcDateTime


class TillEventKind(StrEnum):
    """What happened at the till."""

    BEGUN = "begun"
    DECLINED = "declined"


class TillEvent(Model):
    """One payment (or saving of a card) begun, or one decline of it.

    `network` and `session` are keyed hashes: they tell visitors apart and name nobody. `detail` is the attempt's
    own id, so that one decline counts once however often it is told.
    """

    __tablename__ = "till_event"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "detail"),
        Index("ix_till_event_network", "network", "at"),
        Index("ix_till_event_session", "session", "at"),
        Index("ix_till_event_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TillEventKind] = mapped_column(EnumText(TillEventKind))
    provider: Mapped[Provider] = mapped_column(EnumText(Provider))
    subject: Mapped[str] = mapped_column(String(60))  # "payment:12", "setup:3"
    detail: Mapped[str] = mapped_column(String(255))
    network: Mapped[str] = mapped_column(String(64))
    session: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
