"""What the Payment Element asks before it shows itself: `GET /v1/elements/sessions`.

Stripe does not document this endpoint; the names in the answer are those of its own scripts. It tells which ways to pay
there are, repeats the intent, and lists the customer's saved methods if a customer session allows it.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.stripe import errors, forms, keys, public
from sandbox.stripe.amounts import ACCOUNT_COUNTRY, ACCOUNT_CURRENCY
from sandbox.stripe.errors import StripeError
from sandbox.stripe.models import Call, new_id
from sandbox.stripe.responses import payment_methods
from sandbox.world import World

SEPA_CURRENCY = "eur"
REDISPLAY_LIMIT = 3  # saved methods shown, unless the customer session says otherwise


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the endpoint, and the one by which a customer removes a saved method."""

    @routes.get("/v1/elements/sessions")
    def elements_session() -> Response:
        return _answer(world, lambda raw: read_session(world, raw))

    @routes.post("/v1/elements/payment_methods/<method_id>/detach")
    def remove_saved(method_id: str) -> Response:
        return _answer(world, lambda raw: detach(world, method_id, raw))


def read_session(world: World, raw: dict[str, Any]) -> dict[str, Any]:
    """Return the session for an intent, or for what `elements({mode})` says about one that does not exist yet."""
    intent = _intent(world, raw)
    types = intent["payment_method_types"] if intent else _deferred_types(raw.get("deferred_intent") or {})
    session = {
        "object": "elements_session",
        "session_id": new_id("elements_session_", 11),
        "livemode": False,
        "merchant_country": ACCOUNT_COUNTRY,
        "merchant_currency": ACCOUNT_CURRENCY,
        "merchant_name": "the merchant",
        "payment_method_preference": {
            "object": "payment_method_preference",
            "type": raw.get("type"),
            "ordered_payment_method_types": types,
            "country_code": ACCOUNT_COUNTRY,
        },
        "customer": _customer(world, raw.get("customer_session_client_secret"), types),
    }
    if intent:
        session[intent["object"]] = public.view(intent)
    return session


def detach(world: World, method_id: str, raw: dict[str, Any]) -> dict[str, Any]:
    """Take a saved method from its customer, if the customer session lets customers do so."""
    session = _customer_session(world, raw.get("customer_session_client_secret"))
    method = world.store.table("stripe.payment_method").get(method_id)
    if method is None or method.get("customer") != session["customer"]:
        raise errors.no_such("PaymentMethod", method_id)
    if _features(session).get("payment_method_remove") != "enabled":
        raise errors.refused("This customer session does not let customers remove payment methods.")
    payment_methods.detach_from_customer(Call(world), method)
    world.store.changed()
    shown: dict[str, Any] = public.view(method)
    return shown


def _answer(world: World, work: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
    try:
        raw = forms.decode([*request.args.items(multi=True), *request.form.items(multi=True)])
        keys.read(request, raw)
        with world.store.lock:
            response = jsonify(work(raw))
    except StripeError as error:
        response = jsonify(error.body(new_id("req_", 14)))
        response.status_code = error.status
    response.headers["Cache-Control"] = "no-store"
    return public.allow_origin(response)


def _intent(world: World, raw: dict[str, Any]) -> dict[str, Any] | None:
    """Return the intent of the client secret; None for a deferred one."""
    secret = raw.get("client_secret")
    if secret is None:
        return None
    kind = "setup_intent" if str(secret).startswith("seti_") else "payment_intent"
    intent: dict[str, Any] | None = world.store.table(f"stripe.{kind}").get(str(secret).split("_secret_")[0])
    if intent is None or intent["client_secret"] != secret:
        raise errors.no_such(kind, str(secret).split("_secret_")[0], "intent")
    return intent


def _deferred_types(deferred: dict[str, Any]) -> list[str]:
    """Return the ways to pay that a currency allows, less what the merchant ruled out."""
    types = ["card", "sepa_debit"] if deferred.get("currency") == SEPA_CURRENCY else ["card"]
    allowed = set((deferred.get("allowed_payment_method_types") or {}).values())
    excluded = set((deferred.get("excluded_payment_method_types") or {}).values())
    return [name for name in types if (not allowed or name in allowed) and name not in excluded]


def _customer(world: World, secret: Any, types: list[str]) -> dict[str, Any] | None:
    if secret is None:
        return None
    session = _customer_session(world, secret)
    methods = _saved_methods(world, session, types)
    return {
        "customer_session": {
            "object": "customer_session",
            "customer": session["customer"],
            "livemode": False,
            "components": session["components"],
        },
        "payment_methods": [public.view(method) for method in methods],
        "default_payment_method": None,
    }


def _customer_session(world: World, secret: Any) -> dict[str, Any]:
    """Return the customer session of a client secret; raise StripeError for an unknown or expired one."""
    sessions = world.store.table("stripe.customer_session").values()
    session: dict[str, Any] | None = next((each for each in sessions if each["client_secret"] == secret), None)
    if session is None:
        raise errors.refused("No such customer session, or its client secret is wrong.", code="resource_missing")
    if session["expires_at"] <= world.clock.unix():
        raise errors.refused("This customer session has expired. Create a new one.", code="customer_session_expired")
    return session


def _features(session: dict[str, Any]) -> dict[str, Any]:
    element = session["components"].get("payment_element") or {}
    return (element.get("features") or {}) if element.get("enabled") else {}


def _saved_methods(world: World, session: dict[str, Any], types: list[str]) -> list[dict[str, Any]]:
    """Return what the customer may choose from, the default first, then the newest."""
    features = _features(session)
    if features.get("payment_method_redisplay") != "enabled":
        return []
    filters = features.get("payment_method_allow_redisplay_filters") or ["always"]
    limit = int(features.get("payment_method_redisplay_limit") or REDISPLAY_LIMIT)
    customer = world.store.table("stripe.customer").get(session["customer"]) or {}
    default = (customer.get("invoice_settings") or {}).get("default_payment_method")
    methods = [
        method
        for method in reversed(list(world.store.table("stripe.payment_method").values()))
        if method.get("customer") == session["customer"]
        and method["type"] in types
        and method.get("allow_redisplay", "unspecified") in filters
    ]
    return sorted(methods, key=lambda method: method["id"] != default)[:limit]
