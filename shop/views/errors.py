"""Errors to HTTP, once: a page that says what happened and what to do, never a stack trace."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from shop.errors import CustomerError, InvalidInput, NotFound, NoticeRejected, TooManyTries, TryLater
from shop.services import metrics
from shop.views.requests import route
from shop.views.words import too_many_words

log = structlog.get_logger()

# What somebody who tries out stolen cards does hundreds of times.
COSTLY = frozenset({"checkout.place", "payments.start_stripe", "payments.start_paypal"})


@dataclass(frozen=True)
class Page:
    """What an error page says."""

    code: int
    title: str
    message: str


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(CustomerError, customer)
    app.register_error_handler(TryLater, later)
    app.register_error_handler(NoticeRejected, notice_rejected)
    app.register_error_handler(CSRFError, expired)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, unexpected)


def customer(error: CustomerError) -> ResponseReturnValue:
    """Say what the customer can put right."""
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
    return answer(Page(503, _("Please try again in a moment"), message), retry_after=30)


def notice_rejected(error: NoticeRejected) -> ResponseReturnValue:
    """Answer a webhook that proves nothing; the reason stays in our log."""
    return jsonify(error="rejected"), 400


def expired(error: CSRFError) -> ResponseReturnValue:
    """Say that the page was open for too long; a form sent by another site ends here as well."""
    message = _("The page was open for a long time, or cookies are off. Go back, reload it, and send the form again.")
    return answer(Page(400, _("This form has expired"), message))


def http(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask itself refuses: no such page, wrong method, too large, too many."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    if code == 429 and request.endpoint in COSTLY:
        metrics.card_testing.labels("limited").inc()
        log.warning("too_often", route=route())
    pages = {
        404: _not_found(_("There is nothing at this address.")),
        405: Page(405, _("That does not work here"), _("This address does not take what was sent to it.")),
        413: Page(413, _("That is too large"), _("What was sent is larger than this page accepts.")),
        429: Page(429, _("One moment, please"), _("That was a little too often. Wait a minute, then try again.")),
    }
    refused = Page(code, _("That did not work"), _("The request could not be understood. Go back and try again."))
    return answer(pages.get(code, refused), retry_after=60 if code == 429 else None)


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
    if request.is_json or request.accept_mimetypes.best == "application/json":
        return jsonify(error=page.title, message=page.message, field=field), page.code, headers
    return render_template("errors/error.html", error=page, field=field), page.code, headers


def _not_found(message: str) -> Page:
    return Page(404, _("Not in our books"), message)
