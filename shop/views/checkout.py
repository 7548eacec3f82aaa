"""Checkout: contact, address and shipping on one page; it ends with an order and goes on to the pay page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import current_user

from shop.errors import InvalidInput, OutOfStock
from shop.extensions import limiter
from shop.services import carts, shipping, tokens
from shop.services.checkout import place_order
from shop.services.formats import country as country_name
from shop.services.quote import quote
from shop.views.forms import CheckoutForm, read_checkout
from shop.views.limits import starts
from shop.views.presentation import currency

blueprint = Blueprint("checkout", __name__)
HOME = "DE"


@blueprint.get("/checkout")
def show() -> ResponseReturnValue:
    """Show the empty form, with what is known of somebody signed in."""
    known = {"country": HOME}
    if current_user.is_authenticated:
        known |= {"email": current_user.email, "name": current_user.name}
    return _page(CheckoutForm(read_checkout(known).values, {}))


@blueprint.post("/checkout")
@limiter.limit(starts)
def place() -> ResponseReturnValue:
    """Place the order and go on to pay; or, for `action=refresh`, show the form with new figures."""
    form = read_checkout(request.form)
    if request.form.get("action") == "refresh":
        return _page(CheckoutForm(form.values, {}))
    if form.errors:
        return _page(form, 400)
    user_id = current_user.id if current_user.is_authenticated else None
    try:
        order = place_order(session.get("cart", ""), form.details(_locale()), user_id, _expected())
    except OutOfStock as exc:
        flash(str(exc), "warning")
        return redirect(url_for("cart.show"), 303)
    except InvalidInput as exc:
        return _page(CheckoutForm(form.values, {exc.field: str(exc)}), 409)
    return redirect(url_for("pay.page", token=tokens.for_order(order.public_id)), 303)


def _page(form: CheckoutForm, code: int = 200) -> ResponseReturnValue:
    cart = carts.contents(session.get("cart"), currency())
    if not cart.is_ready:
        return redirect(url_for("cart.show"), 303)
    countries = sorted(((code, country_name(code)) for code in shipping.countries(cart.currency)), key=lambda c: c[1])
    figures = quote(cart, form.values["country"], form.values["shipping"])
    page = render_template("checkout/show.html", cart=cart, form=form, quote=figures, countries=countries)
    return page, code


def _expected() -> int | None:
    text = request.form.get("expected_total", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else None


def _locale() -> str:
    return str(get_locale() or "en")
