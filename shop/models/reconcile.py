"""Reconciliation: what a comparison of our books with a provider's found."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.extensions import Model
from shop.gateways.base import Mode, Provider
from shop.gateways.history import MovementKind
from shop.models.base import EnumText, UtcDateTime, utc_now
from shop.money import Money


class Verdict(StrEnum):
    """What became of one movement of money."""

    MATCHED = "matched"
    REPAIRED = "repaired"  # it was missing here, and is here now
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    DIFFERS = "differs"  # the amount or the fee
    FOREIGN = "foreign"  # of the same account, and not of this shop


class ReconcileRun(Model):
    """One comparison of the last days with one provider's list. `finished_at` stays empty where it broke off."""

    __tablename__ = "reconcile_run"
    __table_args__ = (Index("ix_reconcile_run_started", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[Provider] = mapped_column(EnumText(Provider))
    mode: Mapped[Mode] = mapped_column(EnumText(Mode))
    cause: Mapped[str] = mapped_column(String(120))  # "schedule", "command", "merchant 3"
    is_dry: Mapped[bool] = mapped_column(default=False)  # it looked, and repaired nothing
    since: Mapped[datetime] = mapped_column(UtcDateTime)  # the window, in the provider's time
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(String(300), default="")
    matched: Mapped[int] = mapped_column(default=0)
    repaired: Mapped[int] = mapped_column(default=0)
    missing_here: Mapped[int] = mapped_column(default=0)
    missing_there: Mapped[int] = mapped_column(default=0)
    differing: Mapped[int] = mapped_column(default=0)
    foreign: Mapped[int] = mapped_column(default=0)

    findings: Mapped[list[ReconcileFinding]] = relationship(
        order_by="ReconcileFinding.id", lazy="raise", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def is_clean(self) -> bool:
        """Tell whether it ran to its end and left nothing that a person must look at."""
        return self.finished_at is not None and not (self.missing_here or self.missing_there or self.differing)


class ReconcileFinding(Model):
    """One movement that did not simply match; amounts are minor units, None where one side does not know it."""

    __tablename__ = "reconcile_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("reconcile_run.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[Verdict] = mapped_column(EnumText(Verdict))
    kind: Mapped[MovementKind] = mapped_column(EnumText(MovementKind))
    external_id: Mapped[str] = mapped_column(String(255))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    order_number: Mapped[str] = mapped_column(String(60), default="")  # as the provider tells it
    theirs: Mapped[int | None]
    theirs_currency: Mapped[str | None] = mapped_column(String(3))
    ours: Mapped[int | None]
    ours_currency: Mapped[str | None] = mapped_column(String(3))
    note: Mapped[str] = mapped_column(String(300), default="")

    @property
    def their_money(self) -> Money | None:
        """Return what the provider's books say."""
        return _money(self.theirs, self.theirs_currency)

    @property
    def our_money(self) -> Money | None:
        """Return what our books say."""
        return _money(self.ours, self.ours_currency)


def _money(amount: int | None, currency: str | None) -> Money | None:
    return None if amount is None or currency is None else Money(amount, currency)
