"""Registering, signing in and out, and a new password for somebody who forgot theirs."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user, login_required, logout_user
from werkzeug.wrappers import Response

from shop.errors import InvalidInput
from shop.extensions import limiter
from shop.models import User
from shop.services import accounts
from shop.views import sessions
from shop.views.account_forms import REGISTRATION, read
from shop.views.forms import local_path

blueprint = Blueprint("auth", __name__)


@blueprint.get("/login")
def login() -> str:
    """Show the form, and say so where a session has ended by itself."""
    ended = sessions.was_signed_in() and not current_user.is_authenticated
    return render_template("auth/login.html", errors={}, email="", next=request.args.get("next", ""), ended=ended)


@blueprint.post("/login")
@limiter.limit("10 per minute; 60 per hour")
@limiter.limit("20 per 10 minutes", key_func=sessions.guesses)
def sign_in() -> ResponseReturnValue:
    """Sign somebody in; the cart they filled before becomes theirs."""
    email, onward = request.form.get("email", ""), request.form.get("next", "")
    try:
        user = accounts.sign_in(email, request.form.get("password", ""))
    except InvalidInput as exc:
        return render_template("auth/login.html", errors={exc.field: str(exc)}, email=email, next=onward), 400
    home = url_for("merchant.orders.index") if user.is_merchant else url_for("orders.index")
    return _enter(user, local_path(onward, home))


@blueprint.post("/logout")
@login_required  # type: ignore[untyped-decorator]  # Flask-Login has no types
def logout() -> Response:
    """Sign out; the cart stays with the account."""
    logout_user()
    session.clear()
    flash(_("You are signed out."))
    return redirect(url_for("catalogue.home"), 303)


@blueprint.get("/register")
def registration() -> str:
    """Show the form."""
    return render_template("auth/register.html", errors={}, values={})


@blueprint.post("/register")
@limiter.limit("10 per hour")
@limiter.limit("5 per hour", key_func=sessions.guesses)
def register() -> ResponseReturnValue:
    """Register somebody; a known address gets the same page, and another mail."""
    form = read(request.form, REGISTRATION)
    password = request.form.get("password", "")
    errors = dict(form.errors)
    if not errors:
        try:
            accounts.register(form.values["email"], form.values["name"], password, str(get_locale() or "en"))
        except InvalidInput as exc:
            errors = {exc.field: str(exc)}
    if errors:
        return render_template("auth/register.html", errors=errors, values=form.values), 400
    return render_template("auth/sent.html", purpose="confirm", email=form.values["email"])


@blueprint.get("/account/confirm/<token>")
def confirmation(token: str) -> ResponseReturnValue:
    """Ask for the password: the link alone proves who reads the mail, and not who registered.

    A link that was followed before has nothing more to ask: it leads to the account, or to signing in.
    """
    if accounts.was_followed("confirm", token):
        flash(_("Your address is confirmed already."), "calm")
        return redirect(url_for("account.overview" if current_user.is_authenticated else ".login"), 303)
    return _linked("confirm", token)


@blueprint.post("/account/confirm/<token>")
@limiter.limit("10 per minute; 60 per hour")
def confirm(token: str) -> ResponseReturnValue:
    """Confirm the address and sign in; orders placed with it as a guest are there."""
    try:
        user = accounts.confirm_address(token, request.form.get("password", ""))
    except InvalidInput as exc:
        return _linked("confirm", token, exc), 400
    return _enter(user, url_for("account.overview"), _("Your address is confirmed, and you are signed in."))


@blueprint.get("/forgot")
def forgotten() -> str:
    """Show the form that asks for a link."""
    return render_template("auth/forgot.html", errors={}, email=request.args.get("email", ""))


@blueprint.post("/forgot")
@limiter.limit("10 per hour")
@limiter.limit("5 per hour", key_func=sessions.guesses)
def forgot() -> ResponseReturnValue:
    """Mail a link, where there is an account; the page says the same where there is none."""
    form = read(request.form, ("email",))
    if form.errors:
        return render_template("auth/forgot.html", errors=form.errors, email=form.values["email"]), 400
    accounts.request_reset(form.values["email"])
    return render_template("auth/sent.html", purpose="reset", email=form.values["email"])


@blueprint.get("/account/reset/<token>")
def new_password(token: str) -> str:
    """Show the form for a new password."""
    return _linked("reset", token)


@blueprint.post("/account/reset/<token>")
@limiter.limit("10 per minute; 60 per hour")
def reset(token: str) -> ResponseReturnValue:
    """Set the new password, end every other session, and sign in."""
    try:
        user = accounts.reset_password(token, request.form.get("password", ""))
    except InvalidInput as exc:
        return _linked("reset", token, exc), 400
    words = _("Your new password is set. Everywhere else you are signed out.")
    return _enter(user, url_for("account.overview"), words)


def _linked(purpose: str, token: str, wrong: InvalidInput | None = None) -> str:
    """Show the form that a mailed link leads to, with what was wrong in it; LinkOver for a link that is used up."""
    errors = {wrong.field: str(wrong)} if wrong else {}
    email = accounts.of_link(purpose, token).email
    return render_template(f"auth/{purpose}.html", errors=errors, email=email, token=token)


def _enter(user: User, onward: str, words: str = "") -> Response:
    """Sign somebody in, let this browser be known for the account, and lead on; the words are said there."""
    sessions.begin(user)
    if words:
        flash(words, "calm")
    return sessions.remember_device(redirect(onward, 303), user)
