"""Payment methods: the cards that an account has saved, and saving another one."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user, login_required

from shop.errors import OurBug, OutcomeUnknown, ProviderUnavailable, StillNeeded, TooManyTries, TryLater
from shop.extensions import limiter
from shop.gateways.base import Provider
from shop.gateways.wallets import SetupState
from shop.models import SavedMethod
from shop.services import wallets
from shop.services.formats import paid_with
from shop.services.providers import context
from shop.views.limits import questions, starts
from shop.views.presentation import currency
from shop.views.visitor import visitor
from shop.views.words import consent_words, known_advices, known_declines, saving_words, too_many_words

log = structlog.get_logger()
blueprint = Blueprint("cards", __name__, url_prefix="/account/payment-methods")
KEEPER = Provider.STRIPE  # PayPal remembers its customers by itself


@blueprint.before_request
@login_required  # type: ignore[untyped-decorator]  # Flask-Login has no types
def _only_signed_in() -> None:
    """Every page here is of the account that is signed in."""


@blueprint.get("")
def index() -> str:
    """Show the account's saved cards, as the provider has them now where it answers."""
    is_fresh = KEEPER not in context().wallets or wallets.look(current_user.id, KEEPER)
    return render_template(
        "account/payment_methods.html",
        methods=[(method, _state(method)) for method in wallets.of_user(current_user.id)],
        is_fresh=is_fresh,
        can_add=KEEPER in context().wallets,
    )


@blueprint.get("/<public_id>/remove")
def ask_to_remove(public_id: str) -> str:
    """Ask once more before a card is removed."""
    return render_template("account/remove_card.html", method=wallets.one_of(current_user.id, public_id))


@blueprint.post("/<public_id>/remove")
def remove(public_id: str) -> ResponseReturnValue:
    """Remove a card; the last one stays while something is to be charged on it."""
    try:
        method = wallets.remove(current_user.id, public_id)
    except StillNeeded as exc:
        flash(str(exc), "warning")
    else:
        flash(_("%(card)s is removed.", card=paid_with(method)))
    return redirect(url_for(".index"), 303)


@blueprint.post("/<public_id>/default")
def make_default(public_id: str) -> ResponseReturnValue:
    """Have a card chosen beforehand at the till."""
    try:
        method = wallets.make_default(current_user.id, public_id)
    except TryLater:
        flash(_("That could not be changed at the moment. Please try again in a minute."), "warning")
    else:
        flash(_("%(card)s is chosen beforehand from now on.", card=paid_with(method)))
    return redirect(url_for(".index"), 303)


@blueprint.get("/add")
def add() -> ResponseReturnValue:
    """Show the form that saves a card; it stands in a frame of Stripe's."""
    settings = context().settings.stripe
    if settings is None:
        return redirect(url_for(".index"), 303)
    return render_template(
        "account/add_card.html",
        key=settings.publishable_key,
        script=settings.js_url,
        currency_code=currency(),
        script_locale=str(get_locale() or "en").replace("_", "-"),
        consent=consent_words(),
        declines=known_declines(),
        advices=known_advices(),
        saving_words=saving_words,
    )


@blueprint.post("/setup")
@limiter.limit(starts)
def start() -> ResponseReturnValue:
    """Begin to save a card: {client_secret, return_url}; 202 to ask again, 429 to wait, 503 when Stripe is away."""
    try:
        ready = wallets.start(current_user.id, KEEPER, visitor())
    except TooManyTries as exc:
        answer = jsonify(error="slowed", message=too_many_words(exc.is_refused))
        return answer, 429, {"Retry-After": str(exc.seconds)}
    except OutcomeUnknown:
        return jsonify(status="confirming"), 202
    except (ProviderUnavailable, OurBug) as exc:
        if isinstance(exc, OurBug):
            log.exception("saving_not_begun", user_id=current_user.id)
        message = _("Saving a card does not answer at the moment. Please try again in a minute.")
        return jsonify(error="provider_unavailable", message=message), 503
    return_url = context().settings.public_url + url_for(".return_page")
    return jsonify(client_secret=ready.client_secret, return_url=return_url)


@blueprint.get("/return")
@limiter.limit(questions)
def return_page() -> str | Response:
    """Say what became of the saving. Stripe's return address carries the secret: a clean address takes its place."""
    if request.args:
        return redirect(url_for(".return_page"), 303)  # type: ignore[return-value]  # werkzeug's own class of it
    setup = wallets.settle(current_user.id)
    if setup is not None and setup.state is SetupState.SUCCEEDED:
        flash(_("The card is saved. It is offered to you when you pay."))
        return redirect(url_for(".index"), 303)  # type: ignore[return-value]  # the same
    decline = saving_words(setup.decline_code, setup.decline_advice) if setup and setup.decline_code else ""
    return render_template("account/card_return.html", setup=setup, decline=decline)


def _state(method: SavedMethod) -> str:
    """Return "expired", "expiring" or "" for a card, by the date where the shop is."""
    today = context().clock.now().date()
    if method.is_expired(today):
        return "expired"
    return "expiring" if method.is_expiring(today) else ""
