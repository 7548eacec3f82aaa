"""What mails look like, in development only: each kind as HTML, as text, and with its PDF, to nobody who exists."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask_babel import get_locale

from shop.errors import NotFound
from shop.services.mail import samples
from shop.services.mail.sending import Letter, compose
from shop.views import languages

blueprint = Blueprint("preview", __name__, url_prefix="/_preview/mails")
# Mail programs know inline styles and nothing else, so a mail's own page allows them, and nothing from anywhere.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


@blueprint.get("")
def index() -> str:
    """List every kind of mail in the chosen language."""
    mails = {kind: _sample(kind) for kind in samples.KINDS}
    subjects = {kind: compose(letter).subject for kind, letter in mails.items()}
    known = languages.available()
    return render_template("preview/mails.html", mails=mails, subjects=subjects, known=known, lang=_lang())


@blueprint.get("/<kind>.html")
def as_html(kind: str) -> str:
    """Show a mail's HTML as a mail program would."""
    return compose(_sample(kind)).html


@blueprint.get("/<kind>.txt")
def as_text(kind: str) -> Response:
    """Show a mail's text."""
    return Response(compose(_sample(kind)).text, mimetype="text/plain")


@blueprint.get("/<kind>.pdf")
def as_pdf(kind: str) -> Response:
    """Show the document that goes with a mail."""
    for file in _sample(kind).attachments:
        return Response(file.content, mimetype=file.media_type)
    raise NotFound("This mail has no document.")


as_html.talisman_view_options = {"content_security_policy": MAIL_POLICY}  # type: ignore[attr-defined]


def _lang() -> str:
    """Return the language asked for, if there is a catalogue of it, or else the visitor's."""
    asked = request.args.get("lang", "")
    return asked if asked in languages.codes() else str(get_locale() or "en")


def _sample(kind: str) -> Letter:
    try:
        return samples.letter(kind, _lang())
    except KeyError as exc:
        raise NotFound("There is no such mail.") from exc
