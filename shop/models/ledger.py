"""The double-entry ledger: where the money is.

A transaction is a set of entries that sum to zero in every currency; a debit is positive, a credit negative.
Rows are only ever added. `shop.services.ledger` writes them and refuses what does not balance.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.extensions import Model
from shop.models.base import UtcDateTime, utc_now


class LedgerTransaction(Model):
    """One thing that happened to money. `key` is what it was ("capture:stripe:ch_1"), so it is booked once."""

    __tablename__ = "ledger_transaction"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(300), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    entries: Mapped[list[LedgerEntry]] = relationship(order_by="LedgerEntry.id", lazy="selectin")


class LedgerEntry(Model):
    """One side of a transaction: so much, signed, on one account."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index("ix_ledger_entry_account_currency", "account", "currency"),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transaction_id: Mapped[int] = mapped_column(ForeignKey("ledger_transaction.id"), index=True)
    account: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int]  # minor units, debit positive
    currency: Mapped[str] = mapped_column(String(3))
