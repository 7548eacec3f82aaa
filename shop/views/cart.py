"""The cart's page and what it does: add, change, take out, promotion codes; and the currency it is counted in."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask import Response as Page
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shop.errors import InvalidInput, NotFound, OutOfStock
from shop.extensions import limiter
from shop.services import carts, catalogue
from shop.views import basket, limits
from shop.views.forms import local_path, read_choice, read_quantity, read_seen, tidy
from shop.views.presentation import currency as current_currency
from shop.views.presentation import language
from shop.views.product_page import product_page
from shop.views.words import too_many_codes_words

blueprint = Blueprint("cart", __name__)


@blueprint.get("/cart")
def show() -> ResponseReturnValue:
    """Show the cart."""
    return _page()


@blueprint.post("/cart")
def add() -> ResponseReturnValue:
    """Put so many of a variant into the cart and show it; or show the product's page again and say what is wrong."""
    sku = request.form.get("sku", "")
    try:
        basket.keep(carts.add(basket.token(), sku, read_quantity(request.form), current_currency()))
    except (InvalidInput, OutOfStock) as exc:
        listing = catalogue.listing_with(sku, current_currency(), language())
        return product_page(listing, str(exc), sku), _code(exc)
    return redirect(url_for(".show"), 303)


@blueprint.post("/cart/<sku>")
def update(sku: str) -> ResponseReturnValue:
    """Set how many of a variant are wanted; take what is left of it (`action=take`) or none (`action=remove`)."""
    action = request.form.get("action")
    try:
        if action == "remove":
            carts.remove(basket.token(), sku)
        elif action == "take":
            carts.take_what_is_left(basket.token(), sku)
        else:
            carts.set_quantity(basket.token(), sku, read_quantity(request.form))
    except (InvalidInput, OutOfStock) as exc:
        return _page({sku: str(exc)}, _code(exc))
    except NotFound as exc:  # taken out in another tab
        flash(str(exc), "warning")
    return redirect(url_for(".show"), 303)


@blueprint.post("/cart/prices")
def acknowledge() -> Response:
    """Note that the new prices have been seen (`seen=SKU:1020`); they are the shop's either way."""
    carts.acknowledge(basket.token(), read_seen(request.form.getlist("seen")))
    return redirect(url_for(".show"), 303)


def _too_many_codes(limit: object) -> Page:
    """Say beside the field that it was too often, and until when; the code is not looked at."""
    seconds, code = limits.wait(), tidy(request.form.get("code", ""))
    page = make_response(_page({"code": too_many_codes_words(seconds)}, 429, code))
    page.headers["Retry-After"] = str(seconds)
    return page


@blueprint.post("/cart/promotion")
@limiter.limit(limits.CODES, on_breach=_too_many_codes)
def apply_code() -> ResponseReturnValue:
    """Put a promotion code into the cart."""
    code = tidy(request.form.get("code", ""))
    try:
        carts.apply_code(basket.token(), code)
    except InvalidInput as exc:
        return _page({"code": str(exc)}, 400, code)
    except NotFound as exc:
        flash(str(exc), "warning")
    return redirect(url_for(".show"), 303)


@blueprint.post("/cart/promotion/remove")
def drop_code() -> Response:
    """Take the promotion code out of the cart."""
    carts.drop_code(basket.token())
    return redirect(url_for(".show"), 303)


@blueprint.post("/currency")
def currency() -> Response:
    """Show prices in another currency; the cart follows."""
    session["currency"] = read_choice(request.form.get("currency"), catalogue.currencies())
    carts.change_currency(basket.token(), session["currency"])
    flash(_("Prices are in %(currency)s now.", currency=session["currency"]))
    return redirect(local_path(request.form.get("next"), url_for("catalogue.home")), 303)


def _page(errors: Mapping[str, str] | None = None, code: int = 200, typed: str = "") -> ResponseReturnValue:
    """Return the cart's page; `errors` by sku, and "code" for the promotion code that was `typed`."""
    cart = carts.contents(basket.token(), current_currency())
    if cart.token is not None:
        session["currency"] = cart.currency  # it may have been changed on another device
    return render_template("cart/show.html", cart=cart, errors=errors or {}, typed=typed), code


def _code(error: InvalidInput | OutOfStock) -> int:
    return 400 if isinstance(error, InvalidInput) else 409
