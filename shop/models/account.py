"""What belongs to an account beside the person: addresses to send to, and what was done with the account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model
from shop.models.base import UtcDateTime, public_id, utc_now
from shop.models.sealed import SealedText

_IS_DEFAULT = text("is_default")


class Address(Model):
    """An address in somebody's address book; one of them at most is the default."""

    __tablename__ = "address"
    __table_args__ = (
        Index(
            "uq_address_one_default", "user_id", unique=True, sqlite_where=_IS_DEFAULT, postgresql_where=_IS_DEFAULT
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=public_id)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    line1: Mapped[str] = mapped_column(SealedText("address.line1", 120))
    line2: Mapped[str] = mapped_column(SealedText("address.line2", 120), default="")
    city: Mapped[str] = mapped_column(SealedText("address.city", 80))
    region: Mapped[str] = mapped_column(SealedText("address.region", 80), default="")
    postal_code: Mapped[str] = mapped_column(SealedText("address.postal_code", 20), default="")
    country: Mapped[str] = mapped_column(String(2))  # ISO 3166-1 alpha-2
    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class AccountEvent(Model):
    """Something that was asked of an account, on record: a registration, a reset, an export, a deletion.

    `user_id` is a number only: it outlives the account, and names nobody then. Where a mail is owed, `email`, `name`
    and `locale` say to whom; the sending empties the first two, since a deleted account has no other place for them.
    """

    __tablename__ = "account_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    user_id: Mapped[int | None] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(30))
    email: Mapped[str] = mapped_column(String(254), default="")
    name: Mapped[str] = mapped_column(String(120), default="")
    locale: Mapped[str] = mapped_column(String(8), default="en")
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # how long the link in the mail works
