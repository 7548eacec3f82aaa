"""What PaymentIntents and SetupIntents have in common: who may touch them, which methods they take, what was sent."""

from typing import Any

from sandbox.stripe import errors
from sandbox.stripe.models import Call, shown
from sandbox.stripe.responses import payment_methods

NAMES = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}
ENABLED = ("card", "sepa_debit")  # what this account offers; Stripe reads it from the Dashboard
RETURN_URL_NEEDED = (
    "This {noun} is configured to accept payment methods enabled in your Dashboard. Because some of these payment "
    "methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to "
    "accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
    "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
)


def find(call: Call, kind: str) -> dict[str, Any]:
    """Return the intent of the address; a publishable key needs its client secret, a wrong secret finds nothing."""
    intent = call.find(kind, call.ids[0], "intent")
    given = call.client_secret if call.public else call.params.get("client_secret")
    if call.public and given is None:
        raise errors.missing("client_secret")
    if given is not None and given != intent["client_secret"]:
        message = f"The client_secret provided does not match any associated {NAMES[kind]} on this account."
        raise errors.refused(message, param="client_secret", code=f"{kind}_invalid_parameter")
    return intent


def unexpected(intent: dict[str, Any], message: str) -> errors.StripeError:
    """Return the refusal of something that an intent's status does not allow; the intent is in the error."""
    code = f"{intent['object']}_unexpected_state"
    error = errors.refused(message, code=code)
    error.error[intent["object"]] = shown(intent)
    return error


def choose_types(params: dict[str, Any], currency: str | None, noun: str = "payment_intent") -> dict[str, Any]:
    """Return the fields that say which methods an intent takes; raises StripeError for parameters at odds.

    Allowed types that do not fit (a currency, an account) are left out silently; SEPA debits are for euros.
    """
    names = (
        "allowed_payment_method_types",
        "excluded_payment_method_types",
        "automatic_payment_methods",
        "payment_method_configuration",
    )
    given = [name for name in names if params.get(name)]
    if "allowed_payment_method_types" in given and len(given) > 1:
        message = f"You may only specify one of these parameters: {', '.join(given)}."
        raise errors.refused(message, param=given[-1], code=f"{noun}_invalid_parameter")
    allowed = params.get("allowed_payment_method_types")
    excluded = params.get("excluded_payment_method_types")
    automatic = params.get("automatic_payment_methods") or {"enabled": True}
    offered = [kind for kind in ENABLED if kind != "sepa_debit" or currency in (None, "eur")]
    types = [kind for kind in offered if (not allowed or kind in allowed) and kind not in (excluded or ())]
    if not types:
        message = (
            f"No valid payment method types for this {NAMES[noun]}. Please ensure that you have activated payment "
            "methods compatible with your chosen currency and parameters."
        )
        raise errors.refused(message, code=f"{noun}_invalid_parameter")
    shown_automatic = {"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": automatic["enabled"]}
    return {
        "allowed_payment_method_types": allowed,
        "excluded_payment_method_types": excluded,
        "automatic_payment_methods": None if allowed else shown_automatic,
        "payment_method_configuration_details": None if allowed else {"id": "pmc_sandbox", "parent": None},
        "payment_method_types": types,
    }


def need_return_url(call: Call, intent: dict[str, Any]) -> None:
    """Raise StripeError when a confirmation lacks the return address that redirecting methods might need."""
    automatic = intent["automatic_payment_methods"]
    if call.params.get("return_url") or call.params.get("off_session") or intent.get("_return_url"):
        return
    if automatic is None or automatic["allow_redirects"] == "never" or call.params.get("use_stripe_sdk"):
        return
    raise errors.refused(
        RETURN_URL_NEEDED.format(noun=NAMES[intent["object"]]),
        code=f"{intent['object']}_invalid_parameter",
        param="return_url",
    )


def take_method(call: Call, intent: dict[str, Any]) -> dict[str, Any]:
    """Return the payment method that a confirmation means: a token, new details, an id, or the one already there."""
    params = call.params
    if token_id := params.get("confirmation_token"):
        method = _from_confirmation_token(call, intent, token_id)
    elif "payment_method_data" in params:
        method = payment_methods.make(call, params["payment_method_data"], call.card)
    elif params.get("payment_method"):
        method = payment_methods.resolve(call, params["payment_method"])
    elif intent["payment_method"]:
        method = call.find("payment_method", intent["payment_method"], "payment_method")
    else:
        noun = NAMES[intent["object"]]
        message = (
            f"You cannot confirm this {noun} because it's missing a payment method. You can either update the {noun} "
            "with a payment method and then confirm it again, or confirm it again directly with a payment method or "
            "ConfirmationToken."
        )
        raise unexpected(intent, message)
    check_method(call, intent, method)
    return method


def check_method(call: Call, intent: dict[str, Any], method: dict[str, Any]) -> None:
    """Raise StripeError for a payment method that this intent may not use."""
    if method.get("_used") and method["customer"] is None:
        raise errors.refused(payment_methods.USED, code="payment_method_unexpected_state")
    if method["customer"] is not None and method["customer"] != intent["customer"]:
        if intent["customer"] is None:
            message = (
                "The payment method you provided is attached to a customer so for security purposes you must provide "
                "the customer in the request."
            )
            raise errors.refused(message, param="payment_method", code=f"{intent['object']}_invalid_parameter")
        message = (
            f"The customer does not have a payment method with the ID {method['id']}. The payment method must be "
            "attached to the customer."
        )
        raise errors.refused(message, param="payment_method", code="resource_missing")
    if method["type"] not in intent["payment_method_types"]:
        message = (
            f"The {NAMES[intent['object']]} does not allow the payment method type ({method['type']}). Allowed: "
            f"{', '.join(intent['payment_method_types'])}."
        )
        raise errors.refused(message, param="payment_method", code="payment_intent_incompatible_payment_method")


def _from_confirmation_token(call: Call, intent: dict[str, Any], token_id: str) -> dict[str, Any]:
    token = call.find("confirmation_token", token_id, "confirmation_token")
    if token.get("_spent") or (token["expires_at"] or 0) < call.now():
        message = f"The confirmation token {token_id} has already been used or has expired. Create a new one."
        raise errors.refused(message, param="confirmation_token")
    for name in ("return_url", "setup_future_usage", "shipping", "mandate_data"):
        if token.get(name) and name not in call.params:
            call.params[name] = token[name]
    call.params.setdefault("use_stripe_sdk", token["use_stripe_sdk"])
    return call.find("payment_method", token["_payment_method"], "payment_method")


def spend_token(call: Call, intent: dict[str, Any]) -> None:
    """Mark the confirmation token of a confirmation as used, once nothing stands in its way any more."""
    if token_id := call.params.get("confirmation_token"):
        token = call.find("confirmation_token", token_id, "confirmation_token")
        token.update({"_spent": True, intent["object"]: intent["id"]})
