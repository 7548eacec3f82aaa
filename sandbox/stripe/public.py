"""What a publishable key may bring and see: https://docs.stripe.com/keys and Stripe.js's own requests.

A browser holds a client secret and works on one intent; metadata, the customer and the charge are not its business.
"""

from typing import Any

from flask import Response

# What Stripe.js sends along for Stripe's own use. Read by nobody here.
TELEMETRY = frozenset(
    "_stripe_version _stripe_account payment_user_agent referrer time_on_page guid muid sid pasted_fields "
    "hcaptcha_token radar_options "
    "client_attribution_metadata expected_payment_method_type elements_session_id".split()
)
INTENT_FIELDS = frozenset(
    "id object amount amount_details automatic_payment_methods canceled_at cancellation_reason "
    "capture_method client_secret confirmation_method created currency description last_payment_error "
    "last_setup_error livemode next_action payment_method payment_method_types processing receipt_email "
    "setup_future_usage shipping source status usage".split()
)
METHOD_FIELDS = frozenset("id object allow_redisplay billing_details card created livemode sepa_debit type".split())
FIELDS = {"payment_intent": INTENT_FIELDS, "setup_intent": INTENT_FIELDS, "payment_method": METHOD_FIELDS}

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, PUT, PATCH, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Account, Stripe-Version",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry",
    "Access-Control-Max-Age": "300",
}


def allow_origin(response: Response) -> Response:
    """Let scripts of any origin read the answer, as api.stripe.com does."""
    response.headers.update(CORS)
    return response


def take_private(raw: dict[str, Any], is_public: bool) -> tuple[str | None, dict[str, Any] | None]:
    """Take out what only browsers send and return the client secret and the raw card."""
    if not is_public:
        return None, None
    data = raw.get("payment_method_data")
    card = data.pop("card", None) if isinstance(data, dict) else None
    for place in (raw, data):
        if isinstance(place, dict):
            for name in TELEMETRY & place.keys():
                del place[name]
    secret = raw.pop("client_secret", None)
    return (secret if isinstance(secret, str) else None), (card if isinstance(card, dict) else None)


def view(thing: Any) -> Any:
    """Return what a browser sees of an answer."""
    if isinstance(thing, list):
        return [view(inner) for inner in thing]
    if not isinstance(thing, dict):
        return thing
    fields = FIELDS.get(str(thing.get("object")))
    return {name: view(value) for name, value in thing.items() if fields is None or name in fields}


def view_error(error: dict[str, Any]) -> dict[str, Any]:
    """Return what a browser sees of an error, with the intent in it."""
    return {name: view(value) for name, value in error.items() if name != "charge"}
