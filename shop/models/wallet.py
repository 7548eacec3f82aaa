"""What providers keep for our customers: a customer of theirs, the saved methods, and savings under way.

    setup: created ⇄ requires_action ─> processing ─> succeeded
              └────────────┴───────────────┴────────> cancelled
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model
from shop.gateways.base import Mode, Provider
from shop.gateways.wallets import SetupState
from shop.models.base import EnumText, Moves, UtcDateTime, public_id, utc_now

_OPEN = frozenset({SetupState.CREATED, SetupState.REQUIRES_ACTION, SetupState.PROCESSING})
_ENDS = frozenset({SetupState.SUCCEEDED, SetupState.CANCELLED})
SETUP_TRANSITIONS: Moves[SetupState] = {
    SetupState.CREATED: (_OPEN - {SetupState.CREATED}) | _ENDS,
    SetupState.REQUIRES_ACTION: (_OPEN - {SetupState.REQUIRES_ACTION}) | _ENDS,
    SetupState.PROCESSING: (_OPEN - {SetupState.PROCESSING}) | _ENDS,
    SetupState.SUCCEEDED: frozenset(),
    SetupState.CANCELLED: frozenset(),
}
_IS_OPEN = text("state IN ('created', 'requires_action', 'processing')")


class ProviderCustomer(Model):
    """One account as one provider knows it, in one mode. Test and live never share a customer.

    `email` is what the provider was told when the customer was made, so that a repeat tells the same.
    `ticket` and `applied_ticket` are as a payment's: a fetch is only as fresh as its start. `user_id` is None
    once the account is deleted and the provider has still to be told.
    """

    __tablename__ = "provider_customer"
    __table_args__ = (
        UniqueConstraint("user_id", "provider", "mode"),
        UniqueConstraint("provider", "mode", "external_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=public_id)  # our reference at the provider
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    provider: Mapped[Provider] = mapped_column(EnumText(Provider))
    mode: Mapped[Mode] = mapped_column(EnumText(Mode))
    external_id: Mapped[str | None] = mapped_column(String(255))  # None until the provider has answered
    email: Mapped[str] = mapped_column(String(254))
    sequence: Mapped[int] = mapped_column(default=1)  # goes up when the customer has to be made anew
    ticket: Mapped[int] = mapped_column(default=0)
    applied_ticket: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class SavedMethod(Model):
    """A card (or bank account) that a provider keeps for a customer: what it looks like, never its number.

    Written by `shop.services.wallets.apply` alone. `consent_at` and `consent_version` say when its owner agreed
    to which words; None where it was saved without them. `removal_asked_at` hides it before the provider has let go.
    """

    __tablename__ = "saved_method"
    __table_args__ = (
        UniqueConstraint("provider", "mode", "external_id"),
        CheckConstraint("exp_month IS NULL OR (exp_month BETWEEN 1 AND 12)", name="month_exists"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=public_id)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    provider: Mapped[Provider] = mapped_column(EnumText(Provider))
    mode: Mapped[Mode] = mapped_column(EnumText(Mode))
    external_id: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(30))
    brand: Mapped[str] = mapped_column(String(30), default="")
    last4: Mapped[str] = mapped_column(String(4), default="")
    exp_month: Mapped[int | None]
    exp_year: Mapped[int | None]  # four digits
    is_default: Mapped[bool] = mapped_column(default=False)
    consent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    consent_version: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    removal_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def is_expired(self, today: date) -> bool:
        """Tell whether the card's last month is over; what has no expiry never expires."""
        return self._months_left(today) < 0

    def is_expiring(self, today: date) -> bool:
        """Tell whether the card is good until the end of this month or the next, and no longer."""
        return 0 <= self._months_left(today) <= 1

    def _months_left(self, today: date) -> int:
        if self.exp_month is None or self.exp_year is None:
            return 12
        return (self.exp_year - today.year) * 12 + self.exp_month - today.month


class CardSetup(Model):
    """The saving of one card on the account page: one SetupIntent. One is open per account and provider at most."""

    __tablename__ = "card_setup"
    __table_args__ = (
        UniqueConstraint("provider", "mode", "external_id"),
        Index(
            "uq_card_setup_one_open", "user_id", "provider", unique=True, sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        Index("ix_card_setup_customer", "provider", "customer"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=public_id)  # our reference at the provider
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    provider: Mapped[Provider] = mapped_column(EnumText(Provider))
    mode: Mapped[Mode] = mapped_column(EnumText(Mode))
    customer: Mapped[str] = mapped_column(String(255))  # the provider's id of whom it is saved for
    external_id: Mapped[str | None] = mapped_column(String(255))
    state: Mapped[SetupState] = mapped_column(EnumText(SetupState), default=SetupState.CREATED)
    challenge: Mapped[bool] = mapped_column(default=False)  # the bank is always to ask
    method: Mapped[str] = mapped_column(String(255), default="")  # the provider's id of the card once it is saved
    decline_code: Mapped[str] = mapped_column(String(60), default="")  # why the last try failed; the provider's own
    decline_advice: Mapped[str] = mapped_column(String(20), default="")
    consent_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    consent_version: Mapped[str] = mapped_column(String(20))
    ticket: Mapped[int] = mapped_column(default=0)
    applied_ticket: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    @property
    def is_open(self) -> bool:
        """Tell whether the saving may still end either way."""
        return self.state in _OPEN
