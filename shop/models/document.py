"""Documents: invoices, receipts and credit notes, numbered without gaps and never changed once they are issued.

An order that is paid gets one: an invoice where the country or the buyer demands it, a receipt elsewhere. Each
refund gets a credit note (or a refund receipt) that names it, and a refund that fails after all a reversal of that.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Connection, ForeignKey, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from shop.errors import OurBug
from shop.extensions import Model
from shop.models.base import EnumText, UtcDateTime
from shop.models.sealed import SealedJson


class DocumentKind(StrEnum):
    """What a document is."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"  # corrects an invoice
    REFUND_RECEIPT = "refund_receipt"  # corrects a receipt
    REVERSAL = "reversal"  # takes a credit note or refund receipt back


class DocumentSeries(Model):
    """The last number given out in one series. Its row is locked by whoever takes the next one, until they commit."""

    __tablename__ = "document_series"

    name: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Document(Model):
    """A document as it was issued. `key` is what it was issued for ("order:12", "refund:3"), so that it is issued once.

    `snapshot` is everything that stands in it, frozen: amounts in minor units, rates in basis points, times as
    ISO 8601. It is kept as long as the law asks, whatever becomes of the customer's account, and sealed, since the
    buyer's address stands in it.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("series", "sequence"),
        CheckConstraint("sequence > 0", name="sequence_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[DocumentKind] = mapped_column(EnumText(DocumentKind))
    key: Mapped[str] = mapped_column(String(60), unique=True)
    series: Mapped[str] = mapped_column(ForeignKey("document_series.name"))
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(String(32), unique=True)  # as it is printed: INV-7K3XQ2-00042
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refund.id"), index=True)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    locale: Mapped[str] = mapped_column(String(8))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    snapshot: Mapped[dict[str, Any]] = mapped_column(SealedJson("document.snapshot"))

    corrects: Mapped[Document | None] = relationship(remote_side=[id], lazy="joined", join_depth=1)


@event.listens_for(Document, "before_update")
@event.listens_for(Document, "before_delete")
def _keep(mapper: Mapper[Document], connection: Connection, document: Document) -> None:
    """Refuse to change what was issued; a mistake in it is corrected by another document."""
    raise OurBug(f"{document.number} is issued: a document is corrected by another one, never changed")
