"""Response headers: what a browser may load, embed and remember.

The policy names the providers' script origins and nothing else; there is no inline script or style anywhere.
Sources: docs.stripe.com/security/guide and developer.paypal.com/sdk/js/best-practices (content security policy).
"""

from __future__ import annotations

from flask import Flask, Response, request
from flask_talisman import Talisman

from shop.config import LOOPBACK, PAYPAL_LIVE_API, PAYPAL_TEST_API, STRIPE_API, Settings, host_of, origin_of

# What the real scripts load from beside their own origin.
_STRIPE = {
    "script-src": ("https://js.stripe.com", "https://*.js.stripe.com"),
    "frame-src": ("https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"),
    "connect-src": ("https://api.stripe.com",),
    "img-src": ("https://*.stripe.com",),
}
_PAYPAL = ("https://*.paypal.com", "https://*.paypalobjects.com")
_PAYPAL_DIRECTIVES = ("script-src", "frame-src", "connect-src", "img-src")

# The policy of pages whose address lets in whoever has it: no other site is told anything. Our own still is, because
# the check of a form sent over HTTPS asks where it came from (Flask-WTF); with "no-referrer" the page's own forms would
# be refused. The pay page keeps the general policy, which tells the providers' scripts our origin and no more.
LETS_IN = "same-origin"


def init_app(app: Flask) -> None:
    """Send security headers with every page; private pages are kept out of every cache."""
    settings: Settings = app.extensions["shop"].settings
    app.after_request(_privacy)  # what is registered first runs last: it narrows what Talisman has set
    Talisman(
        app,
        force_https=settings.is_secure,
        strict_transport_security=settings.is_secure,
        session_cookie_secure=settings.is_secure,
        content_security_policy={name: " ".join(sources) for name, sources in policy(settings).items()},
        referrer_policy="strict-origin-when-cross-origin",
        permissions_policy={"camera": "()", "geolocation": "()", "microphone": "()"},
        frame_options="DENY",
    )


def policy(settings: Settings) -> dict[str, list[str]]:
    """Return the content security policy: directives with their sources."""
    found: dict[str, list[str]] = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": [],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    if settings.stripe is not None:
        _allow_stripe(found, settings.stripe.api_base, settings.stripe.js_url)
    if settings.paypal is not None:
        _allow_paypal(found, settings.paypal.api_base, settings.paypal.sdk_url)
    found["frame-src"] = found["frame-src"] or ["'none'"]
    return found


def _allow_stripe(found: dict[str, list[str]], api_base: str, js_url: str) -> None:
    if api_base == STRIPE_API:
        for directive, sources in _STRIPE.items():
            found[directive].extend(sources)
    else:
        _allow_origin(found, js_url, api_base)


def _allow_paypal(found: dict[str, list[str]], api_base: str, sdk_url: str) -> None:
    if api_base in (PAYPAL_LIVE_API, PAYPAL_TEST_API):
        for directive in _PAYPAL_DIRECTIVES:
            found[directive].extend(_PAYPAL)
    else:
        _allow_origin(found, sdk_url, api_base)


def _allow_origin(found: dict[str, list[str]], script_url: str, api_base: str) -> None:
    """Allow a provider that is reached under other addresses than its official ones, which only loopback may be."""
    if host_of(script_url) not in LOOPBACK:
        return
    origins = [origin_of(script_url), origin_of(api_base)]
    for directive in ("script-src", "frame-src", "img-src"):
        found[directive].append(origins[0])
    found["connect-src"].extend(origins)


def _privacy(response: Response) -> Response:
    """Keep pages that hang on a person out of shared caches, and let PayPal's window speak to its opener."""
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    if "token" in (request.view_args or {}) and request.blueprint != "pay":
        response.headers["Referrer-Policy"] = LETS_IN
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store"
    return response
