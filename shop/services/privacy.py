"""What the shop holds about a person, handed to them whole (GDPR, articles 15 and 20).

The tables below name every column that is handed out, and every one that is not, with the reason; a test compares
them with the models, so that a new column is decided on and not forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.models import (
    AccountEvent,
    Address,
    Attempt,
    Capture,
    CardSetup,
    Cart,
    CartLine,
    Document,
    Order,
    OrderLine,
    Payment,
    ProviderCustomer,
    Redemption,
    Refund,
    SavedMethod,
    User,
)
from shop.services import accounts
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

_BILLING = ("billing_line1", "billing_city", "billing_region", "billing_postal_code", "billing_country")
_WHERE = ("name", "line1", "line2", "city", "region", "postal_code", "country")
EXPORTED: Mapping[type[Any], Sequence[str]] = {
    User: ("email", "name", "pending_email", "email_confirmed_at", "locale", "company", "vat_id", "created_at"),
    Address: (*_WHERE, "is_default", "created_at"),
    Cart: ("currency", "promotion_code", "updated_at"),
    CartLine: ("quantity", "seen_amount"),
    Order: (
        "number", "state", "email", "locale", "currency", "items", "shipping", "discount", "promotion_code", "tax",
        "tax_added", "prices_include_tax", "tax_note", "tax_is_estimated", "total", "shipping_name", *_WHERE,
        "company", "vat_id", *_BILLING, "review", "review_reasons", "placed_at", "expires_at", "paid_at",
    ),
    OrderLine: (
        "sku", "name", "label", "quantity", "unit_amount", "discount", "tax", "tax_basis_points", "ships_from",
    ),
    Payment: (
        "provider", "external_id", "state", "amount", "currency", "method_kind", "method_brand", "method_last4",
        "method_payer", "created_at", "expires_at", "captured_at",
    ),
    Attempt: ("external_id", "state", "amount", "decline_code", "decline_message", "at"),
    Capture: ("external_id", "amount", "at"),
    Refund: ("external_id", "state", "amount", "currency", "reason", "created_at", "settled_at"),
    Redemption: ("state", "created_at"),
    Document: ("kind", "number", "locale", "issued_at", "snapshot"),
    ProviderCustomer: ("provider", "external_id", "email", "created_at"),
    SavedMethod: (
        "provider", "kind", "brand", "last4", "exp_month", "exp_year", "is_default", "consent_at", "consent_version",
        "created_at", "removal_asked_at", "removed_at",
    ),
    CardSetup: ("provider", "state", "decline_code", "consent_at", "consent_version", "created_at"),
    AccountEvent: ("at", "kind"),
}  # fmt: skip
_KEY = "a number of our own, which says nothing about the person"
_WORK = "how far our own machinery has come"
_STAFF = "who works for the merchant"
LEFT_OUT: Mapping[str, str] = {
    "user_account.password_hash": "would help whoever finds the file to guess the password",
    "user_account.is_merchant": "a role in the shop",
    "user_account.session_epoch": _WORK,
    "address.public_id": _KEY,
    "cart.token": "opens the cart",
    "cart_line.variant_id": "the article is named by its number and name",
    "orders.public_id": "opens the order's page",
    "orders.replaced_by_id": "the order that took its place is handed out itself",
    "orders.left_cart": _WORK,
    "orders.stock_state": _WORK,
    "orders.erase_at": "stands only where the account is deleted",
    "orders.reviewed_by": _STAFF,
    "orders.tax_calculation": "between the tax provider and us",
    "orders.tax_transaction": "between the tax provider and us",
    "order_line.variant_id": _KEY,
    "payment.public_id": "our reference at the provider",
    "payment.mode": _WORK,
    "payment.capture_later": _WORK,
    "payment.customer": "as the provider's customer, which is handed out",
    "payment.challenge": "part of the guard against stolen cards, which would help whoever tries them out",
    "payment.capture_amount": "what was taken is handed out as captures",
    "payment.captured_by": _STAFF,
    "payment.take_round": _WORK,
    "payment.voided_by": _STAFF,
    "payment.told_round": _WORK,
    "payment.ticket": _WORK,
    "payment.applied_ticket": _WORK,
    "payment.capture_round": _WORK,
    "payment.needs_approval": _WORK,
    "payment.busy_with": _WORK,
    "payment.busy_since": _WORK,
    "payment.checks": _WORK,
    "payment.next_check_at": _WORK,
    "attempt.decline_advice": "the provider's advice to us",
    "attempt.decline_is_hard": "the provider's advice to us",
    "capture.settled_at": "between the provider and us",
    "capture.settlement_currency": "between the provider and us",
    "capture.fee": "between the provider and us",
    "capture.net": "between the provider and us",
    "refund.public_id": "our reference at the provider",
    "refund.provider": "as the payment's",
    "refund.mode": _WORK,
    "refund.request_token": _WORK,
    "refund.failure": "the provider's words to us",
    "refund.requested_by": _STAFF,
    "refund.tax_reversal": "between the tax provider and us",
    "refund.ticket": _WORK,
    "refund.applied_ticket": _WORK,
    "refund.checks": _WORK,
    "refund.next_check_at": _WORK,
    "redemption.customer_key": "the order's mail address once more, in lower case",
    "document.key": "what it was issued for, by numbers of our own",
    "document.sequence": "stands in its number",
    "provider_customer.public_id": "our reference at the provider",
    "provider_customer.mode": _WORK,
    "provider_customer.sequence": _WORK,
    "provider_customer.ticket": _WORK,
    "provider_customer.applied_ticket": _WORK,
    "saved_method.public_id": _KEY,
    "saved_method.mode": _WORK,
    "saved_method.external_id": "the provider's handle, by which the card can be charged",
    "card_setup.public_id": "our reference at the provider",
    "card_setup.mode": _WORK,
    "card_setup.customer": "as the provider's customer, which is handed out",
    "card_setup.external_id": "the provider's handle of the saving",
    "card_setup.challenge": "part of the guard against stolen cards, which would help whoever tries them out",
    "card_setup.method": "the provider's handle, by which the card can be charged",
    "card_setup.decline_advice": "the provider's advice to us",
    "card_setup.ticket": _WORK,
    "card_setup.applied_ticket": _WORK,
    "account_event.email": "kept until the mail is sent only; it is the account's",
    "account_event.name": "kept until the mail is sent only; it is the account's",
    "account_event.locale": "as the account's",
    "account_event.until": _WORK,
}
# Whole tables: about the shop and its goods, or traces of our work with no more than is exported above.
ABOUT_NOBODY: Mapping[str, str] = {
    **dict.fromkeys(("product", "product_text", "variant", "price"), "the shop's goods"),
    **dict.fromkeys(("shipping_rate", "tax_rate", "promotion", "promotion_terms"), "the shop's rates and codes"),
    "document_series": "how many documents there are",
    **dict.fromkeys(("reconcile_run", "reconcile_finding"), "the books held against the providers'; as the books"),
    "till_event": "keyed hashes that tell visitors apart for two days and name nobody",
    **dict.fromkeys(("installation", "lease"), "the shop's own running"),
    **dict.fromkeys(("ledger_transaction", "ledger_entry"), "the books: sums that the payments above explain"),
    **dict.fromkeys(("transition", "alarm", "idempotency_key"), "traces of states that are exported as they are"),
    "outbox_message": "mails and calls owed; it holds numbers only",
    "api_call": "what was said to the providers, kept for 30 days; its facts are the payments above",
    "inbox_event": "what the providers said, encrypted, kept for 30 days; its facts are the payments above",
}


def export(user_id: int, password: str) -> dict[str, Any]:
    """Return everything that is held about an account's person, fit for JSON; amounts are minor units.

    Raises InvalidInput for a wrong password. The request goes on record, and is part of what is handed out.
    """
    accounts.verify(user_id, password)
    now = context().clock.now()
    with unit_of_work(write=True) as session:
        user = session.get_one(User, user_id)
        accounts.attach_orders(session, user)
        session.add(AccountEvent(user_id=user_id, kind="exported", at=now))
        session.flush()

        def of(model: type[Any]) -> list[Any]:
            query = select(model).where(model.user_id == user_id).order_by(model.id)
            return list(session.scalars(query).unique())

        return {
            "made_at": now.isoformat(),
            "account": facts(user),
            "addresses": [facts(address) for address in of(Address)],
            "carts": [_cart(cart) for cart in of(Cart)],
            "orders": [_order(session, order) for order in of(Order)],
            "provider_customers": [facts(customer) for customer in of(ProviderCustomer)],
            "consents": [
                {"to": "keeping a payment method", **facts(row)} for row in (*of(SavedMethod), *of(CardSetup))
            ],
            "requests": [facts(event) for event in of(AccountEvent)],
        }


def facts(row: Any) -> dict[str, Any]:
    """Return the columns of a row that are handed out."""
    return {name: _plain(getattr(row, name)) for name in EXPORTED[type(row)]}


def _cart(cart: Cart) -> dict[str, Any]:
    lines = [
        {"sku": line.variant.sku, "name": line.variant.product.name, "label": line.variant.label, **facts(line)}
        for line in cart.lines
    ]
    return {**facts(cart), "lines": lines}


def _order(session: Session, order: Order) -> dict[str, Any]:
    def of(model: type[Any]) -> list[dict[str, Any]]:
        query = select(model).where(model.order_id == order.id).order_by(model.id)
        return [facts(row) for row in session.scalars(query)]

    return {
        **facts(order),
        "lines": [facts(line) for line in order.lines],
        "payments": [_payment(payment) for payment in order.payments],
        "promotion_uses": of(Redemption),
        "documents": of(Document),
    }


def _payment(payment: Payment) -> dict[str, Any]:
    parts: dict[str, Sequence[Any]] = {
        "attempts": payment.attempts,
        "captures": payment.captures,
        "refunds": payment.refunds,
    }
    return {**facts(payment), **{name: [facts(row) for row in rows] for name, rows in parts.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value
