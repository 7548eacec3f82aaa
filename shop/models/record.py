"""Everything is on record: idempotency keys, calls to providers, moves of state, alarms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model
from shop.gateways.base import Provider
from shop.models.base import EnumText, UtcDateTime, utc_now


class IdempotencyKey(Model):
    """A key that was, or is about to be, sent to a provider, with the hash of what goes with it.

    It is committed before the call: a crash between the two repeats the call and not the charge.
    """

    __tablename__ = "idempotency_key"

    key: Mapped[str] = mapped_column(String(108), primary_key=True)  # PayPal's limit; Stripe's is 255
    provider: Mapped[Provider] = mapped_column(EnumText(Provider))
    operation: Mapped[str] = mapped_column(String(40))
    parameters_hash: Mapped[str] = mapped_column(String(64))  # SHA-256, hex
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class ApiCallRecord(Model):
    """One HTTP exchange with a provider; bodies are redacted before they come here."""

    __tablename__ = "api_call"
    __table_args__ = (Index("ix_api_call_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    provider: Mapped[Provider] = mapped_column(EnumText(Provider))
    verb: Mapped[str] = mapped_column(String(8))
    path: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(60), default="", index=True)  # "payment:12": whose call it was
    idempotency_key: Mapped[str] = mapped_column(String(255), default="", index=True)
    request_id: Mapped[str] = mapped_column(String(80), default="", index=True)
    status: Mapped[int]  # 0: no answer
    duration: Mapped[float] = mapped_column(Float)  # milliseconds
    request: Mapped[str] = mapped_column(Text, default="")
    response: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(String(300), default="")


class Transition(Model):
    """One move of one object, with who or what caused it."""

    __tablename__ = "transition"
    __table_args__ = (Index("ix_transition_object", "kind", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    kind: Mapped[str] = mapped_column(String(20))  # "order", "payment", "attempt", "refund"
    object_id: Mapped[int]
    old: Mapped[str] = mapped_column(String(24))
    new: Mapped[str] = mapped_column(String(24))
    cause: Mapped[str] = mapped_column(String(120))  # "webhook evt_1", "return page", "sweep", "merchant 3"


PARKED = "outbox_parked:"  # the alarm of a side effect that was given up; its message's id follows
PARKED_EVENTS = "inbox_parked:"  # the alarm of webhooks that were given up; the id of the first of them follows


class Alarm(Model):
    """Something a person must look at, raised once per key: a second capture, an amount that differs."""

    __tablename__ = "alarm"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    message: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when a person has seen to it
    settled_by: Mapped[str] = mapped_column(String(80), default="", server_default="")

    @property
    def parked_message(self) -> int | None:
        """Return the id of the side effect that was given up; None for any other alarm."""
        return self._id_after(PARKED)

    @property
    def parked_event(self) -> int | None:
        """Return the id of a webhook that was given up; None for any other alarm."""
        return self._id_after(PARKED_EVENTS)

    @property
    def may_be_tried_again(self) -> bool:
        """Tell whether pressing a button does once more what was given up."""
        return self.parked_message is not None or self.parked_event is not None

    def _id_after(self, prefix: str) -> int | None:
        return int(self.key.removeprefix(prefix)) if self.key.startswith(prefix) else None
