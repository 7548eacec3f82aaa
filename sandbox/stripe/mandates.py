"""Mandates: a customer's word that their account may be debited."""

from typing import Any

from sandbox.stripe import errors
from sandbox.stripe.models import Call, new_id


def require(call: Call, intent: dict[str, Any], method: dict[str, Any]) -> None:
    """Raise StripeError when nobody accepted a mandate.

    From a browser the acceptance follows from the form, which shows the mandate's text; from a server it has to be told
    with `mandate_data`. A saved account goes on with the mandate it was saved with.
    """
    if method.get("_mandate") or call.params.get("mandate_data") or call.public:
        return
    message = (
        "This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance from the "
        "customer and try again, providing acceptance data in the mandate_data parameter."
    )
    code = "payment_intent_mandate_invalid" if intent["object"] == "payment_intent" else "setup_intent_mandate_invalid"
    raise errors.refused(message, param="mandate_data", code=code)


def accept(call: Call, intent: dict[str, Any], method: dict[str, Any], *, multi_use: bool) -> str:
    """Return the mandate of a saved account, or store a new one and return its id."""
    if method.get("_mandate"):
        return str(method["_mandate"])
    data = call.params.get("mandate_data")
    given = (data or {}).get("customer_acceptance", {})
    kind = given.get("type", "online")
    online = given.get("online") or {}
    details = {
        "online": {"ip_address": online.get("ip_address", "127.0.0.1"), "user_agent": online.get("user_agent")},
        "offline": {},
    }
    mandate = call.insert(
        "mandate",
        {
            "customer_acceptance": {"accepted_at": call.now(), "type": kind, kind: details[kind]},
            "livemode": False,
            "payment_method": method["id"],
            "payment_method_details": {
                "sepa_debit": {
                    "reference": new_id("", 16).upper(),
                    "url": "https://hooks.stripe.com/adapter/sepa_debit",
                },
                "type": "sepa_debit",
            },
            "status": "active",
            "type": "multi_use" if multi_use else "single_use",
            **({"multi_use": {}} if multi_use else {}),
            **({} if multi_use else {"single_use": {"amount": intent["amount"], "currency": intent["currency"]}}),
        },
    )
    if multi_use:
        method["_mandate"] = mandate["id"]
    return str(mandate["id"])
