"""Issuing documents: inside the transaction of what they are for, so that no number is taken for nothing."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shop.errors import NotFound
from shop.gateways.base import RefundState
from shop.models import Document, DocumentKind, DocumentSeries, Order, OrderState, Payment, Refund
from shop.services import installation, ledger, locks, record
from shop.services.documents import snapshot
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

# What corrects a document is numbered in a series of its own, apart from sales.
SERIES = {
    DocumentKind.INVOICE: "INV",
    DocumentKind.RECEIPT: "RCP",
    DocumentKind.CREDIT_NOTE: "CN",
    DocumentKind.REFUND_RECEIPT: "CN",
    DocumentKind.REVERSAL: "CN",
}


def issue(session: Session, order: Order) -> Document:
    """Issue the invoice, or the receipt, of an order that has just been paid; a repeat returns the one there is."""
    key = f"order:{order.id}"
    if (found := by_key(session, key)) is not None:
        return found
    content = snapshot.of_order(order, context().settings.seller, order.paid_at or context().clock.now())
    kind = DocumentKind.INVOICE if snapshot.demands_invoice(content) else DocumentKind.RECEIPT
    return _number(session, key, kind, order, content)


def credit(session: Session, payment: Payment, refund: Refund) -> Document | None:
    """Issue the credit note of a refund that the provider has taken on, once.

    None where nothing was sold for that money: it came twice, or too late, and no document counts it as revenue.
    """
    key = f"refund:{refund.id}"
    if (found := by_key(session, key)) is not None:
        return found
    original = by_key(session, f"order:{payment.order_id}")
    if original is None or not ledger.is_earned(session, payment):
        return None
    counting = _counting(session, original)
    left = original.snapshot["total"] + sum(note.snapshot["total"] for note in counting)
    if refund.amount > left:
        message = f"Refund {refund.public_id} gives back more than {original.number} has left; it has no document"
        record.alarm(session, f"no_credit_note:{refund.id}", message, payment.order_id, context().clock.now())
        return None
    content = snapshot.of_refund(original.snapshot, [note.snapshot for note in counting], refund, _named(original))
    is_invoice = original.kind is DocumentKind.INVOICE
    kind = DocumentKind.CREDIT_NOTE if is_invoice else DocumentKind.REFUND_RECEIPT
    return _number(session, key, kind, payment.order, content, refund_id=refund.id, corrects_id=original.id)


def reverse(session: Session, refund: Refund) -> Document | None:
    """Take back the credit note of a refund that has failed after all, once; None where there was none."""
    key = f"refund:{refund.id}:failed"
    if (found := by_key(session, key)) is not None:
        return found
    note = by_key(session, f"refund:{refund.id}")
    if note is None:
        return None
    order = session.get_one(Order, note.order_id)
    content = snapshot.reversed_(note.snapshot, _named(note))
    return _number(session, key, DocumentKind.REVERSAL, order, content, refund_id=refund.id, corrects_id=note.id)


def issue_missing(order_id: int) -> Document:
    """Issue what an order should have and has not: it was paid before there were documents. A repeat does nothing.

    Raises NotFound for an order that is not paid.
    """
    with unit_of_work(write=True) as session:
        order = session.get_one(Order, order_id, with_for_update=locks.kept(Order), populate_existing=True)
        if order.state not in (OrderState.PAID, OrderState.FULFILLED):
            raise NotFound(_("There is no document of an order that is not paid."))
        document = issue(session, order)
        for payment in order.payments:
            for refund in payment.refunds:
                if refund.state in (RefundState.PENDING, RefundState.SUCCEEDED):
                    credit(session, payment, refund)
        return document


def by_key(session: Session, key: str) -> Document | None:
    """Return the document that was issued for this; None where there is none yet."""
    with session.no_autoflush:  # every document is flushed where it is made
        return session.scalar(select(Document).where(Document.key == key))


def _counting(session: Session, original: Document) -> list[Document]:
    """Return the credit notes of a document that were not taken back."""
    notes = session.scalars(select(Document).where(Document.corrects_id == original.id).order_by(Document.id)).all()
    ids = [note.id for note in notes]
    reversed_ids = set(session.scalars(select(Document.corrects_id).where(Document.corrects_id.in_(ids))))
    return [note for note in notes if note.id not in reversed_ids]


def _named(document: Document) -> dict[str, str]:
    return {"number": document.number, "issued_at": document.issued_at.isoformat(), "kind": str(document.kind)}


def _number(
    session: Session, key: str, kind: DocumentKind, order: Order, content: dict[str, Any], **links: int
) -> Document:
    """Give the content the next number of its series; the series stays locked until the transaction ends.

    A transaction that is rolled back gives its number back with everything else, so the series has no gap.
    """
    series = SERIES[kind]
    sequence = _next(session, series)
    document = Document(
        kind=kind,
        key=key,
        series=series,
        sequence=sequence,
        number=f"{series}-{installation.code(session)}-{sequence:05d}",
        order_id=order.id,
        locale=order.locale,
        issued_at=context().clock.now(),
        snapshot=content,
        **links,
    )
    session.add(document)
    session.flush()
    return document


def _next(session: Session, name: str) -> int:
    """Return the next number of a series, whose row it locks; the first document of a series makes the row."""
    taken = update(DocumentSeries).where(DocumentSeries.name == name).values(last=DocumentSeries.last + 1)
    number: int | None = session.scalar(taken.returning(DocumentSeries.last))
    if number is not None:
        return number
    try:
        with session.begin_nested():
            session.add(DocumentSeries(name=name, last=0))
    except IntegrityError:
        pass  # another transaction has made it between our look and our insert
    return _next(session, name)
