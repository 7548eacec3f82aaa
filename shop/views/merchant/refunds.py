"""The refund dialog: a page of its own, so that it works without a script."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.errors import InvalidInput, NotFound, NothingToRefund, OurBug, RefundedMeanwhile, TryLater
from shop.gateways.base import INTERACTIVE, RefundState
from shop.models import Order, Payment, Refund
from shop.services import desk, refund_amount, refunds
from shop.services.desk import Action
from shop.views.merchant import forms, words

blueprint = Blueprint("refunds", __name__, url_prefix="/orders/<public_id>/payments/<payment_id>/refund")


@blueprint.get("")
def show(public_id: str, payment_id: str) -> str:
    """Show the form; it carries a token of its own, which the refund keeps."""
    order, payment = _found(public_id, payment_id)
    return _page(order, payment, {"token": forms.token()}, {})


@blueprint.post("")
def ask(public_id: str, payment_id: str) -> ResponseReturnValue:
    """Ask for a refund; the same form sent twice is one refund, and too much is refused beside its field."""
    order, payment = _found(public_id, payment_id)
    form = request.form
    try:
        token, amount = forms.given_token(form), forms.read_refund(form, order, payment)
        seen = forms.read_seen(form)
        made = refunds.request(payment.id, amount, form.get("reason", ""), forms.actor(), token, seen, INTERACTIVE)
    except InvalidInput as exc:
        return _page(order, payment, form, {exc.field: str(exc)}), 400
    except RefundedMeanwhile as exc:
        return _page(*_found(public_id, payment_id), form, {"how": str(exc)}), 409
    except NothingToRefund as exc:
        order, payment = _found(public_id, payment_id)
        return _page(order, payment, form, {_field(form): _too_much(exc, payment)}), 409
    except TryLater:
        flash(_("The provider does not answer. The refund is written down and goes out by itself."), "warning")
    except OurBug as exc:
        flash(words.refusal_words(exc), "danger")
    else:
        flash(*_told(made))
    return _back(order)


def _found(public_id: str, payment_id: str) -> tuple[Order, Payment]:
    order = desk.order(public_id)
    for payment in order.payments:
        if payment.public_id == payment_id and payment.captures:
            return order, payment
    raise NotFound(_("There is no such payment."))


def _page(order: Order, payment: Payment, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "merchant/refund.html",
        order=order,
        payment=payment,
        left=refund_amount.left(payment),
        shipping=refund_amount.of_shipping(order),
        is_possible=Action.REFUND in desk.allowed(order, payment),
        reasons=[(reason, words.reason_words(reason)) for reason in refunds.REASONS],
        values=values,
        errors=errors,
    )


def _field(form: Mapping[str, str]) -> str:
    """Return the field that asked for too much."""
    how = form.get("how", "")
    return how if how in forms.HOW else "how"


def _too_much(exc: NothingToRefund, payment: Payment) -> str:
    return str(exc) if payment.captured > payment.refunded else str(_("Everything has been given back already."))


def _told(made: Refund) -> tuple[str, str]:
    """Return what to say of a refund, and how."""
    match made.state:
        case RefundState.SUCCEEDED:
            return _("The refund is made. The customer is told by mail."), "message"
        case RefundState.FAILED:
            return _("The provider refused the refund: %(reason)s", reason=made.failure), "danger"
        case _:
            return _("The refund is on its way. The provider says when it has arrived."), "message"


def _back(order: Order) -> ResponseReturnValue:
    return redirect(url_for("merchant.orders.show", public_id=order.public_id), 303)
