"""How a PaymentIntent is paid: confirmed, challenged, authorized, captured, debited, declined.

The lifecycle is https://docs.stripe.com/payments/paymentintents/lifecycle.
"""

from typing import Any

from sandbox.stripe import banks, cards, challenges, charging, events, intents, mandates
from sandbox.stripe.cards import Decline
from sandbox.stripe.errors import StripeError
from sandbox.stripe.models import Call, shipping, shown
from sandbox.stripe.responses import payment_methods
from sandbox.world import World

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
FINISH_DEBIT, EXPIRE = "stripe.finish_debit", "stripe.expire_authorization"
HOLD_SECONDS = 7 * 86_400  # how long banks hold an authorization made online
DEBIT_FAILED = Decline(
    "generic_could_not_process",
    None,
    "The payment could not be processed by the customer's bank.",
    advice_code=None,
)
AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. Please choose a different payment method and try again."
)


def register(world: World) -> None:
    """Tell the agenda how bank debits end and authorizations expire."""

    def finish_debit(intent_id: str, charge_id: str) -> None:
        call = Call(world)
        intent, charge = call.table("payment_intent").get(intent_id), call.table("charge").get(charge_id)
        if intent and charge and intent["status"] == "processing" and intent["latest_charge"] == charge_id:
            _end_debit(call, intent, charge)

    def expire(intent_id: str) -> None:
        intent = world.store.table("stripe.payment_intent").get(intent_id)
        if intent and intent["status"] == "requires_capture":
            cancel(Call(world), intent, "expired")

    world.agenda.register(FINISH_DEBIT, finish_debit)
    world.agenda.register(EXPIRE, expire)


def confirm(call: Call, intent: dict[str, Any]) -> dict[str, Any]:
    """Try to pay; raises a card error (402) for a decline, after which the same intent can be confirmed again."""
    return attempt(call, intent, prepare(call, intent))


def prepare(call: Call, intent: dict[str, Any]) -> dict[str, Any]:
    """Return the payment method of a confirmation, changing nothing yet; raises StripeError when it cannot be tried."""
    if intent["status"] not in CONFIRMABLE:
        raise intents.unexpected(intent, _cannot_confirm(intent))
    method = intents.take_method(call, intent)
    intents.need_return_url(call, intent)
    if method["type"] == "sepa_debit":
        mandates.require(call, intent, method)
    return method


def attempt(call: Call, intent: dict[str, Any], method: dict[str, Any]) -> dict[str, Any]:
    """Pay with a method: at once, after a challenge, or by a debit that takes its time."""
    intents.spend_token(call, intent)
    _take_options(call, intent)
    intent.update({"payment_method": method["id"], "last_payment_error": None, "next_action": None})
    if method["type"] == "sepa_debit":
        return _start_debit(call, intent, method)
    card = payment_methods.card_of(method)
    off_session = bool(call.params.get("off_session"))
    asked = intent["payment_method_options"].get("card", {}).get("request_three_d_secure", "automatic")
    set_up = bool(method.get("_set_up"))
    if card.blocked or not challenges.needed_to_pay(card, off_session=off_session, set_up=set_up, asked=asked):
        return pay_by_card(call, intent, method, authenticated=False)
    if off_session or call.params.get("error_on_requires_action"):
        raise decline(call, intent, method, cards.AUTHENTICATION_REQUIRED)
    challenges.start(call, intent, method)
    events.emit(call, "payment_intent.requires_action", intent)
    return intent


def pay_by_card(call: Call, intent: dict[str, Any], method: dict[str, Any], *, authenticated: bool) -> dict[str, Any]:
    """Ask the card's bank; raises a card error when it declines."""
    no = payment_methods.card_of(method).charge
    if no is not None:
        raise decline(call, intent, method, no, authenticated=authenticated)
    manual = _is_manual(intent)
    charge = charging.make(call, intent, method, captured=not manual, authenticated=authenticated)
    intent.update({"latest_charge": charge["id"], "next_action": None})
    keep_method(call, intent, method)
    if manual:
        charge["payment_method_details"]["card"]["capture_before"] = call.now() + HOLD_SECONDS
    events.emit(call, "charge.succeeded", charge)
    if manual:
        intent.update({"status": "requires_capture", "amount_capturable": intent["amount"]})
        call.world.agenda.after(HOLD_SECONDS, EXPIRE, intent_id=intent["id"])
        events.emit(call, "payment_intent.amount_capturable_updated", intent)
        return intent
    intent.update({"status": "succeeded", "amount_received": intent["amount"]})
    events.emit(call, "payment_intent.succeeded", intent)
    charging.settle_soon(call, charge, late=intent["capture_method"] == "automatic_async")
    return intent


def decline(
    call: Call, intent: dict[str, Any], method: dict[str, Any], no: Decline, *, authenticated: bool = False
) -> StripeError:
    """Record a failed charge, put the intent back to `requires_payment_method`, and return the error to raise."""
    charge = charging.make(call, intent, method, status="failed", decline=no, authenticated=authenticated)
    error = payment_methods.declined(no, charge=charge["id"], payment_method=shown(method))
    fail(call, intent, error, charge)
    error.error["payment_intent"] = shown(intent)
    return error


