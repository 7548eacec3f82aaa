"""Orders that were placed: the history, the lookup for guests, the receipt."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from shop.errors import NotFound
from shop.extensions import limiter
from shop.services import orders, tokens
from shop.views.forms import tidy

blueprint = Blueprint("orders", __name__)


@blueprint.get("/orders")
@login_required  # type: ignore[untyped-decorator]  # Flask-Login has no types
def index() -> str:
    """Show the customer's own orders, newest first."""
    return render_template("orders/index.html", orders=orders.of_user(current_user.id), token_of=_token_of)


@blueprint.get("/orders/lookup")
def lookup() -> str:
    """Show the form by which a guest finds an order."""
    return render_template("orders/lookup.html", errors={}, values={})


@blueprint.post("/orders/lookup")
@limiter.limit("10 per minute; 60 per hour")
def find() -> Response | tuple[str, int]:
    """Find an order by its number and mail address; either one wrong answers the same."""
    number, email = tidy(request.form.get("number", "")), tidy(request.form.get("email", ""))
    try:
        order = orders.by_number(number, email)
    except NotFound as exc:
        values = {"number": number, "email": email}
        return render_template("orders/lookup.html", errors={"number": str(exc)}, values=values), 404
    return redirect(url_for(".receipt", token=tokens.for_order(order.public_id)), 303)


@blueprint.get("/orders/<token>/receipt")
def receipt(token: str) -> str | Response:
    """Show the receipt to whoever holds the order's token; an order that is not paid goes to its pay page."""
    order = orders.by_token(token)
    if order.is_payable:
        return redirect(url_for("pay.page", token=token), 303)
    return render_template("orders/receipt.html", order=order, token=token)


def _token_of(public_id: str) -> str:
    return tokens.for_order(public_id)
