"""How a SetupIntent saves a payment method: confirmed, challenged, saved, refused.

The lifecycle is https://docs.stripe.com/payments/setup-intents#lifecycle.
"""

from typing import Any

from sandbox.stripe import challenges, events, intents, mandates
from sandbox.stripe.errors import StripeError
from sandbox.stripe.models import Call, shown
from sandbox.stripe.responses import payment_methods

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. Please choose a different payment method and try again."
)


def confirm(call: Call, intent: dict[str, Any]) -> dict[str, Any]:
    """Try to save; raises a card error (402) for a decline."""
    return attempt(call, intent, prepare(call, intent))


def prepare(call: Call, intent: dict[str, Any]) -> dict[str, Any]:
    """Return the payment method of a confirmation, changing nothing yet; raises StripeError when it cannot be tried."""
    if intent["status"] not in CONFIRMABLE:
        message = (
            f"You cannot confirm this SetupIntent because it has a status of {intent['status']}. Only a SetupIntent "
            f"with one of the following statuses may be confirmed: {', '.join(CONFIRMABLE)}."
        )
        raise intents.unexpected(intent, message)
    method = intents.take_method(call, intent)
    intents.need_return_url(call, intent)
    if method["type"] == "sepa_debit":
        mandates.require(call, intent, method)
    return method


def attempt(call: Call, intent: dict[str, Any], method: dict[str, Any]) -> dict[str, Any]:
    """Save a method: at once, or after a challenge."""
    intents.spend_token(call, intent)
    params = call.params
    intent["_return_url"] = params.get("return_url") or intent.get("_return_url")
    intent["_use_stripe_sdk"] = params.get("use_stripe_sdk", call.public and not params.get("return_url"))
    intent.update({"payment_method": method["id"], "last_setup_error": None, "next_action": None})
    if method["type"] == "sepa_debit":
        intent["mandate"] = mandates.accept(call, intent, method, multi_use=True)
        return _succeed(call, intent, method)
    card = payment_methods.card_of(method)
    asked = intent["payment_method_options"]["card"]["request_three_d_secure"]
    if card.blocked or not challenges.needed_to_save(card, asked):
        return save_card(call, intent, method)
    challenges.start(call, intent, method)
    events.emit(call, "setup_intent.requires_action", intent)
    return intent


def save_card(call: Call, intent: dict[str, Any], method: dict[str, Any]) -> dict[str, Any]:
    """Ask the card's bank whether the card is good; raises a card error when it is not."""
    no = payment_methods.card_of(method).attach
    if no is None:
        return _succeed(call, intent, method)
    error = payment_methods.declined(no, payment_method=shown(method))
    _fail(call, intent, error)
    error.error["setup_intent"] = shown(intent)
    raise error


def fail_authentication(call: Call, intent: dict[str, Any], method: dict[str, Any]) -> None:
    """End a challenge that was failed or closed."""
    error = StripeError(402, AUTHENTICATION_FAILED, code="setup_intent_authentication_failure")
    error.error["payment_method"] = shown(method)
    _fail(call, intent, error)


def _succeed(call: Call, intent: dict[str, Any], method: dict[str, Any]) -> dict[str, Any]:
    method["_set_up"] = intent["usage"] == "off_session"
    if intent["customer"] and method["customer"] is None:
        payment_methods.attach_to(call, method, intent["customer"])
    intent.update({"status": "succeeded", "next_action": None})
    events.emit(call, "setup_intent.succeeded", intent)
    return intent


def _fail(call: Call, intent: dict[str, Any], error: StripeError) -> None:
    reason = {name: value for name, value in error.error.items() if name != "setup_intent"}
    intent.update(
        {
            "status": "requires_payment_method",
            "payment_method": None,
            "last_setup_error": reason,
            "next_action": None,
        }
    )
    events.emit(call, "setup_intent.setup_failed", intent)
