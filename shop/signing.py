"""A new SECRET_KEY without signing anybody out: what the old keys signed is still believed, and signed anew.

SECRET_KEY_FALLBACKS holds the old ones. Flask itself reads them for the session cookie, but does not write the cookie
again; Flask-WTF 1.3 and Flask-Login 0.6 ignore them. Here is what mends all three.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, current_app, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager
from flask_login.utils import decode_cookie, encode_cookie
from itsdangerous import BadSignature


class RenewedSessions(SecureCookieSessionInterface):
    """Flask's sessions, but a cookie that an old key signed is written anew with the answer.

    So whoever opens a page while the old key is still listed stays signed in when it is dropped.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session, marked as changed where the first key did not sign its cookie."""
        found = super().open_session(app, request)
        if found and app.config["SECRET_KEY_FALLBACKS"] and not self._is_current(app, request):
            found.modified = True
        return found

    def _is_current(self, app: Flask, request: Request) -> bool:
        cookie = request.cookies[self.get_cookie_name(app)]
        serializer = self.get_signing_serializer(app)
        assert serializer is not None, "a session was read, so there is a key"
        serializer.secret_keys = serializer.secret_keys[-1:]  # itsdangerous signs with the last
        try:
            serializer.loads(cookie)
        except BadSignature:
            return False
        return True


class RenewedLogins(LoginManager):  # type: ignore[misc]  # Flask-Login has no types
    """Flask-Login, but a remember-me cookie that an old key signed is believed, and set anew with the answer.

    Its session identifier needs no mending: it is a plain hash of address and browser, kept in Flask's session.
    """

    def _load_user_from_remember_cookie(self, cookie: str) -> Any:
        """Flask-Login has no public hook before it reads the cookie; a test says so should this name change."""
        for key in current_app.config["SECRET_KEY_FALLBACKS"] or ():
            payload = decode_cookie(cookie, key)
            if payload is not None:
                session["_remember"] = "set"  # Flask-Login's own word for "write the cookie with this answer"
                cookie = encode_cookie(payload)
        return super()._load_user_from_remember_cookie(cookie)


def init_app(app: Flask) -> None:
    """Make the sessions and forms of an application live through a change of its key."""
    app.session_interface = RenewedSessions()
    # itsdangerous takes a list wherever Flask-WTF hands a key on to it: all are tried, and the last one signs.
    app.config["WTF_CSRF_SECRET_KEY"] = keys(app)


def keys(app: Flask) -> list[str]:
    """Return the keys as itsdangerous wants them: the old ones first, the one that signs last."""
    return [*(app.config["SECRET_KEY_FALLBACKS"] or ()), app.config["SECRET_KEY"]]
