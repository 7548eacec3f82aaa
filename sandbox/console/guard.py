"""Keeps other people's web pages from driving the console.

The console has no login: whoever can reach loopback may use it. A web page in the same person's browser can reach
loopback too, so the Host header must name loopback (against DNS rebinding), and a request that changes anything must
not come from another origin.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def protect(app: Flask) -> None:
    """Refuse foreign requests with 403, and send the security headers with every answer."""
    app.before_request(refuse_foreign)
    app.after_request(add_headers)


def refuse_foreign() -> None:
    """Answer 403 to a Host that is not loopback, and to a change asked for by another origin."""
    if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
        abort(403, "The console answers on loopback only. Open it as http://127.0.0.1 with its port.")
    if request.method not in SAFE and not _is_own(request.headers.get("Origin")):
        abort(403, "Another site asked for this change; only the console's own pages may.")
    if request.method not in SAFE and request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        abort(403, "Another site asked for this change; only the console's own pages may.")


def _is_own(origin: str | None) -> bool:
    """Browsers send Origin with every POST; programs without one (curl, tests) are no web page and may pass."""
    return origin is None or origin == request.host_url.rstrip("/")


def add_headers(response: Response) -> Response:
    """Send the policy unless the view has set one of its own."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if response.mimetype in ("text/html", "application/json"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
