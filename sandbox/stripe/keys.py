"""API keys: any test key is good, a live one is refused: https://docs.stripe.com/keys."""

from typing import Any

from flask import Request

from sandbox.stripe.errors import StripeError, unauthenticated

NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we "
    "can help at https://support.stripe.com/."
)
LIVE_KEY = (
    "Invalid API Key provided: this is a live key, and this is a sandbox on your own machine. It takes test keys only "
    "(sk_test_... and pk_test_...). Take the live key out of this environment."
)
NOT_WITH_PUBLIC_KEY = (
    "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your "
    "API keys at https://dashboard.stripe.com/account/apikeys."
)


def read(request: Request, raw: dict[str, Any]) -> str:
    """Take the key from Bearer, Basic or the `key` parameter (which is removed); raise StripeError for a bad one."""
    given = raw.pop("key", None)
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        given = header.removeprefix("Bearer ").strip()
    elif request.authorization is not None and request.authorization.type == "basic":
        given = request.authorization.username
    if not given or not isinstance(given, str):
        raise unauthenticated(NO_KEY)
    if given.startswith(("sk_live_", "rk_live_", "pk_live_")):
        raise unauthenticated(LIVE_KEY, "live_key_in_sandbox")
    if not given.startswith(("sk_test_", "rk_test_", "pk_test_")):
        raise unauthenticated(f"Invalid API Key provided: {_masked(given)}")
    return given


def is_public(key: str) -> bool:
    """Tell whether a key is publishable."""
    return key.startswith("pk_")


def need_secret() -> StripeError:
    """Return the refusal of a publishable key where a secret one is needed."""
    return unauthenticated(NOT_WITH_PUBLIC_KEY, "secret_key_required")


def _masked(key: str) -> str:
    return key[:4] + "*" * max(0, len(key) - 8) + key[-4:] if len(key) > 8 else "*" * len(key)
