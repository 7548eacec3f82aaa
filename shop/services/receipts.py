"""The receipt of an order: what was paid and given back, at which rates, and the documents of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from shop.gateways.base import PaymentState
from shop.models import Document, DocumentKind, Order, OrderState, OutboxState, Payment, Refund
from shop.models.order import ERASED
from shop.money import Money
from shop.services import documents, outbox
from shop.services.unit_of_work import unit_of_work


class Standing(StrEnum):
    """What a receipt can be the receipt of."""

    UNPAID = "unpaid"  # no receipt yet: it can still be paid
    PROCESSING = "processing"  # a bank debit is under way
    AUTHORIZED = "authorized"  # the money is set aside, and taken when the goods leave
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"
    OVER = "over"  # never paid
    GIVEN_BACK = "given_back"  # the money came too late, and goes back


class PdfState(StrEnum):
    """Whether there is a PDF to be had."""

    READY = "ready"
    PENDING = "pending"  # the order was paid before there were documents, and nobody has asked yet
    FAILED = "failed"  # the last try came to nothing


class MailState(StrEnum):
    """What became of the mail that carries the receipt."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # the mail server has refused it, or was away for a day
    NONE = "none"  # the customer has had their mail address deleted


@dataclass(frozen=True)
class GivenBack:
    """A refund with the documents of it: its credit note, and what took that back if the refund failed."""

    refund: Refund
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class TaxRow:
    """What is in the total at one rate."""

    basis_points: int
    net: Money
    tax: Money
    gross: Money


@dataclass(frozen=True)
class Receipt:
    """Everything a receipt shows. `payment` is the one that took the money for the order, if any did."""

    order: Order
    standing: Standing
    payment: Payment | None
    document: Document | None
    pdf: PdfState
    refunds: tuple[GivenBack, ...]
    surplus: tuple[Payment, ...]  # that came although another had paid: all of it goes back
    taxes: tuple[TaxRow, ...]
    mail: MailState = MailState.WAITING

    @property
    def is_paid(self) -> bool:
        """Tell whether the money for the order came, whatever was given back since."""
        return self.standing in (Standing.PAID, Standing.PART_REFUNDED, Standing.REFUNDED)

    @property
    def charged(self) -> Money:
        """Return what was taken by the payment that paid: less than the total where a part was released."""
        return self.order.money(_captured(self.payment))

    @property
    def refunded(self) -> Money:
        """Return what was given back of that, or is on its way."""
        return self.order.money(_refunded(self.payment))

    @property
    def kept(self) -> Money:
        """Return what is left of what was charged after the refunds that count."""
        return self.charged - self.refunded

    @property
    def was_reserved(self) -> bool:
        """Tell whether money was ever set aside for the order, as a card's or PayPal's statement may still show."""
        return any(payment.expires_at is not None for payment in self.order.payments)

    @property
    def tax(self) -> Money:
        """Return all the tax in what was charged, or would be."""
        return self.order.money(sum(row.tax.amount for row in self.taxes))

    @property
    def released(self) -> Money:
        """Return what was set aside and never taken."""
        return self.order.money(self.payment.released if self.payment else 0)


def of(order: Order) -> Receipt:
    """Return the receipt of an order as it stands now."""
    issued = documents.of_order(order.id)
    found = built(order, issued, any(documents.has_failed(document) for document in issued))
    return replace(found, mail=_mail(order))


def built(order: Order, issued: Sequence[Document], has_failed: bool) -> Receipt:
    """Return the receipt of an order from what is known of it; asks no database."""
    payment = order.paying
    document = next((each for each in issued if each.kind in (DocumentKind.INVOICE, DocumentKind.RECEIPT)), None)
    state = PdfState.PENDING if document is None else PdfState.FAILED if has_failed else PdfState.READY
    refunds = () if payment is None else tuple(_given_back(refund, issued) for refund in payment.refunds)
    standing = _standing(order, payment)
    surplus = tuple(each for each in order.payments if each.captures and each is not payment)
    return Receipt(order, standing, payment, document, state, refunds, surplus, _taxes(order, document))


def _mail(order: Order) -> MailState:
    if order.email.endswith(ERASED):
        return MailState.NONE
    with unit_of_work() as session:
        state = outbox.state_of(session, f"mail.receipt:{order.id}")
    told = {OutboxState.DONE: MailState.SENT, OutboxState.PARKED: MailState.FAILED}
    return told.get(state, MailState.WAITING) if state is not None else MailState.WAITING


def _standing(order: Order, payment: Payment | None) -> Standing:
    if order.state in (OrderState.EXPIRED, OrderState.CANCELLED):
        return Standing.OVER if payment is None else Standing.GIVEN_BACK
    if order.state is OrderState.PENDING:
        states = {each.state for each in order.payments}
        if PaymentState.PROCESSING in states:
            return Standing.PROCESSING
        return Standing.AUTHORIZED if PaymentState.AUTHORIZED in states else Standing.UNPAID
    refunded = _refunded(payment)
    if not refunded:
        return Standing.PAID
    return Standing.REFUNDED if refunded >= _captured(payment) else Standing.PART_REFUNDED


def _captured(payment: Payment | None) -> int:
    return payment.captured if payment else 0


def _refunded(payment: Payment | None) -> int:
    return payment.refunded if payment else 0


def _given_back(refund: Refund, issued: Sequence[Document]) -> GivenBack:
    return GivenBack(refund, tuple(document for document in issued if document.refund_id == refund.id))


def _taxes(order: Order, document: Document | None) -> tuple[TaxRow, ...]:
    """Return the tax at each rate, a rate of zero among them: as the document has it, or as one would have it now.

    Empty where no tax is ours to collect; the note says why.
    """
    if order.tax_note:
        return ()
    rows = document.snapshot["taxes"] if document else documents.taxes(order)
    parts = ("net", "tax", "gross")
    return tuple(TaxRow(row["rate"], *(order.money(row[part]) for part in parts)) for row in rows)
