"""Letters of every kind to somebody who does not exist, for the preview in development.

Nothing is read from the database and nothing is written to it: the order, its payment and its documents are made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from shop.gateways.base import Mode, PaymentState, Provider, RefundState
from shop.models import (
    AccountEvent,
    Capture,
    Document,
    DocumentKind,
    Order,
    OrderLine,
    OrderState,
    Payment,
    Refund,
    User,
)
from shop.models.order import ReviewState
from shop.services import account_mail, receipts
from shop.services.documents import snapshot
from shop.services.mail import orders
from shop.services.mail.sending import Letter
from shop.services.providers import context

KINDS: Sequence[str] = (*orders.KINDS, *account_mail.KINDS)
AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
_UNPAID = {
    "processing": PaymentState.PROCESSING,
    "authorized": PaymentState.AUTHORIZED,
    "authorization_lapsed": PaymentState.CANCELLED,
    "cancelled": PaymentState.CANCELLED,
    "payment_failed": PaymentState.CREATED,
}


def letter(kind: str, locale: str) -> Letter:
    """Return the sample of a kind; raise KeyError for a kind there is not."""
    if kind in account_mail.KINDS:
        return _account(kind, locale)
    if kind not in orders.KINDS:
        raise KeyError(kind)
    return _order(kind, locale)


def _account(kind: str, locale: str) -> Letter:
    user = User(id=0, email="ada@example.com", name="Ada Sample", locale=locale, pending_email="ada@example.org")
    user.session_epoch = 1
    event = AccountEvent(id=0, user_id=0, kind=kind, email=user.email, name=user.name, locale=locale, at=AT)
    event.until = AT + timedelta(hours=1)
    return account_mail.letter(event, user)


def _order(kind: str, locale: str) -> Letter:
    order = _placed(locale)
    payment = _payment(order, _UNPAID.get(kind, PaymentState.CAPTURED))
    issued: list[Document] = []
    if kind in _UNPAID:
        order.state = OrderState.CANCELLED if kind == "cancelled" else OrderState.PENDING
        payment.expires_at = AT + timedelta(days=7) if kind in ("authorized", "cancelled") else None
        return orders.about(kind, receipts.built(order, issued, has_failed=False))
    if kind == "late_refund":
        order.state = OrderState.EXPIRED
        return orders.about(kind, receipts.built(order, issued, has_failed=False))
    invoice = _document(order, DocumentKind.INVOICE, "INV-SAMPLE-00001", _sold(order))
    if kind == "receipt":
        return orders.about(kind, receipts.built(order, [invoice], has_failed=False), document=invoice)
    refund = _refund(payment)
    named = {"number": invoice.number, "issued_at": AT.isoformat(), "kind": str(invoice.kind)}
    note_content = snapshot.of_refund(invoice.snapshot, [], refund, named)
    note = _document(order, DocumentKind.CREDIT_NOTE, "CN-SAMPLE-00001", note_content, refund_id=refund.id)
    return orders.about(kind, receipts.built(order, [invoice, note], has_failed=False), refund, note)


def _placed(locale: str) -> Order:
    """Return a company's order with two rates, a discount and an invoice's address of its own."""
    lines = [
        OrderLine(
            sku="TW-SAM-100", name="Harbour Breakfast", label="100 g", quantity=2, unit_amount=1250, discount=250,
            tax=147, tax_basis_points=700,
        ),
        OrderLine(
            sku="TW-POT-001", name="Tokoname Pot", label="300 ml", quantity=1, unit_amount=5800, discount=580, tax=833,
            tax_basis_points=1900,
        ),
    ]  # fmt: skip
    return Order(
        id=0, public_id="SAMPLE", number="TT-SAMPLE-00001", state=OrderState.PAID, review=ReviewState.NONE,
        email="ada@example.com", locale=locale, currency="EUR", items=8300, shipping=490, discount=830,
        promotion_code="TIDE10", tax=1058, tax_added=0, prices_include_tax=True, tax_note="", tax_is_estimated=False,
        total=7960, shipping_name="Standard post", name="Ada Sample", line1="Am Sandtorkai 12", line2="c/o Lovelace",
        city="Hamburg", region="", postal_code="20457", country="DE", company="Sample & Daughters GmbH",
        vat_id="DE136695976", billing_line1="Speicherstadt 4", billing_city="Hamburg", billing_region="",
        billing_postal_code="20457", billing_country="DE", placed_at=AT, paid_at=AT + timedelta(minutes=2), lines=lines,
    )  # fmt: skip


def _payment(order: Order, state: PaymentState) -> Payment:
    captures = [Capture(id=0, external_id="ch_sample", amount=order.total, at=AT)]
    return Payment(
        id=0, provider=Provider.STRIPE, mode=Mode.TEST, external_id="pi_sample", state=state, amount=order.total,
        currency=order.currency, method_kind="card", method_brand="visa", method_last4="4242", method_payer="",
        order=order, captures=captures if state is PaymentState.CAPTURED else [], refunds=[], attempts=[],
    )  # fmt: skip


def _refund(payment: Payment) -> Refund:
    refund = Refund(
        id=0, public_id="SAMPLE", external_id="re_sample", state=RefundState.PENDING, amount=1250, currency="EUR",
        reason="requested_by_customer", created_at=AT + timedelta(days=3),
    )  # fmt: skip
    payment.refunds.append(refund)
    return refund


def _sold(order: Order) -> snapshot.Snapshot:
    return snapshot.of_order(order, context().settings.seller, order.paid_at or AT)


def _document(
    order: Order, kind: DocumentKind, number: str, content: snapshot.Snapshot, refund_id: int | None = None
) -> Document:
    return Document(
        id=0, kind=kind, key=number, series=number.partition("-")[0], sequence=1, number=number, order_id=order.id,
        refund_id=refund_id, locale=order.locale, issued_at=AT, snapshot=content,
    )  # fmt: skip
