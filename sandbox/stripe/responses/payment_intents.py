"""PaymentIntents: https://docs.stripe.com/api/payment_intents."""

from typing import Any

from sandbox.stripe import amounts, errors, events, intents, lists, payments, search
from sandbox.stripe.models import KINDS, Call, client_secret, merge_metadata, new_id, revised, shipping

ONLY_WITH_CONFIRM = (
    "confirmation_token",
    "error_on_requires_action",
    "mandate",
    "mandate_data",
    "off_session",
    "return_url",
)
UNSIMULATED = ("application_fee_amount", "hooks", "on_behalf_of", "transfer_data")  # Connect
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action")
CHANGEABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
ALWAYS_CHANGEABLE = frozenset({"description", "expand", "metadata", "receipt_email", "shipping", "transfer_group"})
SEARCHABLE = ("amount", "created", "currency", "customer", "metadata", "status")
PLAIN = (
    "description",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)


def create(call: Call) -> dict[str, Any]:
    """POST /v1/payment_intents; with `confirm` it is tried at once, and a decline is a 402 that carries the intent."""
    params = call.params
    errors.refuse_unsimulated(params, UNSIMULATED)
    confirm = params.get("confirm", False)
    for name in ONLY_WITH_CONFIRM:
        if name in params and not confirm:
            message = (
                f"The parameter `{name}` cannot be passed when creating a PaymentIntent unless `confirm` is set "
                "to true."
            )
            raise errors.refused(message, param=name)
    currency = amounts.check_currency(params["currency"])
    amounts.check_amount(params["amount"], currency)
    if params.get("customer"):
        call.find("customer", params["customer"], "customer")
    intent = _new(call, currency)
    try:
        method = payments.prepare(call, intent) if confirm else _preset(call, intent)
    except errors.StripeError:
        del call.table("payment_intent")[intent["id"]]
        raise
    events.emit(call, "payment_intent.created", intent)
    return payments.attempt(call, intent, method) if confirm and method else intent


def get(call: Call) -> dict[str, Any]:
    """GET /v1/payment_intents/{id}."""
    return intents.find(call, "payment_intent")


def update(call: Call) -> dict[str, Any]:
    """POST /v1/payment_intents/{id}: anything before it is paid, notes about it afterwards."""
    intent = intents.find(call, "payment_intent")
    params = call.params
    errors.refuse_unsimulated(params, UNSIMULATED)
    for name in params:
        if intent["status"] not in CHANGEABLE and name not in ALWAYS_CHANGEABLE:
            message = (
                f"This PaymentIntent's {name} could not be updated because it has a status of {intent['status']}. You "
                f"may only update the {name} of a PaymentIntent with one of the following statuses: "
                f"{', '.join(CHANGEABLE)}."
            )
            raise intents.unexpected(intent, message)
    currency = amounts.check_currency(params.get("currency", intent["currency"]))
    amounts.check_amount(params.get("amount", intent["amount"]), currency)
    if params.get("customer"):
        call.find("customer", params["customer"], "customer")
    with revised(intent) as changed:
        _change(call, changed, currency)
    return intent


def list_all(call: Call) -> dict[str, Any]:
    """GET /v1/payment_intents."""
    return lists.page(call, "payment_intent", "/v1/payment_intents", keep=lists.matches(call.params, "customer"))


def search_all(call: Call) -> dict[str, Any]:
    """GET /v1/payment_intents/search."""
    return search.page(call, "payment_intent", "/v1/payment_intents/search", SEARCHABLE)


def confirm(call: Call) -> dict[str, Any]:
    """POST /v1/payment_intents/{id}/confirm, from a server or from a browser."""
    return payments.confirm(call, intents.find(call, "payment_intent"))


def capture(call: Call) -> dict[str, Any]:
    """POST /v1/payment_intents/{id}/capture: all of the authorized amount, or less."""
    intent = intents.find(call, "payment_intent")
    if intent["status"] != "requires_capture":
        message = (
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture."
        )
        raise intents.unexpected(intent, message)
    errors.refuse_unsimulated(call.params, (*UNSIMULATED, "amount_details", "payment_details"))
    if call.params.get("final_capture") is False:
        raise errors.refused("This sandbox does not simulate captures in several parts.", param="final_capture")
    amount = call.params.get("amount_to_capture", intent["amount_capturable"])
    if not 0 < amount <= intent["amount_capturable"]:
        message = (
            f"The amount to capture ({amount}) must be positive and no greater than the amount that can be captured "
            f"({intent['amount_capturable']})."
        )
        raise errors.refused(message, param="amount_to_capture", code="amount_too_large")
    if "metadata" in call.params:
        intent["metadata"] = merge_metadata(intent["metadata"], call.params["metadata"])
    return payments.capture(call, intent, amount)


def cancel(call: Call) -> dict[str, Any]:
    """POST /v1/payment_intents/{id}/cancel; a bank debit on its way cannot be called back."""
    intent = intents.find(call, "payment_intent")
    if intent["status"] not in CANCELABLE:
        message = (
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be canceled: {', '.join(CANCELABLE)}."
        )
        raise intents.unexpected(intent, message)
    return payments.cancel(call, intent, call.params.get("cancellation_reason"))


def _new(call: Call, currency: str) -> dict[str, Any]:
    params = call.params
    intent_id = new_id("pi_", KINDS["payment_intent"][1])
    intent = {
        "id": intent_id,
        "object": "payment_intent",
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": client_secret(intent_id),
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": call.now(),
        "currency": currency,
        "customer": params.get("customer"),
        "customer_account": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata") or {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": _options(params),
        "processing": None,
        "review": None,
        "shipping": shipping(params.get("shipping")),
        "source": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        **{name: params.get(name) for name in PLAIN},
        **intents.choose_types(params, currency),
    }
    call.table("payment_intent")[intent_id] = intent
    return intent


def _preset(call: Call, intent: dict[str, Any]) -> dict[str, Any] | None:
    """Put a payment method on an intent that is not confirmed yet."""
    if "payment_method_data" not in call.params and not call.params.get("payment_method"):
        return None
    method = intents.take_method(call, intent)
    intent.update({"payment_method": method["id"], "status": "requires_confirmation"})
    return method


def _change(call: Call, intent: dict[str, Any], currency: str) -> None:
    params = call.params
    if "currency" in params or "allowed_payment_method_types" in params or "excluded_payment_method_types" in params:
        intent.update(intents.choose_types(params, currency))
    intent["currency"] = currency
    for name in (*PLAIN, "amount", "customer", "capture_method"):
        if name in params:
            intent[name] = params[name]
    if "shipping" in params:
        intent["shipping"] = shipping(params["shipping"])
    if "metadata" in params:
        intent["metadata"] = merge_metadata(intent["metadata"], params["metadata"])
    for kind, options in (params.get("payment_method_options") or {}).items():
        intent["payment_method_options"].setdefault(kind, {}).update(options or {})
    if intent["status"] in CHANGEABLE:
        intent["last_payment_error"] = None
        _preset(call, intent)
        if intent["status"] == "requires_action" and {"amount", "currency", "customer"} & params.keys():
            intent.update({"status": "requires_confirmation", "next_action": None})


def _options(params: dict[str, Any]) -> dict[str, Any]:
    card = {
        "installments": None,
        "mandate_options": None,
        "network": None,
        "request_three_d_secure": "automatic",
    }
    given = params.get("payment_method_options") or {}
    rest = {kind: dict(options or {}) for kind, options in given.items() if kind != "card"}
    return {"card": {**card, **(given.get("card") or {})}, **rest}
