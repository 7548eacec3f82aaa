"""Mails to customers: composed from templates when they are sent, once for each reason."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import render_template
from flask_babel import force_locale

from shop.models import Order, OutboxMessage, Refund
from shop.models.order import ERASED
from shop.services import post, tokens
from shop.services.outbox import Handler
from shop.services.providers import context
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


def handlers() -> dict[str, Handler]:
    """Return the outbox's handlers of mails, by kind: "mail.receipt" and its like."""
    return {f"mail.{kind}": partial(_send, kind) for kind in KINDS}


def compose(kind: str, order: Order, **extra: Any) -> tuple[str, str, str]:
    """Return subject, text and HTML of a mail about an order, in the order's own language."""
    token = tokens.for_order(order.public_id)
    base = context().settings.public_url
    values = {
        "order": order,
        "brand": context().settings.brand,
        "receipt_url": f"{base}/orders/{token}/receipt",
        "pay_url": f"{base}/pay/{token}",
        **extra,
    }
    with force_locale(order.locale):
        subject = render_template(f"mail/{kind}.subject.txt", **values).strip()
        return subject, render_template(f"mail/{kind}.txt", **values), render_template(f"mail/{kind}.html", **values)


def _send(kind: str, message: OutboxMessage) -> None:
    """Compose and send one mail. Its Message-ID comes from the outbox row, so a repeat is the same mail."""
    with unit_of_work() as session:
        order = session.get_one(Order, int(message.payload["order"]))
        refund_id = message.payload.get("refund")
        refund = session.get_one(Refund, int(refund_id)) if refund_id is not None else None
    if order.email.endswith(ERASED):
        return  # whoever bought has asked to be forgotten
    reference = f"{message.kind}.{message.id}.{order.public_id.lower()}"
    post.hand_over(kind, reference, order.email, order.locale, compose(kind, order, refund=refund))
