"""Checkout: contact, address, company and shipping on one page; it ends with an order and goes on to the pay page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import current_user

from shop.errors import InvalidInput, OutOfStock
from shop.extensions import limiter
from shop.services import carts, shipping, tokens
from shop.services.checkout import place_order
from shop.services.formats import countries as in_order
from shop.services.quote import Destination, quote
from shop.services.tax import TaxUnavailable
from shop.views import basket, saved_addresses
from shop.views.addresses import layout
from shop.views.forms import CheckoutForm, read_checkout
from shop.views.limits import quotes, starts
from shop.views.presentation import currency, home

blueprint = Blueprint("checkout", __name__)


@blueprint.get("/checkout")
def show() -> ResponseReturnValue:
    """Show the form with what is known: of somebody signed in, and of an order that was placed and not paid yet."""
    known = {"country": home()} | saved_addresses.known()
    return _page(read_checkout(known).but())


@blueprint.post("/checkout")
@limiter.limit(starts, exempt_when=lambda: _is_refresh() or _drops_code())
@limiter.limit(quotes)
def place() -> ResponseReturnValue:
    """Place the order and go on to pay; or show the form with new figures (`action=refresh`), or without the code."""
    form = read_checkout(request.form)
    if _drops_code():
        carts.drop_code(basket.token())
    if _is_refresh() or _drops_code():
        return _page(form.but())
    if form.errors:
        return _page(form, 400)
    user_id = current_user.id if current_user.is_authenticated else None
    try:
        order = place_order(basket.token() or "", form.details(_locale()), user_id, _expected())
    except OutOfStock as exc:
        flash(str(exc), "warning")
        return redirect(url_for("cart.show"), 303)
    except InvalidInput as exc:
        return _page(form.but(**{exc.field: str(exc)}), 409)
    except TaxUnavailable:
        return _page(form.but(), 409)
    saved_addresses.keep(form.values)
    return redirect(url_for("pay.page", token=tokens.for_order(order.public_id)), 303)


def _page(form: CheckoutForm, code: int = 200) -> ResponseReturnValue:
    """Show the form with the figures for what is filled in so far; a wrong VAT id is told at once."""
    cart = carts.contents(basket.token(), currency())
    if not cart.is_ready or cart.token is None:
        return redirect(url_for("cart.show"), 303)
    details, vat_error = form.details(_locale()), ""
    try:
        to = details.destination
    except InvalidInput as exc:
        to, vat_error = Destination(details.ship_to, "", details.invoice_country), str(exc)
    figures = quote(cart.token, to, form.values["shipping"], _locale())
    form = form.but(**{"vat_id": vat_error, "postal_code": figures.trouble} | dict(form.errors))
    countries = in_order(shipping.countries(cart.currency))
    page = render_template(
        "checkout/show.html",
        cart=cart,
        form=form,
        quote=figures,
        countries=countries,
        layout=layout(form.values["country"]),
        address_book=saved_addresses.book_of_visitor(),
    )
    return page, code


def _is_refresh() -> bool:
    """Tell whether only the figures are asked for; the tax provider wants to be asked in moderation all the same."""
    return request.form.get("action") == "refresh"


def _drops_code() -> bool:
    """Tell whether the promotion code is to go (`action=drop_code`): what was typed here stays."""
    return request.form.get("action") == "drop_code"


def _expected() -> int | None:
    text = request.form.get("expected_total", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else None


def _locale() -> str:
    return str(get_locale() or "en")
