"""SetupIntents: https://docs.stripe.com/api/setup_intents."""

from typing import Any

from sandbox.stripe import errors, events, intents, lists, setups
from sandbox.stripe.models import KINDS, Call, client_secret, merge_metadata, new_id, revised

ONLY_WITH_CONFIRM = ("confirmation_token", "mandate_data", "return_url", "single_use")
CANCELABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(call: Call) -> dict[str, Any]:
    """POST /v1/setup_intents; with `confirm` it is tried at once."""
    params = call.params
    confirm = params.get("confirm", False)
    for name in ONLY_WITH_CONFIRM:
        if name in params and not confirm:
            message = (
                f"The parameter `{name}` cannot be passed when creating a SetupIntent unless `confirm` is set to true."
            )
            raise errors.refused(message, param=name)
    if params.get("customer"):
        call.find("customer", params["customer"], "customer")
    intent = _new(call)
    try:
        method = setups.prepare(call, intent) if confirm else _preset(call, intent)
    except errors.StripeError:
        del call.table("setup_intent")[intent["id"]]
        raise
    events.emit(call, "setup_intent.created", intent)
    return setups.attempt(call, intent, method) if confirm and method else intent


def get(call: Call) -> dict[str, Any]:
    """GET /v1/setup_intents/{id}."""
    return intents.find(call, "setup_intent")


def update(call: Call) -> dict[str, Any]:
    """POST /v1/setup_intents/{id}."""
    intent = intents.find(call, "setup_intent")
    params = call.params
    if intent["status"] not in CANCELABLE and params.keys() - {"metadata", "description"}:
        message = f"You cannot update this SetupIntent because it has a status of {intent['status']}."
        raise intents.unexpected(intent, message)
    if params.get("customer"):
        call.find("customer", params["customer"], "customer")
    with revised(intent) as changed:
        for name in ("customer", "description"):
            if name in params:
                changed[name] = params[name]
        if "metadata" in params:
            changed["metadata"] = merge_metadata(changed["metadata"], params["metadata"])
        if changed["status"] in CANCELABLE:
            changed["last_setup_error"] = None
            _preset(call, changed)
    return intent


def list_all(call: Call) -> dict[str, Any]:
    """GET /v1/setup_intents."""
    keep = lists.matches(call.params, "customer", "payment_method")
    return lists.page(call, "setup_intent", "/v1/setup_intents", keep=keep)


def confirm(call: Call) -> dict[str, Any]:
    """POST /v1/setup_intents/{id}/confirm, from a server or from a browser."""
    return setups.confirm(call, intents.find(call, "setup_intent"))


def cancel(call: Call) -> dict[str, Any]:
    """POST /v1/setup_intents/{id}/cancel."""
    intent = intents.find(call, "setup_intent")
    if intent["status"] not in CANCELABLE:
        message = (
            f"You cannot cancel this SetupIntent because it has a status of {intent['status']}. Only a SetupIntent "
            f"with one of the following statuses may be canceled: {', '.join(CANCELABLE)}."
        )
        raise intents.unexpected(intent, message)
    reason = call.params.get("cancellation_reason")
    intent.update({"status": "canceled", "cancellation_reason": reason, "next_action": None})
    events.emit(call, "setup_intent.canceled", intent)
    return intent


def _new(call: Call) -> dict[str, Any]:
    params = call.params
    intent_id = new_id("seti_", KINDS["setup_intent"][1])
    given = (params.get("payment_method_options") or {}).get("card") or {}
    card = {"mandate_options": None, "network": None, "request_three_d_secure": "automatic", **given}
    intent = {
        "id": intent_id,
        "object": "setup_intent",
        "application": None,
        "cancellation_reason": None,
        "client_secret": client_secret(intent_id),
        "created": call.now(),
        "customer": params.get("customer"),
        "customer_account": None,
        "description": params.get("description"),
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merge_metadata({}, params.get("metadata") or {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {"card": card},
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": params.get("usage", "off_session"),
        **intents.choose_types(params, None, "setup_intent"),
    }
    call.table("setup_intent")[intent_id] = intent
    return intent


def _preset(call: Call, intent: dict[str, Any]) -> dict[str, Any] | None:
    if "payment_method_data" not in call.params and not call.params.get("payment_method"):
        return None
    method = intents.take_method(call, intent)
    intent.update({"payment_method": method["id"], "status": "requires_confirmation"})
    return method
