"""Reserved money at the desk: the two answers to an order under review, taking all or a part, letting go.

Each form may be sent twice: a repeat of the same answer changes nothing, and a different one is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.errors import Declined, InvalidInput, NothingToCapture, OurBug, PaymentInFlight, TryLater
from shop.gateways.base import INTERACTIVE
from shop.models import Order, Payment
from shop.services import approvals, desk, payments
from shop.services.desk import Action
from shop.views.merchant import forms, words

blueprint = Blueprint("holds", __name__, url_prefix="/orders/<public_id>")

REFUSALS = (NothingToCapture, PaymentInFlight, Declined, OurBug)


@blueprint.post("/approve")
def approve(public_id: str) -> ResponseReturnValue:
    """Let an order under review through, and take its money."""
    order = desk.order(public_id)
    try:
        order = approvals.approve(order.id, forms.actor(), INTERACTIVE)
    except REFUSALS as exc:
        flash(words.refusal_words(exc), "danger")
    else:
        flash(words.approved_words(order, payments.authorized(order)))
    return _back(order)


@blueprint.get("/reject")
def ask_reject(public_id: str) -> ResponseReturnValue:
    """Ask whether an order is to be rejected, with what the customer will be told."""
    order = desk.order(public_id)
    if Action.REJECT not in desk.allowed(order):
        flash(_("This order does not wait for an answer."), "warning")
        return _back(order)
    return _confirm(order, url_for(".reject", public_id=order.public_id), is_review=True)


@blueprint.post("/reject")
def reject(public_id: str) -> ResponseReturnValue:
    """Turn an order under review down, and let its money go."""
    order = desk.order(public_id)
    try:
        order = approvals.reject(order.id, forms.actor(), INTERACTIVE)
    except REFUSALS as exc:
        flash(words.refusal_words(exc), "danger")
    else:
        flash(words.rejected_words(order))
    return _back(order)


@blueprint.get("/payments/<payment_id>/capture")
def ask_capture(public_id: str, payment_id: str) -> str:
    """Show how much can be taken."""
    order = desk.order(public_id)
    return _capture(order, forms.payment_of(order, payment_id), {"how": "whole"}, {})


@blueprint.post("/payments/<payment_id>/capture")
def capture(public_id: str, payment_id: str) -> ResponseReturnValue:
    """Take what is reserved, or a part of it; more than is reserved is refused beside its field."""
    order = desk.order(public_id)
    payment = forms.payment_of(order, payment_id)
    try:
        amount = forms.read_capture(request.form, payment)
        payment = approvals.charge(payment.id, amount, forms.actor(), INTERACTIVE)
    except InvalidInput as exc:
        return _capture(order, payment, request.form, {exc.field: str(exc)}), 400
    except TryLater:
        flash(_("The provider does not answer. It is written down, and the money is taken by itself."), "warning")
    except REFUSALS as exc:
        flash(words.refusal_words(exc), "danger")
    else:
        flash(words.captured_words(payment))
    return _back(order)


@blueprint.get("/payments/<payment_id>/void")
def ask_void(public_id: str, payment_id: str) -> ResponseReturnValue:
    """Ask whether a reservation is to be let go, with what the customer will be told."""
    order = desk.order(public_id)
    payment = forms.payment_of(order, payment_id)
    if Action.VOID not in desk.allowed(order, payment):
        flash(words.refusal_words(NothingToCapture()), "warning")
        return _back(order)
    action = url_for(".void", public_id=order.public_id, payment_id=payment.public_id)
    return _confirm(order, action, is_review=False)


@blueprint.post("/payments/<payment_id>/void")
def void(public_id: str, payment_id: str) -> ResponseReturnValue:
    """Let a reservation go: the order ends."""
    order = desk.order(public_id)
    payment = forms.payment_of(order, payment_id)
    try:
        payments.void(payment.id, forms.actor(), INTERACTIVE)
    except TryLater:
        flash(_("The provider does not answer. It is written down, and the money is let go by itself."), "warning")
    except REFUSALS as exc:
        flash(words.refusal_words(exc), "danger")
    else:
        flash(_("The reservation is let go and the order is cancelled. The customer is told by mail."))
    return _back(order)


def _capture(order: Order, payment: Payment, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "merchant/capture.html",
        order=order,
        payment=payment,
        is_possible=Action.CAPTURE in desk.allowed(order, payment),
        is_held=Action.APPROVE in desk.allowed(order),
        values=values,
        errors=errors,
    )


def _confirm(order: Order, action: str, *, is_review: bool) -> str:
    mail = approvals.farewell(order)
    reserved = payments.authorized(order)
    return render_template(
        "merchant/let_go.html", order=order, action=action, mail=mail, reserved=reserved, is_review=is_review
    )


def _back(order: Order) -> ResponseReturnValue:
    return redirect(url_for("merchant.orders.show", public_id=order.public_id), 303)
