"""The cart's page and what it does: add, change, take out; and the currency it is counted in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shop.errors import InvalidInput, OutOfStock
from shop.services import carts, catalogue
from shop.views.forms import local_path, read_choice, read_quantity
from shop.views.presentation import currency as current_currency

blueprint = Blueprint("cart", __name__)


@blueprint.get("/cart")
def show() -> str:
    """Show the cart."""
    return render_template("cart/show.html", cart=carts.contents(session.get("cart"), current_currency()), errors={})


@blueprint.post("/cart")
def add() -> Response:
    """Put so many of a variant into the cart and show it."""
    sku = request.form.get("sku", "")
    try:
        session["cart"] = carts.add(session.get("cart"), sku, read_quantity(request.form), current_currency())
    except OutOfStock as exc:
        flash(str(exc), "warning")
    return redirect(url_for(".show"), 303)


@blueprint.post("/cart/<sku>")
def update(sku: str) -> Response | tuple[str, int]:
    """Set how many of a variant are wanted, or take it out (`action=remove`)."""
    token = session.get("cart")
    if request.form.get("action") == "remove":
        carts.remove(token, sku)
        return redirect(url_for(".show"), 303)
    try:
        carts.set_quantity(token, sku, read_quantity(request.form))
    except (InvalidInput, OutOfStock) as exc:
        cart = carts.contents(token, current_currency())
        return render_template("cart/show.html", cart=cart, errors={sku: str(exc)}), 409
    return redirect(url_for(".show"), 303)


@blueprint.post("/currency")
def currency() -> Response:
    """Show prices in another currency; the cart follows."""
    session["currency"] = read_choice(request.form.get("currency"), catalogue.currencies())
    carts.change_currency(session.get("cart"), session["currency"])
    flash(_("Prices are in %(currency)s now.", currency=session["currency"]))
    return redirect(local_path(request.form.get("next"), url_for("catalogue.home")), 303)
