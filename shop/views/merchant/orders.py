"""Orders at the desk: found, exported, looked at with their whole timeline, synchronised, sent."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.errors import DocumentNotReady, OurBug, TryLater
from shop.gateways.base import INTERACTIVE
from shop.models import Order
from shop.services import desk, documents, payments, preorders, timeline
from shop.services.desk import Filters
from shop.services.providers import context
from shop.views.forms import read_page
from shop.views.merchant import forms, words

blueprint = Blueprint("orders", __name__)

COLUMNS = (
    "number", "placed_at", "paid_at", "state", "review", "name", "email", "country", "currency", "total", "tax",
    "captured", "refunded", "providers",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins with one of these


@blueprint.get("/")
def index() -> str:
    """Show the orders that match, page by page."""
    filters = forms.read_filters(request.args)
    found = desk.find(filters, read_page(request.args))
    return render_template(
        "merchant/orders.html",
        found=found,
        filters=filters,
        address=forms.address_of(filters),
        review_words=words.review_words,
    )


@blueprint.get("/orders.csv")
def export() -> Response:
    """Send all orders that match as a table, a piece at a time."""
    filters = forms.read_filters(request.args)
    headers = {"Content-Disposition": "attachment; filename=orders.csv"}
    return Response(stream_with_context(_table(filters)), content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.get("/orders/<public_id>")
def show(public_id: str) -> str:
    """Show one order: its figures, its payments, what may be done, and everything that happened."""
    order = desk.order(public_id)
    money_only = request.args.get("show") == "money"
    return render_template(
        "merchant/order.html",
        order=order,
        newer=desk.order_ids([order.replaced_by_id]).get(order.replaced_by_id) if order.replaced_by_id else None,
        alarms=desk.alarms_of(order.id),
        allowed=desk.allowed,
        timeline=timeline.of_order(order, _before(), money_only=money_only),
        money_only=money_only,
        documents=documents.of_order(order.id),
        document_title=documents.title,
        token=forms.token(),
        reason_words=words.reason_words,
        review_words=words.review_words,
        lapse_words=words.lapse_words,
        ships_from=preorders.ships_from(order),
        is_held_until_sent=preorders.is_held_until_sent,
        now=context().clock.now(),
    )


@blueprint.get("/orders/<public_id>/documents/<number>.pdf")
def document(public_id: str, number: str) -> ResponseReturnValue:
    """Hand out one of an order's documents as a PDF; where it cannot be made, say so."""
    order = desk.order(public_id)
    wanted = documents.one(order.id, number)
    try:
        pdf = documents.as_pdf(wanted)
    except DocumentNotReady:
        flash(_("The PDF of %(number)s could not be made just now. Please try again.", number=wanted.number), "warning")
        return _back(order)
    headers = {"Content-Disposition": f"attachment; filename={wanted.number}.pdf"}
    return Response(pdf, mimetype="application/pdf", headers=headers)


@blueprint.post("/orders/<public_id>/sync")
def sync(public_id: str) -> ResponseReturnValue:
    """Ask the provider what is true of a payment, and apply it."""
    order = desk.order(public_id)
    payment = forms.payment_of(order, request.form.get("payment", ""))
    try:
        payments.refresh(payment.id, forms.actor(), INTERACTIVE)
        flash(_("This is what the provider says now."))
    except TryLater:
        flash(_("The provider does not answer at the moment. Nothing has changed."), "warning")
    except OurBug as exc:
        flash(_("The provider refused the question: %(reason)s", reason=str(exc)), "danger")
    return _back(order)


@blueprint.post("/orders/<public_id>/fulfil")
def fulfil(public_id: str) -> ResponseReturnValue:
    """Mark an order as sent."""
    order = desk.order(public_id)
    desk.fulfil(order.id, forms.actor())
    flash(_("The order is marked as sent."))
    return _back(order)


@blueprint.post("/orders/<public_id>/receipt")
def resend(public_id: str) -> ResponseReturnValue:
    """Send the receipt once more."""
    order = desk.order(public_id)
    desk.resend_receipt(order.id, forms.given_token(request.form))
    flash(_("The receipt is on its way to %(email)s once more.", email=order.email))
    return _back(order)


def _back(order: Order) -> ResponseReturnValue:
    return redirect(url_for("merchant.orders.show", public_id=order.public_id), 303)


def _before() -> datetime | None:
    try:
        moment = datetime.fromisoformat(request.args.get("before", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _table(filters: Filters) -> Iterator[str]:
    yield _line(COLUMNS)
    for order in desk.export(filters):
        yield _line(_cells(order))


def _cells(order: Order) -> tuple[str, ...]:
    captured = sum(payment.captured for payment in order.payments)
    amounts = (order.money(amount).to_decimal() for amount in (order.total, order.tax, captured, order.refunded))
    providers = " ".join(sorted({str(payment.provider) for payment in order.payments}))
    placed = order.placed_at.isoformat(timespec="seconds")
    paid = order.paid_at.isoformat(timespec="seconds") if order.paid_at else ""
    figures = (f"{amount:f}" for amount in amounts)
    states = (str(order.state), str(order.review))
    who = (order.name, order.email, order.country)
    return (order.number, placed, paid, *states, *who, order.currency, *figures, providers)


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)
    return text.getvalue()
