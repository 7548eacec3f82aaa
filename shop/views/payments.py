"""What the pay page asks of the server: begin a payment, settle it, say where it stands. JSON in and out."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from shop.errors import NotFound, OurBug, OutcomeUnknown, ProviderUnavailable, TooManyTries, TryLater
from shop.extensions import limiter
from shop.gateways.base import Provider
from shop.models import Order
from shop.services import orders, payments, tokens, wallets
from shop.services.formats import money
from shop.services.payments import Outcome, Status
from shop.services.providers import available, context
from shop.views.limits import questions, starts
from shop.views.visitor import visitor
from shop.views.words import decline_words, too_many_words

log = structlog.get_logger()
blueprint = Blueprint("payments", __name__, url_prefix="/pay/<token>")


@blueprint.post("/stripe")
@limiter.limit(starts)
def start_stripe(token: str) -> tuple[Response, int]:
    """Begin the card or bank payment: {client_secret, return_url}, or 202 to ask again, or 503 with what to offer."""
    ready, unanswered = _start(token, Provider.STRIPE)
    if ready is None:
        return unanswered
    return_url = context().settings.public_url + url_for("pay.return_page", token=token)
    return jsonify(client_secret=ready.client_secret, return_url=return_url), 200


@blueprint.post("/paypal")
@limiter.limit(starts)
def start_paypal(token: str) -> tuple[Response, int]:
    """Begin the PayPal payment: {orderId, approve_url}, or 202 to ask again, or 503 with what to offer."""
    ready, unanswered = _start(token, Provider.PAYPAL)
    if ready is None:
        return unanswered
    return jsonify(orderId=ready.external_id, approve_url=ready.approve_url), 200


@blueprint.post("/cards")
@limiter.limit(starts)
def saved_cards(token: str) -> Response:
    """Say by which secret the card form shows its owner's saved cards: {secret}, empty where Stripe does not answer."""
    order = orders.by_token(token)
    if not current_user.is_authenticated or order.user_id != current_user.id:
        raise NotFound(_("There is no such order."))
    try:
        return jsonify(secret=wallets.open_session(current_user.id, Provider.STRIPE))
    except TryLater:
        return jsonify(secret="")
    except OurBug:  # the cards cannot be shown; a new one can be typed in
        log.exception("saved_cards_not_shown", order_id=order.id)
        return jsonify(secret="")


@blueprint.post("/paypal/approved")
@limiter.limit(questions)
def paypal_approved(token: str) -> Response:
    """Take the money that was approved in PayPal's window, and say where the payment stands."""
    order = orders.by_token(token)
    return jsonify(_told(payments.approved(order.id)))


@blueprint.get("/status")
def status(token: str) -> Response:
    """Say where the payment stands, from what is known here; the return page asks this every few seconds."""
    order = orders.by_token(token)
    return jsonify(_told(payments.status(order.id)))


def _start(token: str, provider: Provider) -> tuple[payments.Ready | None, tuple[Response, int]]:
    order = orders.by_token(token)
    offer = [str(other) for other in available() if other is not provider]
    if _shows_another_total(order):
        message = _("The total has changed: it is now %(total)s.", total=money(order.money(order.total)))
        return None, (jsonify(error="total_changed", message=message), 409)
    try:
        return payments.start(order.id, provider, who=visitor()), (jsonify(), 200)
    except TooManyTries as exc:
        told = jsonify(
            error="refused" if exc.is_refused else "slowed",
            message=too_many_words(exc.is_refused),
            offer=offer,
        )
        told.headers["Retry-After"] = str(exc.seconds)
        return None, (told, 429)
    except OutcomeUnknown:
        return None, (jsonify(status="confirming"), 202)
    except (ProviderUnavailable, OurBug) as exc:
        if isinstance(exc, OurBug):  # ours to mend, as keys that are refused; the customer has another way to pay
            log.exception("payment_not_begun", order_id=order.id, provider=provider)
        message = _("This way to pay does not answer at the moment. Nothing was charged.")
        return None, (jsonify(error="provider_unavailable", message=message, offer=offer), 503)


def _shows_another_total(order: Order) -> bool:
    """Tell whether the page was opened at another total, which is told before anything is charged.

    What the page sends is compared and never used: the shop knows its own amounts.
    """
    shown = request.get_json(silent=True)
    if not isinstance(shown, dict) or "amount" not in shown:
        return False
    return (shown.get("amount"), shown.get("currency")) != (order.total, order.currency)


def _told(found: Status) -> dict[str, Any]:
    """Return a status as the pages want it: `redirect` says where to go on, `answer` which answer it rests on."""
    token = tokens.for_order(found.order.public_id)
    told: dict[str, Any] = {"state": str(found.outcome), "answer": found.answer}
    if found.outcome is Outcome.PAID:
        told["redirect"] = url_for("orders.receipt", token=token)
    if found.outcome is Outcome.AUTHORIZED:
        told["redirect"] = url_for("pay.return_page", token=token)
    if found.outcome is Outcome.FAILED:
        told["message"] = decline_words(found.decline_code, found.decline_advice)
        told["redirect"] = url_for("pay.page", token=token)
    if found.outcome is Outcome.ENDED:
        told["redirect"] = url_for("pay.page", token=token)
    return told
