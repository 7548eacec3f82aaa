"""People with an account: customers and the merchant."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model
from shop.models.base import UtcDateTime, utc_now


class User(Model):
    """Somebody who can sign in. `email` is stored lower case; the password as an argon2 hash.

    `session_epoch` is in every session cookie and in every link that changes a password: when it goes up, all of
    them end. The four members below the columns are what Flask-Login asks of a user.
    """

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_merchant: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    email_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: nobody signs in yet
    pending_email: Mapped[str] = mapped_column(String(254), default="", server_default="")  # asked for, not confirmed
    session_epoch: Mapped[int] = mapped_column(default=1, server_default="1")
    locale: Mapped[str] = mapped_column(String(8), default="en", server_default="en")
    company: Mapped[str] = mapped_column(String(120), default="", server_default="")
    vat_id: Mapped[str] = mapped_column(String(20), default="", server_default="")  # with its country, "DE136695976"

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what the session cookie carries."""
        return f"{self.id}.{self.session_epoch}"
