"""Confirmation tokens: what a form holds, handed to a server to confirm with.

https://docs.stripe.com/api/confirmation_tokens. A browser makes them with its publishable key; tests make them with the
test helper.
"""

from typing import Any, NotRequired

from stripe.params.test_helpers import ConfirmationTokenCreateParams

from sandbox.stripe import errors
from sandbox.stripe.models import Call, merge_metadata, shipping, shown
from sandbox.stripe.responses import payment_methods

LIFE_SECONDS = 12 * 3_600
PREVIEWED = ("allow_redisplay", "billing_details", "card", "customer", "customer_account", "sepa_debit", "type")


class BrowserParams(ConfirmationTokenCreateParams):
    """What Stripe.js sends; the SDK knows the test helper's parameters only."""

    use_stripe_sdk: NotRequired[bool]
    mandate_data: NotRequired[dict[str, Any]]
    metadata: NotRequired[dict[str, str]]
    client_context: NotRequired[dict[str, Any]]
    set_as_default_payment_method: NotRequired[bool]


def create(call: Call) -> dict[str, Any]:
    """POST /v1/confirmation_tokens from a browser, or /v1/test_helpers/confirmation_tokens from a test."""
    params = call.params
    if params.get("payment_method"):
        method = payment_methods.resolve(call, params["payment_method"])
    elif "payment_method_data" in params:
        method = payment_methods.make(call, params["payment_method_data"], call.card)
    else:
        raise errors.missing("payment_method_data")
    sent = shipping(params.get("shipping"))
    return call.insert(
        "confirmation_token",
        {
            "created": call.now(),
            "expires_at": call.now() + LIFE_SECONDS,
            "livemode": False,
            "mandate_data": _acceptance(params.get("mandate_data"), method),
            "metadata": merge_metadata({}, params.get("metadata") or {}),
            "payment_intent": None,
            "payment_method_options": None,
            "payment_method_preview": {name: method[name] for name in PREVIEWED if name in method},
            "return_url": params.get("return_url"),
            "setup_future_usage": params.get("setup_future_usage"),
            "setup_intent": None,
            "shipping": {name: sent[name] for name in ("address", "name", "phone")} if sent else None,
            "use_stripe_sdk": params.get("use_stripe_sdk", call.public),
            "_payment_method": method["id"],
        },
    )


def get(call: Call) -> dict[str, Any]:
    """GET /v1/confirmation_tokens/{id}."""
    return call.find("confirmation_token", call.ids[0])


def _acceptance(given: dict[str, Any] | None, method: dict[str, Any]) -> dict[str, Any] | None:
    """Return the mandate's acceptance; a browser's form shows the mandate, so a debit from there has been accepted."""
    if method["type"] != "sepa_debit":
        return None
    online = ((given or {}).get("customer_acceptance") or {}).get("online") or {}
    seen = {"ip_address": online.get("ip_address", "127.0.0.1"), "user_agent": online.get("user_agent")}
    return shown({"customer_acceptance": {"online": seen, "type": "online"}})  # type: ignore[no-any-return]
