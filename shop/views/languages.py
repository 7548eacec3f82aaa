"""The visitor's language: the one they chose, else the best of those their browser asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from babel import Locale, negotiate_locale
from flask import has_request_context, request, session
from flask_babel import get_translations
from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context
from markupsafe import Markup

from shop.extensions import babel


@cache
def available() -> tuple[Locale, ...]:
    """Return the languages there is a catalogue of, English (which needs none) first.

    The folders are looked at once: a new catalogue is part of a new release, and every page asks several times.
    """
    found = {str(locale): locale for locale in babel.list_translations()}
    return (found.pop("en", Locale("en")), *(found[code] for code in sorted(found)))


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


def translator() -> Callable[..., str]:
    """Return what a page calls `_`: it looks texts up in the catalogue of the language that the page begins in.

    Flask-Babel's own finds the language and its catalogue anew for each text; a page has seventy, and that took a
    fifth of its time.
    """
    look_up = get_translations().ugettext

    @pass_eval_context
    def translate(page: EvalContext, text: str, /, **values: object) -> str:
        found: str = look_up(text)
        return (Markup(found) if page.autoescape else found) % values  # noqa: S704 - our own words; values are escaped

    return translate
