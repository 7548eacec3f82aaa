"""Response headers: what a browser may load, embed, remember and tell others. The policy is in `views/policy.py`."""

from __future__ import annotations

from flask import Flask, Response, current_app, request
from flask_talisman import Talisman

from shop.config import Settings
from shop.views.policy import PAYMENT_PAGES, Policies, nonce

POLICIES = "policies"
# The policy of pages whose address lets in whoever has it: no other site is told anything. Our own still is, because
# the check of a form sent over HTTPS asks where it came from (Flask-WTF); with "no-referrer" the page's own forms would
# be refused. The pay page keeps the general policy, which tells the providers' scripts our origin and no more.
LETS_IN = "same-origin"


def init_app(app: Flask) -> None:
    """Send security headers with every page; private pages are kept out of every cache."""
    settings: Settings = app.extensions["shop"].settings
    app.extensions[POLICIES] = Policies(settings)
    app.after_request(_narrow)  # what is registered first runs last: it narrows what Talisman has set
    Talisman(
        app,
        force_https=settings.is_secure,
        strict_transport_security=settings.is_secure,
        session_cookie_secure=settings.is_secure,
        content_security_policy=None,
        referrer_policy="strict-origin-when-cross-origin",
        permissions_policy=None,
        frame_options="DENY",
    )
    app.jinja_env.globals["csp_nonce"] = nonce


def _narrow(response: Response) -> Response:
    """Say what this page may load and ask for, who may look at it, and that nobody keeps it who is not asked to.

    The pay page and those around it may open a window and hear of it again, since PayPal's speaks to its opener.
    """
    policies: Policies = current_app.extensions[POLICIES]
    endpoint = request.endpoint or ""
    form = endpoint if endpoint in PAYMENT_PAGES and response.status_code == 200 else ""
    headers = response.headers
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = policies.loading(form)
    headers["Permissions-Policy"] = policies.features(form)
    if policies.endpoints:
        headers["Reporting-Endpoints"] = policies.endpoints
    headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups" if request.blueprint == "pay" else "same-origin"
    if endpoint != "static":
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if "token" in (request.view_args or {}) and request.blueprint != "pay":
        headers["Referrer-Policy"] = LETS_IN
    if endpoint != "static" and "Cache-Control" not in headers:
        headers["Cache-Control"] = "private, no-store"
    return response
