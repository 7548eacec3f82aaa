"""Access tokens: given for any pair of sandbox credentials, and checked on every other call.

A token carries its own client and its own end, signed with a constant, so it survives a reset and a restart. Its end
counts in wall time, as the SDK does: moving the simulated clock must not log anybody out.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from typing import Any

from flask import Request

from sandbox.paypal.errors import OAuthError, refuse

SECONDS = 32_400  # nine hours
SCOPE = " ".join(
    f"https://uri.paypal.com/services/{name}"
    for name in ("payments/payment/authcapture", "payments/refund", "payments/realtimepayment", "applications/webhooks")
)
APP_ID = "APP-80W284485P519543T"
_KEY = b"a sandbox token opens nothing but the sandbox"
_LIVE = "The sandbox takes no live credentials: use sandbox-client and sandbox-secret, or point the shop at PayPal."


def grant(request: Request) -> dict[str, Any]:
    """Answer `POST /v1/oauth2/token`; raises OAuthError for bad credentials or another grant."""
    given = request.authorization
    client, secret = (given.username or "", given.password or "") if given and given.type == "basic" else ("", "")
    if client.lower().startswith("live") or secret.lower().startswith("live"):
        raise OAuthError(401, "invalid_client", _LIVE)
    if not client or not secret:
        raise OAuthError(401, "invalid_client", "Client Authentication failed")
    if request.form.get("grant_type") != "client_credentials":
        raise OAuthError(400, "unsupported_grant_type", "unsupported grant_type")
    end = int(time.time()) + SECONDS
    return {
        "scope": SCOPE,
        "access_token": issue(client, end),
        "token_type": "Bearer",
        "app_id": APP_ID,
        "expires_in": SECONDS,
        "nonce": f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}{secrets.token_urlsafe(32)}",
    }


def issue(client: str, end: int) -> str:
    """Make the token of a client that ends at a unix time."""
    text = f"{end}|{secrets.token_hex(8)}|{client}"
    return "A21AA" + base64.urlsafe_b64encode(f"{_sign(text)}|{text}".encode()).decode().rstrip("=")


def check(header: str) -> None:
    """Accept the Authorization header of a call; raises the 401 that PayPal answers otherwise."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise refuse("AUTHENTICATION_FAILURE")
    signature, _, text = _open(token.strip()).partition("|")
    if not text or not hmac.compare_digest(signature, _sign(text)):
        raise OAuthError(401, "invalid_token", "Token signature verification failed")
    if int(text.partition("|")[0]) <= time.time():
        raise OAuthError(401, "invalid_token", "Access Token not found in cache")


def _open(token: str) -> str:
    raw = token.removeprefix("A21AA")
    try:
        return base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _sign(text: str) -> str:
    return hmac.new(_KEY, text.encode(), hashlib.sha256).hexdigest()[:24]
