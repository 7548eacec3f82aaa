"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import login_required, login_user, logout_user
from werkzeug.wrappers import Response

from shop.errors import InvalidInput
from shop.extensions import limiter, login_manager
from shop.services import accounts, carts
from shop.views.forms import local_path

blueprint = Blueprint("auth", __name__)
login_manager.login_view = "auth.login"
login_manager.login_message = None  # the page itself says why it is shown
login_manager.user_loader(accounts.load)


@blueprint.get("/login")
def login() -> str:
    """Show the form."""
    return render_template("auth/login.html", errors={}, email="", next=request.args.get("next", ""))


@blueprint.post("/login")
@limiter.limit("10 per minute; 60 per hour")
def sign_in() -> Response | tuple[str, int]:
    """Sign somebody in; the cart they filled before becomes theirs."""
    email, onward = request.form.get("email", ""), request.form.get("next", "")
    try:
        user = accounts.sign_in(email, request.form.get("password", ""))
    except InvalidInput as exc:
        return render_template("auth/login.html", errors={exc.field: str(exc)}, email=email, next=onward), 400
    kept = {key: session[key] for key in ("cart", "currency") if key in session}
    session.clear()  # what was in a session somebody else may have planted does not come along
    session.update(kept)
    login_user(user)
    carts.belong_to(session.get("cart"), user.id)
    home = url_for("merchant.orders.index") if user.is_merchant else url_for("orders.index")
    return redirect(local_path(onward, home), 303)


@blueprint.post("/logout")
@login_required  # type: ignore[untyped-decorator]  # Flask-Login has no types
def logout() -> Response:
    """Sign out; the cart stays with the account."""
    logout_user()
    session.clear()
    flash(_("You are signed out."))
    return redirect(url_for("catalogue.home"), 303)
