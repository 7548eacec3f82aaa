"""What the shop holds about a person, handed to them whole (GDPR, articles 15 and 20).

The tables below name every column that is handed out, and every one that is not, with the reason; a test compares
them with the models, so that a new column is decided on and not forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from shop.models import AccountEvent, Address, Attempt, Capture, Cart, CartLine, Order, OrderLine, Payment, Refund, User
from shop.services import accounts
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

_WHERE = ("name", "line1", "line2", "city", "region", "postal_code", "country")
EXPORTED: Mapping[type[Any], Sequence[str]] = {
    User: ("email", "name", "pending_email", "email_confirmed_at", "locale", "company", "vat_id", "created_at"),
    Address: (*_WHERE, "is_default", "created_at"),
    Cart: ("currency", "updated_at"),
    CartLine: ("quantity",),
    Order: (
        "number", "state", "email", "locale", "currency", "items", "shipping", "discount", "tax", "tax_is_estimated",
        "total", "shipping_name", *_WHERE, "placed_at", "expires_at", "paid_at",
    ),
    OrderLine: ("sku", "name", "label", "quantity", "unit_amount", "tax", "tax_basis_points"),
    Payment: (
        "provider", "external_id", "state", "amount", "currency", "method_kind", "method_brand", "method_last4",
        "method_payer", "created_at", "captured_at",
    ),
    Attempt: ("external_id", "state", "amount", "decline_code", "decline_message", "at"),
    Capture: ("external_id", "amount", "at"),
    Refund: ("external_id", "state", "amount", "currency", "reason", "created_at", "settled_at"),
    AccountEvent: ("at", "kind"),
}  # fmt: skip
_KEY = "a number of our own, which says nothing about the person"
_WORK = "how far our own machinery has come"
LEFT_OUT: Mapping[str, str] = {
    "user_account.password_hash": "would help whoever finds the file to guess the password",
    "user_account.is_merchant": "a role in the shop",
    "user_account.session_epoch": _WORK,
    "address.public_id": _KEY,
    "cart.token": "opens the cart",
    "cart_line.variant_id": "the article is named by its number and name",
    "orders.public_id": "opens the order's page",
    "orders.stock_state": _WORK,
    "orders.erase_at": "stands only where the account is deleted",
    "order_line.variant_id": _KEY,
    "payment.public_id": "our reference at the provider",
    "payment.mode": _WORK,
    "payment.capture_later": _WORK,
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
    "refund.failure": "the provider's words to us",
    "refund.requested_by": "who works for the merchant",
    "refund.ticket": _WORK,
    "refund.applied_ticket": _WORK,
    "refund.checks": _WORK,
    "refund.next_check_at": _WORK,
    "account_event.email": "kept until the mail is sent only; it is the account's",
    "account_event.name": "kept until the mail is sent only; it is the account's",
    "account_event.locale": "as the account's",
    "account_event.until": _WORK,
}
# Whole tables: about the shop and its goods, or traces of our work with no more than is exported above.
ABOUT_NOBODY: Mapping[str, str] = {
    **dict.fromkeys(("product", "variant", "price", "shipping_rate", "tax_rate"), "the shop's goods and rates"),
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
            "orders": [_order(order) for order in of(Order)],
            "consents": [],
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


def _order(order: Order) -> dict[str, Any]:
    lines, payments = [facts(line) for line in order.lines], [_payment(payment) for payment in order.payments]
    return {**facts(order), "lines": lines, "payments": payments}


def _payment(payment: Payment) -> dict[str, Any]:
    parts: dict[str, Sequence[Any]] = {
        "attempts": payment.attempts,
        "captures": payment.captures,
        "refunds": payment.refunds,
    }
    return {**facts(payment), **{name: [facts(row) for row in rows] for name, rows in parts.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value
