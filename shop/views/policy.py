"""The content security policy: what a page may load, and which pages talk to a provider.

Nothing is allowed by default. A page's own scripts run by a nonce that is made for one answer: a page that has no
script asks for none, and may run none. The providers' hosts stand in the policy of the pages that show their forms,
and nowhere else. Sources: docs.stripe.com/security/guide (content security policy; and Link's hosts, since the form
offers it), developer.paypal.com/sdk/js/best-practices (the nonce in place of 'unsafe-inline'; no Venmo is offered).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from flask import g

from shop.config import LOOPBACK, PAYPAL_LIVE_API, PAYPAL_TEST_API, STRIPE_API, Settings, host_of, origin_of

# The pages that show a provider's form, each with whose; what stands in none of them is not loaded anywhere.
PAYMENT_PAGES: Mapping[str, tuple[str, ...]] = {"pay.page": ("stripe", "paypal"), "cards.add": ("stripe",)}
REPORTS = "/reports/csp"

_STRIPE = {
    "script-src": ("https://js.stripe.com", "https://*.js.stripe.com"),
    "frame-src": (
        "https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com",
        "https://link.com", "https://*.link.com",
    ),
    "connect-src": ("https://api.stripe.com", "https://link.com"),
}  # fmt: skip
_PAYPAL = ("https://*.paypal.com", "https://*.paypalobjects.com")
_PAYPAL_DIRECTIVES = ("script-src", "style-src", "frame-src", "connect-src", "img-src")
# What a provider's frame may ask the browser for: wallets, and the passkey a bank may want in its challenge.
_STRIPE_FRAMES = '"https://js.stripe.com" "https://*.js.stripe.com" "https://hooks.stripe.com"'
_PAYPAL_FRAMES = '"https://*.paypal.com"'
_CLOSED = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "midi", "usb")
_SCRIPTS = "{scripts}"  # in the place of the nonce, or of 'none', in a policy that waits for its answer


def nonce() -> str:
    """Return the nonce of this answer, which every script of its page carries; each answer has another one."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    found: str = g.csp_nonce
    return found


class Policies:
    """The policies of an installation, put together once; only the nonce is new with each answer."""

    def __init__(self, settings: Settings) -> None:
        self.endpoints = f'csp="{REPORTS}"' if settings.is_secure else ""
        self._plain = _text(settings, ())
        self._with_forms = {endpoint: _text(settings, whose) for endpoint, whose in PAYMENT_PAGES.items()}
        closed = ", ".join(f"{feature}=()" for feature in _CLOSED)
        self._closed = f"{closed}, payment=(), publickey-credentials-get=()"
        self._open = {
            endpoint: f"{closed}, payment=({frames}), publickey-credentials-get=({frames})"
            for endpoint, frames in ((endpoint, _frames(settings, whose)) for endpoint, whose in PAYMENT_PAGES.items())
        }

    def loading(self, endpoint: str) -> str:
        """Return what the page of this answer may load; `endpoint` is empty for a page without a provider's form."""
        policy = self._with_forms.get(endpoint, self._plain)
        return policy.replace(_SCRIPTS, f"'nonce-{nonce()}'" if "csp_nonce" in g or endpoint else "'none'")

    def features(self, endpoint: str) -> str:
        """Return what the page and its frames may ask the browser for."""
        return self._open.get(endpoint, self._closed)


def _text(settings: Settings, whose: tuple[str, ...]) -> str:
    found: dict[str, list[str]] = {
        "default-src": ["'none'"],
        "script-src": [_SCRIPTS],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": [],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    if "stripe" in whose and settings.stripe is not None:
        _allow_stripe(found, settings.stripe.api_base, settings.stripe.js_url)
    if "paypal" in whose and settings.paypal is not None:
        _allow_paypal(found, settings.paypal.api_base, settings.paypal.sdk_url)
    found["frame-src"] = found["frame-src"] or ["'none'"]
    if settings.is_secure:
        found["upgrade-insecure-requests"] = []
        found["report-to"] = ["csp"]
    found["report-uri"] = [REPORTS]  # for browsers that do not know report-to; the others prefer that
    return "; ".join(" ".join([directive, *sources]) for directive, sources in found.items())


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
        found["img-src"].append("data:")
        found["style-src"].append(_SCRIPTS)  # its script gives the nonce on to the styles that it writes
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


def _frames(settings: Settings, whose: tuple[str, ...]) -> str:
    """Return which frames a payment page lets ask for a payment or a passkey, beside itself."""
    found = ["self"]
    if "stripe" in whose and settings.stripe is not None:
        official = settings.stripe.api_base == STRIPE_API
        found.append(_STRIPE_FRAMES if official else f'"{origin_of(settings.stripe.js_url)}"')
    if "paypal" in whose and settings.paypal is not None:
        official = settings.paypal.api_base in (PAYPAL_LIVE_API, PAYPAL_TEST_API)
        found.append(_PAYPAL_FRAMES if official else f'"{origin_of(settings.paypal.sdk_url)}"')
    return " ".join(found)
