"""The pages of an account: overview, addresses, details, privacy. Each shows and changes its owner's only."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required, logout_user

from shop.errors import InvalidInput, PaymentInFlight
from shop.extensions import limiter
from shop.services import accounts, addresses, erasure, orders, privacy, shipping, tokens
from shop.services.formats import countries as in_order
from shop.services.providers import context
from shop.views import sessions
from shop.views.account_forms import ADDRESS, entry, read, text
from shop.views.forms import CheckoutForm
from shop.views.presentation import home

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.before_request
@login_required  # type: ignore[untyped-decorator]  # Flask-Login has no types
def signed_in() -> None:
    """Let nobody else in."""


@blueprint.get("")
def overview() -> str:
    """Show the last orders, the address that is used first, and the ways on."""
    newest = orders.of_user(current_user.id)[0][:3]
    book = addresses.of_user(current_user.id)
    first = book[0] if book else None
    return render_template("account/overview.html", orders=newest, address=first, token_of=tokens.for_order)


@blueprint.get("/addresses")
def address_book() -> str:
    """Show the address book."""
    return render_template("account/addresses.html", book=addresses.of_user(current_user.id))


@blueprint.get("/addresses/new")
def new_address() -> ResponseReturnValue:
    """Show an empty form."""
    return _address_page(CheckoutForm({"name": current_user.name, "country": home()}, {}), None)


@blueprint.post("/addresses/new")
def add_address() -> ResponseReturnValue:
    """Add an address."""
    form = read(request.form, ADDRESS)
    return _save(form, None, lambda: addresses.add(current_user.id, entry(form), make_default=_as_default()))


@blueprint.get("/addresses/<address_id>")
def address(address_id: str) -> ResponseReturnValue:
    """Show an address in its form."""
    found = addresses.own(current_user.id, address_id)
    return _address_page(CheckoutForm({name: getattr(found, name) for name in ADDRESS}, {}), address_id)


@blueprint.post("/addresses/<address_id>")
def change_address(address_id: str) -> ResponseReturnValue:
    """Change an address, make it the default (`action=default`), or remove it (`action=remove`)."""
    action = request.form.get("action")
    if action == "remove":
        addresses.remove(current_user.id, address_id)
        flash(_("The address is removed."), "calm")
        return redirect(url_for(".address_book"), 303)
    if action == "default":
        addresses.make_default(current_user.id, address_id)
        return redirect(url_for(".address_book"), 303)
    addresses.own(current_user.id, address_id)
    form = read(request.form, ADDRESS)
    return _save(
        form,
        address_id,
        lambda: addresses.change(current_user.id, address_id, entry(form), make_default=_as_default()),
    )


@blueprint.get("/details")
def details() -> str:
    """Show name, company and VAT id, and the ways to change the mail address and the password."""
    return render_template("account/details.html", values=current_user, errors={})


@blueprint.post("/details")
def change_details() -> ResponseReturnValue:
    """Change name, company and VAT id."""
    form = read(request.form, ("name",))
    company, vat_id = text(request.form, "company", 120), text(request.form, "vat_id", 20)
    errors = dict(form.errors)
    if not errors:
        errors = _refusal(lambda: accounts.set_details(current_user.id, form.values["name"], company, vat_id))
    if errors:
        values = {**form.values, "company": company, "vat_id": vat_id}
        return render_template("account/details.html", values=values, errors=errors), 400
    flash(_("Your details are saved."), "calm")
    return redirect(url_for(".details"), 303)


@blueprint.route("/password", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def password() -> ResponseReturnValue:
    """Change the password; this browser stays signed in, every other is signed out."""
    if request.method == "GET":
        return render_template("account/password.html", errors={})
    old, new = request.form.get("old_password", ""), request.form.get("new_password", "")
    errors = _refusal(lambda: sessions.renew(accounts.change_password(current_user.id, old, new)))
    if errors:
        return render_template("account/password.html", errors=errors), 400
    flash(_("Your new password is set. Everywhere else you are signed out."), "calm")
    return redirect(url_for(".details"), 303)


@blueprint.route("/email", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
def email() -> ResponseReturnValue:
    """Ask for another mail address: it is taken once the link that is mailed there is followed."""
    if request.method == "GET":
        return render_template("account/email.html", errors={}, email="")
    form, secret = read(request.form, ("email",)), request.form.get("password", "")
    errors = dict(form.errors)
    if not errors:
        errors = _refusal(lambda: accounts.request_new_address(current_user.id, form.values["email"], secret))
    if errors:
        return render_template("account/email.html", errors=errors, email=form.values["email"]), 400
    return render_template("auth/sent.html", purpose="change", email=form.values["email"])


@blueprint.get("/new-address/<token>")
def new_email(token: str) -> ResponseReturnValue:
    """Show which address is about to be taken, or that it was taken before."""
    if accounts.was_followed("change", token):
        flash(_("This address is confirmed already."), "calm")
        return redirect(url_for(".details"), 303)
    return render_template("account/new_email.html", user=accounts.of_link("change", token), token=token)


@blueprint.post("/new-address/<token>")
def take_email(token: str) -> ResponseReturnValue:
    """Take the new mail address."""
    sessions.renew(accounts.confirm_new_address(token, current_user.id))
    flash(_("Your new mail address is confirmed."), "calm")
    return redirect(url_for(".details"), 303)


@blueprint.post("/sessions/end")
def end_sessions() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    accounts.end_sessions(current_user.id)
    logout_user()
    session.clear()
    flash(_("You are signed out everywhere."))
    return redirect(url_for("auth.login"), 303)


@blueprint.get("/privacy")
def privacy_page() -> str:
    """Say what is kept, why and until when, before any button."""
    return render_template("account/privacy.html", kept=erasure.kept(current_user.id))


@blueprint.route("/privacy/export", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def export() -> ResponseReturnValue:
    """Hand everything over as a JSON file, to who knows the password."""
    if request.method == "GET":
        return render_template("account/export.html", errors={})
    try:
        found = privacy.export(current_user.id, request.form.get("password", ""))
    except InvalidInput as exc:
        return render_template("account/export.html", errors={exc.field: str(exc)}), 400
    body = json.dumps(found, ensure_ascii=False, indent=2)
    name = f"my-data-{context().clock.now():%Y-%m-%d}.json"
    return Response(
        body, mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@blueprint.route("/privacy/delete", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def delete() -> ResponseReturnValue:
    """Delete the account for good, with the password."""
    kept = erasure.kept(current_user.id)
    if request.method == "GET":
        return render_template("account/delete.html", errors={}, kept=kept)
    try:
        erasure.delete_account(current_user.id, request.form.get("password", ""))
    except InvalidInput as exc:
        return render_template("account/delete.html", errors={exc.field: str(exc)}, kept=kept), 400
    except PaymentInFlight as exc:
        return render_template("account/delete.html", errors={}, kept=kept, blocked=str(exc)), 409
    logout_user()
    session.clear()
    flash(_("Your account is deleted. A mail confirms it."), "calm")
    return redirect(url_for("catalogue.home"), 303)


def _save(form: CheckoutForm, address_id: str | None, save: Callable[[], object]) -> ResponseReturnValue:
    errors = dict(form.errors) or _refusal(save)
    if errors:
        return _address_page(CheckoutForm(form.values, errors), address_id, 400)
    flash(_("The address is saved."), "calm")
    return redirect(url_for(".address_book"), 303)


def _address_page(form: CheckoutForm, address_id: str | None, code: int = 200) -> ResponseReturnValue:
    known = {*shipping.countries(context().settings.currency), form.values.get("country", "")} - {""}
    countries = in_order(known)
    page = render_template("account/address.html", form=form, address_id=address_id, countries=countries)
    return page, code


def _as_default() -> bool:
    return request.form.get("is_default") == "yes"


def _refusal(action: Callable[[], object]) -> dict[str, str]:
    """Do it; return what is wrong by field, nothing when it was done."""
    try:
        action()
    except InvalidInput as exc:
        return {exc.field: str(exc)}
    return {}
