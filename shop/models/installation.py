"""The installation this database belongs to, and the leases its schedulers hold."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model
from shop.models.base import UtcDateTime, public_id, utc_now
from shop.models.sealed import SealedText


class Installation(Model):
    """One row: who this database is. Its id is part of every idempotency key and order number.

    It also remembers the mode (test or live) and the accounts it was first used with; started with others,
    the shop refuses.
    """

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    code: Mapped[str] = mapped_column(String(12), default=lambda: public_id(6))
    mode: Mapped[str] = mapped_column(String(4))
    stripe_account: Mapped[str | None] = mapped_column(String(64))  # a fingerprint of the account, never a key
    paypal_account: Mapped[str | None] = mapped_column(String(64))
    # Sealed with the first of ENCRYPTION_KEYS, and again once all else is: a start without its key is refused.
    keys_known_by: Mapped[str] = mapped_column(
        SealedText("installation.keys_known_by", 40), default="", server_default="", deferred=True
    )
    order_counter: Mapped[int] = mapped_column(default=0)  # the last order number given out
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class Lease(Model):
    """The right to run one scheduled job, until a moment; two schedulers do no harm."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the job last ran to its end