def fail(call: Call, intent: dict[str, Any], error: StripeError, charge: dict[str, Any] | None) -> None:
    """Put an intent back to `requires_payment_method` with the reason."""
    reason = {name: value for name, value in error.error.items() if name != "payment_intent"}
    intent.update(
        {
            "status": "requires_payment_method",
            "payment_method": None,
            "last_payment_error": reason,
            "next_action": None,
            "processing": None,
        }
    )
    if charge is not None:
        intent["latest_charge"] = charge["id"]
        events.emit(call, "charge.failed", charge)
    events.emit(call, "payment_intent.payment_failed", intent)


def fail_authentication(call: Call, intent: dict[str, Any], method: dict[str, Any]) -> None:
    """End a challenge that was failed or closed: no charge, the intent asks for another payment method."""
    error = StripeError(402, AUTHENTICATION_FAILED, code="payment_intent_authentication_failure")
    error.error["payment_method"] = shown(method)
    fail(call, intent, error, None)


def capture(call: Call, intent: dict[str, Any], amount: int) -> dict[str, Any]:
    """Capture an authorized amount; what is left of it is released."""
    charge = call.find("charge", intent["latest_charge"])
    charging.capture(call, charge, amount, late=False)
    intent.update({"status": "succeeded", "amount_capturable": 0, "amount_received": amount})
    events.emit(call, "charge.captured", charge)
    events.emit(call, "payment_intent.succeeded", intent)
    return intent


def cancel(call: Call, intent: dict[str, Any], reason: str | None) -> dict[str, Any]:
    """Cancel an intent; a held authorization is released, which since 2025-03-31.basil is no refund.

    https://docs.stripe.com/changelog/basil/2025-03-31/remove-refund-from-partial-capture-and-payment-cancellation-flow
    """
    if reason == "expired":
        events.emit(call, "charge.expired", call.find("charge", intent["latest_charge"]))
    intent.update(
        {
            "status": "canceled",
            "canceled_at": call.now(),
            "cancellation_reason": reason,
            "amount_capturable": 0,
            "next_action": None,
        }
    )
    events.emit(call, "payment_intent.canceled", intent)
    return intent


def keep_method(call: Call, intent: dict[str, Any], method: dict[str, Any]) -> None:
    """Save the payment method when the intent is meant for later use too; without a customer it is used up."""
    if intent["setup_future_usage"] == "off_session":
        method["_set_up"] = True
    if method["customer"] is not None:
        return
    if intent["setup_future_usage"] and intent["customer"]:
        payment_methods.attach_to(call, method, intent["customer"])
    else:
        method["_used"] = True


def _take_options(call: Call, intent: dict[str, Any]) -> None:
    """Keep what a confirmation says beside the payment method."""
    params = call.params
    for name in ("receipt_email", "setup_future_usage", "capture_method"):
        if name in params:
            intent[name] = params[name]
    if "shipping" in params:
        intent["shipping"] = shipping(params["shipping"])
    for kind, options in (params.get("payment_method_options") or {}).items():
        intent["payment_method_options"].setdefault(kind, {}).update(options or {})
    intent["_return_url"] = params.get("return_url") or intent.get("_return_url")
    intent["_use_stripe_sdk"] = params.get("use_stripe_sdk", call.public and not params.get("return_url"))


def _is_manual(intent: dict[str, Any]) -> bool:
    wanted = intent["payment_method_options"].get("card", {}).get("capture_method")
    return "manual" in (intent["capture_method"], wanted)


def _start_debit(call: Call, intent: dict[str, Any], method: dict[str, Any]) -> dict[str, Any]:
    """Begin a SEPA debit: the money comes, or does not, some time later."""
    mandate = mandates.accept(call, intent, method, multi_use=bool(intent["setup_future_usage"]))
    charge = charging.make(call, intent, method, status="pending", mandate=mandate)
    intent.update({"status": "processing", "latest_charge": charge["id"]})
    keep_method(call, intent, method)
    events.emit(call, "charge.pending", charge)
    events.emit(call, "payment_intent.processing", intent)
    seconds = banks.account_of(method["_iban"]).seconds
    call.world.agenda.after(seconds, FINISH_DEBIT, intent_id=intent["id"], charge_id=charge["id"])
    return intent


def _end_debit(call: Call, intent: dict[str, Any], charge: dict[str, Any]) -> None:
    method = call.find("payment_method", intent["payment_method"])
    if not banks.account_of(method["_iban"]).succeeds:
        charge.update({"status": "failed", "captured": False, "failure_code": DEBIT_FAILED.code})
        charge["failure_message"] = DEBIT_FAILED.message
        error = StripeError(402, DEBIT_FAILED.message, code=DEBIT_FAILED.code, charge=charge["id"])
        error.error["payment_method"] = shown(method)
        fail(call, intent, error, charge)
        return
    charge.update({"status": "succeeded", "paid": True, "amount_captured": charge["amount"]})
    charging.settle(call, charge)
    intent.update({"status": "succeeded", "amount_received": intent["amount"]})
    events.emit(call, "charge.succeeded", charge)
    events.emit(call, "payment_intent.succeeded", intent)


def _cannot_confirm(intent: dict[str, Any]) -> str:
    if intent["status"] == "succeeded":
        return (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        )
    return (
        f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
        f"with one of the following statuses may be confirmed: {', '.join(CONFIRMABLE)}."
    )
