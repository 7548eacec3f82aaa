"""Customer sessions: what a Payment Element may show and save of a customer: https://docs.stripe.com/api/customer_sessions."""

from typing import Any

from sandbox.stripe import errors
from sandbox.stripe.models import Call, new_id

LIFE_SECONDS = 1_800
COMPONENTS = (
    "active_entitlements",
    "buy_button",
    "customer_portal",
    "customer_sheet",
    "mobile_payment_element",
    "payment_element",
    "pricing_table",
)
FEATURES: dict[str, Any] = {
    "payment_method_allow_redisplay_filters": ["always"],
    "payment_method_redisplay": "disabled",
    "payment_method_redisplay_limit": 3,
    "payment_method_remove": "disabled",
    "payment_method_save": "disabled",
    "payment_method_save_usage": None,
}
MOST_SHOWN = 10


def create(call: Call) -> dict[str, Any]:
    """POST /v1/customer_sessions; the client secret is good for half an hour."""
    if not call.params.get("customer"):
        raise errors.missing("customer")
    customer = call.find("customer", call.params["customer"], "customer")
    given = call.params["components"]
    if not any((given.get(name) or {}).get("enabled") for name in COMPONENTS):
        raise errors.refused("At least one component must be enabled.", param="components")
    session = {
        "object": "customer_session",
        "client_secret": f"cuss_secret_{new_id('', 40)}",
        "components": {name: _component(name, given.get(name)) for name in COMPONENTS},
        "created": call.now(),
        "customer": customer["id"],
        "customer_account": None,
        "expires_at": call.now() + LIFE_SECONDS,
        "livemode": False,
    }
    table = call.table("customer_session")
    for secret in [key for key, old in table.items() if old["expires_at"] <= call.now()]:
        del table[secret]
    table[session["client_secret"]] = session
    return session


def _component(name: str, given: dict[str, Any] | None) -> dict[str, Any]:
    given = given or {"enabled": False}
    component: dict[str, Any] = {"enabled": given["enabled"]}
    if name == "payment_element":
        features = {**FEATURES, **(given.get("features") or {})}
        if not 1 <= features["payment_method_redisplay_limit"] <= MOST_SHOWN:
            message = f"Invalid payment_method_redisplay_limit: must be between 1 and {MOST_SHOWN}."
            raise errors.refused(message, param="components[payment_element][features][payment_method_redisplay_limit]")
        component["features"] = features if given["enabled"] else None
    elif name in ("customer_sheet", "mobile_payment_element"):
        component["features"] = None
    return component
