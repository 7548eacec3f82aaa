"""Mails about an order: what became of its payment and of what was given back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from flask_babel import gettext as _

from shop.errors import DocumentNotReady
from shop.mailer import Attachment
from shop.models import Document, Order, OutboxMessage, Refund
from shop.models.order import ERASED
from shop.money import Money
from shop.services import documents, preorders, receipts, tokens
from shop.services.formats import country, money, percent, town
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


@dataclass(frozen=True)
class Row:
    """One row of what a mail lists: words, and an amount of money beside them."""

    words: str
    amount: Money
    is_total: bool = False
    is_small: bool = False


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
        "rows": partial(rows, receipt),
        "tax_words": partial(tax_words, order),
        "parcel": partial(parcel, order),
        "ships_from": preorders.ships_from(order),
        "charged_before_sent": preorders.is_charged_before_sent(order),
        "document_words": partial(document_words, document, is_attached=bool(attachments)),
        "receipt_url": f"{base}/orders/{token}/receipt",
        "pay_url": f"{base}/pay/{token}",
    }
    return Letter(kind, order.email, order.locale, order.public_id, values, attachments)


def rows(receipt: Receipt) -> list[Row]:
    """Return what was bought and what it costs, in the reader's language: lines, sums, total, and the tax in it."""
    order = receipt.order
    found = [Row(f"{line.quantity} × {line.name}, {line.label}", order.money(line.amount)) for line in order.lines]
    found.append(Row(_("Shipping: %(name)s", name=order.shipping_name), order.money(order.shipping)))
    if order.discount:
        code = order.promotion_code
        words = _("Discount, code %(code)s", code=code) if code else str(_("Discount"))
        found.append(Row(words, order.money(-order.discount)))
    if order.tax_added:
        found.append(Row(_("Tax"), order.money(order.tax_added)))
    found.append(Row(_("Total"), order.money(order.total), is_total=True))
    if receipt.released.amount:
        found.append(Row(_("Not sent, not charged"), -receipt.released))
        found.append(Row(_("Charged"), receipt.charged, is_total=True))
    for each in receipt.taxes:
        words = _("%(rate)s tax on %(net)s", rate=percent(each.basis_points), net=money(each.net))
        found.append(Row(words, each.tax, is_small=True))
    return found


def tax_words(order: Order) -> str:
    """Return why there is no tax; empty where there is some."""
    if order.tax_note == "reverse_charge":
        return str(
            _(
                "Reverse charge. Tax-free supply within the EU (Article 138, Directive 2006/112/EC): the customer, "
                "VAT id %(number)s, owes the VAT.",
                number=order.vat_id,
            )
        )
    if order.tax_note == "not_collected":
        return str(_("An export: no tax of ours. Customs at home may ask for theirs."))
    return ""


def parcel(order: Order) -> list[str]:
    """Return where the parcel goes, line by line."""
    place = town(order.country, order.postal_code, order.city, order.region)
    return [*filter(None, (order.name, order.line1, order.line2)), place, country(order.country)]


def document_words(document: Document | None, *, is_attached: bool) -> str:
    """Say where the document is: with the mail, or, where its PDF could not be made, on the receipt's page later."""
    if document is None:
        return ""
    named = {"name": documents.title(document.kind), "number": document.number}
    if is_attached:
        return str(_("Attached as a PDF: %(name)s %(number)s.", **named))
    return str(_("The PDF of %(name)s %(number)s is not ready yet; it will be on the page of your receipt.", **named))


def _attached(document: Document | None) -> tuple[Attachment, ...]:
    if document is None:
        return ()
    try:
        return (Attachment(f"{document.number}.pdf", documents.as_pdf(document), "application/pdf"),)
    except DocumentNotReady:
        return ()
