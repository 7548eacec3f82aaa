"""The visitor's language: the one they chose, else the best of those their browser asks for."""

from __future__ import annotations

from babel import Locale, negotiate_locale
from flask import has_request_context, request, session

from shop.extensions import babel


def available() -> list[Locale]:
    """Return the languages there is a catalogue of, English (which needs none) first."""
    found = {str(locale): locale for locale in babel.list_translations()}
    return [found.pop("en", Locale("en")), *(found[code] for code in sorted(found))]


def codes() -> list[str]:
    """Return the codes of the languages, as a session, a mail or a catalogue's folder names them: "en", "de"."""
    return [str(locale) for locale in available()]


def chosen() -> str:
    """Return the code of this request's language; English outside of one. Flask-Babel asks for it."""
    if not has_request_context():
        return "en"
    known, kept = codes(), session.get("language")
    if kept in known:
        return str(kept)
    wanted = [code.replace("-", "_") for code in request.accept_languages.values()]
    return negotiate_locale(wanted, known) or known[0]
