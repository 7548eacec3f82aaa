"""Mails to customers: composed from templates when they are sent, once for each reason."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import render_template
from flask_babel import force_locale

from shop import mailer
from shop.models import Order, OutboxMessage, Refund
from shop.services import metrics, tokens
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
    settings = context().settings
    subject, text, html = compose(kind, order, refund=refund)
    host = settings.mail_from.rpartition("@")[2].rstrip(">")
    mail = mailer.Mail(
        message_id=f"{message.kind}.{message.id}.{order.public_id.lower()}@{host}",
        sender=settings.mail_from,
        to=order.email,
        subject=subject,
        text=text,
        html=html,
        language=order.locale,
    )
    try:
        mailer.send(mail, settings.smtp_url)
    except OSError:
        metrics.mails.labels(kind, "failed").inc()
        raise
    metrics.mails.labels(kind, "sent").inc()
