"""Reading documents: which ones an order has, and each as a PDF, made when somebody asks for it."""

from __future__ import annotations

import structlog
from flask_babel import gettext as _
from sqlalchemy import select

from shop.errors import DocumentNotReady, NotFound
from shop.models import Alarm, Document
from shop.services import record
from shop.services.documents import content, pdf
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)


def of_order(order_id: int) -> list[Document]:
    """Return an order's documents, in the order they were issued."""
    with unit_of_work() as session:
        query = select(Document).where(Document.order_id == order_id).order_by(Document.id)
        return list(session.scalars(query))


def of_refund(refund_id: int) -> Document | None:
    """Return the credit note of a refund; None where it has none."""
    with unit_of_work() as session:
        return session.scalar(select(Document).where(Document.key == f"refund:{refund_id}"))


def one(order_id: int, number: str) -> Document:
    """Return the document with this number, if it is one of this order; raise NotFound for any other."""
    with unit_of_work() as session:
        document = session.scalar(select(Document).where(Document.order_id == order_id, Document.number == number))
    if document is None:
        raise NotFound(_("There is no such document."))
    return document


def as_pdf(document: Document) -> bytes:
    """Return a document as PDF, the same bytes each time.

    Raises DocumentNotReady when it cannot be made; an alarm stands until it can.
    """
    try:
        made = pdf.render(content.of(document, context().settings.brand), document.issued_at)
    except Exception as exc:
        log.exception("pdf_failed", number=document.number)
        _raise_alarm(document, exc)
        raise DocumentNotReady(f"{document.number} could not be set") from exc
    if has_failed(document):
        with unit_of_work(write=True) as session:
            record.settle(session, _alarm_key(document), context().clock.now())
    return made


def has_failed(document: Document) -> bool:
    """Tell whether the last try to make this document's PDF came to nothing."""
    with unit_of_work() as session:
        query = select(Alarm.id).where(Alarm.key == _alarm_key(document), Alarm.settled_at.is_(None))
        return session.scalar(query) is not None


def _raise_alarm(document: Document, why: Exception) -> None:
    message = f"The PDF of {document.number} cannot be made: {why}"
    with unit_of_work(write=True) as session:
        record.alarm(session, _alarm_key(document), message, document.order_id, context().clock.now())


def _alarm_key(document: Document) -> str:
    return f"pdf_failed:{document.id}"
