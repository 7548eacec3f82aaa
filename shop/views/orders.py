"""Orders that were placed: the history, the lookup for guests, the receipt and its documents as PDF."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from shop.errors import CustomerError, DocumentNotReady, NotFound
from shop.extensions import limiter
from shop.models import Order
from shop.services import carts, documents, orders, receipts, tokens
from shop.services.formats import seller
from shop.services.providers import context
from shop.services.receipts import Standing
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
    """Show the receipt to whoever holds the order's token, or by its number to the customer it belongs to.

    An order that is still to be paid goes to its pay page.
    """
    found = receipts.of(_seen(token))
    if found.standing is Standing.UNPAID:
        return redirect(url_for("pay.page", token=_token_of(found.order.public_id)), 303)
    return render_template(
        "orders/receipt.html",
        receipt=found,
        order=found.order,
        token=token,
        title=documents.title,
        seller=seller(context().settings.seller),
    )


@blueprint.post("/orders/<token>/documents")
@limiter.limit("10 per minute")
def make_document(token: str) -> Response:
    """Issue the document of an order that was paid before there were any; once, however often it is asked for."""
    document = documents.issue_missing(_seen(token).id)
    return redirect(url_for(".document", token=token, number=document.number), 303)


@blueprint.get("/orders/<token>/documents/<number>.pdf")
@limiter.limit("30 per minute")
def document(token: str, number: str) -> Response | tuple[str, int, dict[str, str]]:
    """Hand out one of this order's documents as a PDF; where it cannot be made, say so and offer another try."""
    wanted = documents.one(_seen(token).id, number)
    try:
        pdf = documents.as_pdf(wanted)
    except DocumentNotReady:
        name = documents.title(wanted.kind)
        page = render_template("orders/document_failed.html", token=token, number=wanted.number, name=name)
        return page, 503, {"Retry-After": "60"}
    headers = {"Content-Disposition": f"attachment; filename={wanted.number}.pdf"}
    return Response(pdf, mimetype="application/pdf", headers=headers)


def _seen(token: str) -> Order:
    """Return the order that this visitor names, and may see."""
    return orders.seen_by(token, current_user.id if current_user.is_authenticated else None)


def _token_of(public_id: str) -> str:
    return tokens.for_order(public_id)
