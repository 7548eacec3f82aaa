"""Mails about an order: what became of its payment and of what was given back."""

from __future__ import annotations

from shop.errors import DocumentNotReady
from shop.mailer import Attachment
from shop.models import Document, Order, OutboxMessage, Refund
from shop.models.order import ERASED
from shop.services import documents, receipts, tokens
from shop.services.mail.sending import Letter
from shop.services.providers import context
from shop.services.receipts import Receipt
from shop.services.unit_of_work import unit_of_work

KINDS = (
    "receipt",
    "authorized",
    "authorization_lapsed",
    "cancelled",
    "processing",
    "payment_failed",
    "refund",
    "late_refund",
)


def letter(kind: str, message: OutboxMessage) -> Letter | None:
    """Return a mail about the order that the message names, with the document it is about, if there is one.

    None where whoever bought has asked to be forgotten.
    """
    with unit_of_work() as session:
        order = session.get_one(Order, int(message.payload["order"]))
        refund_id = message.payload.get("refund")
        refund = session.get_one(Refund, int(refund_id)) if refund_id is not None else None
    if order.email.endswith(ERASED):
        return None
    receipt = receipts.of(order)
    document = receipt.document if kind == "receipt" else None
    if kind == "refund" and refund is not None:
        document = documents.of_refund(refund.id)
    return about(kind, receipt, refund, document)


def about(kind: str, receipt: Receipt, refund: Refund | None = None, document: Document | None = None) -> Letter:
    """Return a mail about an order; where its document cannot be made it goes without, and says where that will be."""
    order = receipt.order
    attachments = _attached(document)
    base, token = context().settings.public_url, tokens.for_order(order.public_id)
    values = {
        "order": order,
        "receipt": receipt,
        "refund": refund,
        "document": document,
        "document_title": documents.title,
        "is_attached": bool(attachments),
        "receipt_url": f"{base}/orders/{token}/receipt",
        "pay_url": f"{base}/pay/{token}",
    }
    return Letter(kind, order.email, order.locale, order.public_id, values, attachments)


def _attached(document: Document | None) -> tuple[Attachment, ...]:
    if document is None:
        return ()
    try:
        return (Attachment(f"{document.number}.pdf", documents.as_pdf(document), "application/pdf"),)
    except DocumentNotReady:
        return ()
