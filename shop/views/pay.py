"""The pay page and the page a customer comes back to. What their scripts ask for is in `views/payments.py`."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from shop.extensions import limiter
from shop.gateways.base import Provider
from shop.models import Order
from shop.services import orders, payments, preorders, tokens, wallets
from shop.services.payments import Outcome, Status
from shop.services.providers import available, context
from shop.views import basket
from shop.views.limits import questions
from shop.views.words import consent_words, decline_words, known_advices, known_declines

blueprint = Blueprint("pay", __name__, url_prefix="/pay/<token>")


@dataclass(frozen=True)
class Method:
    """A way to pay as the page needs it: the public key, where the provider's script is, and if it answers now."""

    key: str
    script: str
    answers: bool


@blueprint.get("")
def page(token: str) -> str | Response | tuple[str, int]:
    """Show the ways to pay; an order that is paid, being paid or over goes where that is told."""
    found = payments.told(payments.status(orders.by_token(token).id))
    if found.outcome is Outcome.PAID:
        return redirect(url_for("orders.receipt", token=token), 303)
    if found.outcome in (Outcome.PROCESSING, Outcome.AUTHORIZED):
        return redirect(url_for(".return_page", token=token), 303)
    if found.outcome is Outcome.ENDED:
        return _ended(found.order)
    return render_template(
        "payment/pay.html",
        order=found.order,
        token=token,
        methods=_methods(),
        ships_from=preorders.ships_from(found.order),
        held_until_sent=[provider for provider in Provider if preorders.charged_when_sent(found.order, provider)],
        declines=known_declines(),
        advices=known_advices(),
        decline_words=decline_words,
        consent=consent_words() if _is_theirs(found.order) else "",
        saved=_cards_shown(found.order),
        is_begun_here=_is_begun_here(found.order),
        **_words(found),
    )


@blueprint.get("/return")
@limiter.limit(questions)
def return_page(token: str) -> str | Response:
    """Say what became of the payment; ask the provider once, and let the page ask on.

    Stripe's return address carries the client secret and PayPal's the payer: a clean address takes their place.
    """
    if request.args:
        if "PayerID" in request.args:  # PayPal adds it after an approval; whether that is true shows at the capture
            payments.approved(orders.by_token(token).id)
        if _is_of_another(orders.by_token(token), request.args.get("payment_intent") or request.args.get("token")):
            flash(_("The address you came by belongs to another payment. This is where your order stands."), "plain")
        return redirect(url_for(".return_page", token=token), 303)
    found = payments.told(payments.settle(orders.by_token(token).id))
    if found.outcome is Outcome.PAID:
        return redirect(url_for("orders.receipt", token=token), 303)
    if found.outcome is Outcome.ENDED:
        return redirect(url_for(".page", token=token), 303)
    return render_template(
        "checkout/return.html",
        order=found.order,
        token=token,
        answer=found.answer,
        charged_before_sent=preorders.is_charged_before_sent(found.order),
        **_words(found),
    )


def _ended(order: Order) -> tuple[str, int]:
    """Say that nothing more is to be paid, and where to go on: to the order that took its place, if it is theirs."""
    newer = orders.successor(order)
    onward = url_for(".page", token=tokens.for_order(newer.public_id)) if newer is not None else ""
    return render_template("payment/ended.html", order=order, newer=newer, onward=onward), 410


def _is_theirs(order: Order) -> bool:
    """Tell whether the visitor's own saved cards may be shown: the account that placed the order is signed in."""
    return bool(current_user.is_authenticated and order.user_id == current_user.id)


def _is_begun_here(order: Order) -> bool:
    """Tell whether this browser's cart made the order: then its checkout is filled in, and changes it."""
    begun = orders.begun(basket.token(), current_user.id if current_user.is_authenticated else None)
    return begun is not None and begun.id == order.id


def _cards_shown(order: Order) -> int:
    """Return how many saved cards the form is going to show, so that the page can keep room for it."""
    if not _is_theirs(order):
        return 0
    today = context().clock.now().date()
    return sum(not method.is_expired(today) for method in wallets.of_user(current_user.id))


def _is_of_another(order: Order, external_id: str | None) -> bool:
    return bool(external_id) and all(payment.external_id != external_id for payment in order.payments)


def _words(found: Status) -> dict[str, str]:
    failed = found.outcome is Outcome.FAILED
    return {
        "outcome": str(found.outcome),
        "decline": decline_words(found.decline_code, found.decline_advice) if failed else "",
        "script_locale": str(get_locale() or "en").replace("_", "-"),
    }


def _methods() -> dict[str, Method]:
    """Return the ways to pay that are set up, with the card first; which of them answers is known by the breaker."""
    settings, answering = context().settings, available()
    methods = {}
    if settings.stripe is not None:
        here = Provider.STRIPE in answering
        methods["stripe"] = Method(settings.stripe.publishable_key, settings.stripe.js_url, here)
    if settings.paypal is not None:
        here = Provider.PAYPAL in answering
        methods["paypal"] = Method(settings.paypal.client_id, settings.paypal.sdk_url, here)
    return methods
