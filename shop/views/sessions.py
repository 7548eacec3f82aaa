"""Who is signed in, in this browser, and for how long: what the pages that sign somebody in share."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import redirect, request, session, url_for
from flask_login import login_user
from werkzeug.wrappers import Response

from shop.errors import NotFound
from shop.extensions import login_manager
from shop.models import User
from shop.services import accounts, tokens
from shop.services.providers import context
from shop.views import basket
from shop.views.forms import local_path

# What a visitor chose before signing in comes along, and no more: the rest may have been planted.
KEPT = ("cart", "currency", "language")
SEEN, PROVED = "seen", "proved"  # when a page was last opened, and when the password was last given
LONGEST = 30 * 24 * 3600  # seconds that one password opens: a copy of the cookie cannot be kept alive beyond it
NOTED_EVERY = 60  # seconds; the cookie is not written again with every page
DEVICE = "tidewater_device"
DEVICE_LIFE = timedelta(days=365)  # of the mark that this browser is known


def begin(user: User) -> None:
    """Sign somebody in, in a session that is new but for their cart, currency and language; the cart becomes theirs."""
    kept = {key: session[key] for key in KEPT if key in session}
    session.clear()
    session.update(kept)
    renew(user)
    basket.bring_along(user.id)


def renew(user: User) -> None:
    """Keep this browser signed in after the account's epoch went up."""
    session[SEEN] = session[PROVED] = _now()
    login_user(user)


def was_signed_in() -> bool:
    """Tell whether this session was somebody's until it ended by itself: then the sign-in page says so."""
    return "_user_id" in session


def remember_device(response: Response, user: User) -> Response:
    """Let this browser be known for an account, so that others who guess at it do not slow its owner down."""
    return _mark(response, user.id, user.email)


def renew_device(response: Response) -> Response:
    """Let a browser that is known stay so: its mark is written anew when half its time is over, or a new key signs.

    Whoever comes by once in half a year is known for ever, signed in or not.
    """
    cookie = request.cookies.get(_device(), "")
    if not cookie or response.mimetype != "text/html" or _is_marked(response):
        return response
    now = context().clock.now()
    try:
        claim = tokens.read_account("device", cookie, now)
    except NotFound:
        return response
    is_young = claim.until - now > DEVICE_LIFE / 2
    if is_young and cookie == tokens.for_account("device", claim.user_id, claim.stamp, claim.until):
        return response
    return _mark(response, claim.user_id, claim.stamp)


def guesses() -> str:
    """Return whose tries to sign in are counted together: an account's, or an account's from a browser it knows."""
    email = accounts.normal(request.form.get("email", ""))
    cookie = request.cookies.get(_device(), "")
    try:
        known = tokens.read_account("device", cookie, context().clock.now()).stamp == email
    except NotFound:
        known = False
    return f"{email} {cookie}" if known else email


def _load(session_id: str) -> User | None:
    """Return who is signed in, unless they were away for too long; what they do keeps them signed in."""
    now, seen, proved = _now(), session.get(SEEN), session.get(PROVED)
    if not isinstance(seen, int) or now - seen > context().settings.sign_in_idle:
        return None
    if not isinstance(proved, int) or now - proved > LONGEST:
        return None
    if now - seen > NOTED_EVERY:
        session[SEEN] = now
    return accounts.load(session_id)


def _unauthorized() -> Response:
    """Lead to the sign-in page and from there on: to the page that was asked for, or the one a form stood on."""
    wanted = request.full_path
    if request.method not in ("GET", "HEAD"):
        came_from = urlsplit(request.referrer or "")
        wanted = came_from.path if came_from.netloc == request.host else ""
    return redirect(url_for("auth.login", next=local_path(wanted, "") or None))


def _mark(response: Response, user_id: int, email: str) -> Response:
    token = tokens.for_account("device", user_id, email, context().clock.now() + DEVICE_LIFE)
    secure = context().settings.is_secure
    response.set_cookie(_device(), token, max_age=DEVICE_LIFE, httponly=True, secure=secure, samesite="Lax")
    return response


def _is_marked(response: Response) -> bool:
    return any(cookie.startswith(f"{_device()}=") for cookie in response.headers.getlist("Set-Cookie"))


def _device() -> str:
    return f"__Host-{DEVICE}" if context().settings.is_secure else DEVICE


def _now() -> int:
    return int(context().clock.now().timestamp())


login_manager.user_loader(_load)
login_manager.unauthorized_handler(_unauthorized)
