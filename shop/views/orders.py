"""Orders that were placed: the history, the lookup for guests, the receipt."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from shop.errors import CustomerError, NotFound
from shop.extensions import limiter
from shop.services import carts, orders, tokens
from shop.views import basket
from shop.views.forms import read_page, tidy
from shop.views.presentation import currency

blueprint = Blueprint("orders", __name__)


@blueprint.get("/orders")
@login_required  # type: ignore[untyped-decorator]  # Flask-Login has no types
def index() -> str:
    """Show the customer's own orders, newest first, ten on a page."""
    page = read_page(request.args)
    found, more = orders.of_user(current_user.id, page)
    return render_template("orders/index.html", orders=found, page=page, more=more, token_of=_token_of)


@blueprint.get("/orders/lookup")
def lookup() -> str:
    """Show the form by which a guest finds an order."""
    return render_template("orders/lookup.html", errors={}, values={})


@blueprint.post("/orders/lookup")
@limiter.limit("10 per minute; 60 per hour")
@limiter.limit("30 per hour", key_func=lambda: tidy(request.form.get("number", "")).upper())
def find() -> Response | tuple[str, int]:
    """Find an order by its number and mail address; either one wrong answers the same."""
    number, email = tidy(request.form.get("number", "")), tidy(request.form.get("email", ""))
    try:
        order = orders.by_number(number, email)
    except NotFound as exc:
        values = {"number": number, "email": email}
        return render_template("orders/lookup.html", errors={"number": str(exc)}, values=values), 404
    if order.is_payable and order.payments and order.payments[-1].last_decline:
        flash(_("The last payment for this order did not go through. You can pay it in another way."), "warning")
    return redirect(url_for(".receipt", token=tokens.for_order(order.public_id)), 303)


@blueprint.post("/orders/<token>/again")
@login_required  # type: ignore[untyped-decorator]  # Flask-Login has no types
def buy_again(token: str) -> Response:
    """Put what a customer ordered before into the cart, as far as we still have it, and say what is missing."""
    for line in orders.own(token, current_user.id).lines:
        try:
            basket.keep(carts.add(basket.token(), line.sku, line.quantity, currency()))
        except NotFound:
            flash(_("%(name)s is no longer sold.", name=line.name), "warning")
        except CustomerError as exc:
            flash(str(exc), "warning")
    return redirect(url_for("cart.show"), 303)


@blueprint.get("/orders/<token>/receipt")
def receipt(token: str) -> str | Response:
    """Show the receipt to whoever holds the order's token; an order that is not paid goes to its pay page."""
    order = orders.by_token(token)
    if order.is_payable:
        return redirect(url_for("pay.page", token=token), 303)
    return render_template("orders/receipt.html", order=order, token=token)


def _token_of(public_id: str) -> str:
    return tokens.for_order(public_id)
