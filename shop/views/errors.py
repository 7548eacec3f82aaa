"""Errors to HTTP, once: a page that says what happened and what to do, never a stack trace."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Flask, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException

from shop.errors import CustomerError, DatabaseAway, InvalidInput, LinkOver, NotFound, TooManyTries, TryLater
from shop.services import metrics
from shop.services.providers import context
from shop.views import limits
from shop.views.requests import page_address, route
from shop.views.words import too_many_words, too_often_words

log = structlog.get_logger()

# What somebody who tries out stolen cards does hundreds of times.
COSTLY = frozenset({"checkout.place", "payments.start_stripe", "payments.start_paypal"})


@dataclass(frozen=True)
class Page:
    """What an error page says, and the ways on from it (address, words), the best one first; the shop's own if none."""

    code: int
    title: str
    message: str
    ways: tuple[tuple[str, str], ...] = ()


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(CustomerError, customer)
    app.register_error_handler(TryLater, later)
    app.register_error_handler(CSRFError, expired)
    app.register_error_handler(HTTPException, http)
    for gone in (DatabaseAway, OperationalError, InterfaceError, NoConnectionFree):
        app.register_error_handler(gone, database_away)
    app.register_error_handler(Exception, unexpected)


def customer(error: CustomerError) -> ResponseReturnValue:
    """Say what the customer can put right."""
    if isinstance(error, LinkOver):
        return answer(_link_over(error))
    if isinstance(error, NotFound):
        return answer(_not_found(str(error)))
    if isinstance(error, InvalidInput):
        return answer(Page(400, _("Something is not right yet"), str(error)), field=error.field)
    if isinstance(error, TooManyTries):
        return answer(Page(429, _("One moment, please"), too_many_words(error.is_refused)), retry_after=error.seconds)
    return answer(Page(409, _("That is no longer possible"), str(error)))


def later(error: TryLater) -> ResponseReturnValue:
    """Say that nothing is wrong with the request, and when to come back."""
    log.warning("try_later", error=type(error).__name__, route=route())
    message = _(
        "A service we rely on does not answer at the moment. Nothing was charged by this. Please try again shortly."
    )
    return answer(Page(503, _("Please try again in a moment"), message, _again()), retry_after=30)


def expired(error: CSRFError) -> ResponseReturnValue:
    """Say that the page was open for too long; a form sent by another site ends here as well."""
    message = _("The page was open for a long time, or cookies are off. Go back, reload it, and send the form again.")
    return answer(Page(400, _("This form has expired"), message, _again()))


def http(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask itself refuses: no such page, wrong method, too large, too many."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    if code == 429 and request.endpoint in COSTLY:
        metrics.card_testing.labels("limited").inc()
        log.warning("too_often", route=route())
    wait = limits.wait() if code == 429 else None
    pages = {
        403: Page(403, _("That is not for you"), _("This page is somebody else's. Go back to the shop.")),
        404: _not_found(_("There is nothing at this address.")),
        405: Page(405, _("That does not work here"), _("This address does not take what was sent to it."), _again()),
        413: Page(413, _("That is too large"), _("What was sent is larger than this page accepts.")),
        415: Page(415, _("That does not fit"), _("This address takes forms and no files.")),
        429: Page(429, _("One moment, please"), _too_often(wait or limits.MINUTE), _again()),
    }
    refused = Page(code, _("That did not work"), _("The request could not be understood. Go back and try again."))
    return answer(pages.get(code, refused), retry_after=wait)


def database_away(error: DatabaseAway | SQLAlchemyError) -> ResponseReturnValue:
    """Say that the shop is closed for a moment; it opens by itself, with the next request that finds the database."""
    log.error("database_away", error=type(error).__name__, reason=str(error.__cause__ or error), route=route())
    message = _("Our books cannot be opened at the moment. Nothing is lost. Please load this page again in a minute.")
    return answer(Page(503, _("Closed for a moment"), message), retry_after=30)


def unexpected(error: Exception) -> ResponseReturnValue:
    """Record our own fault and apologise; the person learns nothing about our insides."""
    log.exception("unexpected", error=type(error).__name__, route=route())
    message = _(
        "The fault is ours and we have been told of it. If you were paying: look at your order before you try again."
    )
    return answer(Page(500, _("Something broke on our side"), message))


def answer(page: Page, field: str = "", retry_after: int | None = None) -> ResponseReturnValue:
    """Return the page, or the same as JSON to a script that asked for JSON."""
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    if _asks_for_json():
        return jsonify(error=page.title, message=page.message, field=field), page.code, headers
    return _rendered(page, field), page.code, headers


def _rendered(page: Page, field: str) -> str:
    """Return the page with the shop around it; without what the database would have to tell where it is away."""
    try:
        return render_template("errors/error.html", error=page, field=field)
    except (DatabaseAway, SQLAlchemyError):
        template = current_app.jinja_env.get_template("errors/bare.html")
        return template.render(error=page, brand=context().settings.brand, locale=str(get_locale() or "en"))


def _asks_for_json() -> bool:
    return request.is_json or request.accept_mimetypes.best == "application/json"


def _too_often(seconds: int) -> str:
    """Return the words for a page; a script counts the seconds down by itself, from the header."""
    return str(_("That was a little too often.")) if _asks_for_json() else too_often_words(seconds)


def _again() -> tuple[tuple[str, str], ...]:
    """Return the way back to the page this happened on, where there is one but the shop's first."""
    back = page_address()
    if request.method == "GET" and back == request.full_path.rstrip("?"):
        return ((back, _("Load the page again")),)
    return ((back, _("Back to the page")),) if back != "/" else ()


def _link_over(error: LinkOver) -> Page:
    """Return the words for a link from a mail that does not work, and the way to a new one."""
    title = _("This link does not work")
    if error.purpose == "reset":
        message = _("A link for a new password works once, and for an hour. You can have another one sent.")
        return Page(404, title, message, ((url_for("auth.forgotten"), _("Send a new link")),))
    if error.purpose == "change":
        message = _("It is too old, or was asked for with another account or address. You can have another one sent.")
        return Page(404, title, message, ((url_for("account.email"), _("Change the mail address")),))
    message = _("It is too old, or not complete. Sign in with your password, and a new one comes by mail.")
    return Page(404, title, message, ((url_for("auth.login"), _("Sign in")),))


def _not_found(message: str) -> Page:
    return Page(404, _("Not in our books"), message)
