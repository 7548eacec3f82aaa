"""3-D Secure: when a card asks for it, and the challenge that a browser is sent to."""

from typing import Any

from sandbox.stripe.cards import TestCard
from sandbox.stripe.models import Call, new_id

ASKED = ("any", "challenge")


def needed_to_pay(card: TestCard, *, off_session: bool, set_up: bool, asked: str) -> bool:
    """Tell whether a payment needs a challenge; `asked` is the merchant's `request_three_d_secure`."""
    match card.three_ds:
        case "never":
            return False
        case "optional":
            return not off_session and asked in ASKED
        case "required" | "until_setup":
            return not (off_session and set_up)
        case "always":
            return True
        case "on_session":
            return not off_session


def needed_to_save(card: TestCard, asked: str) -> bool:
    """Tell whether a setup needs a challenge."""
    return card.three_ds in ("required", "until_setup", "always") or (card.three_ds == "optional" and asked in ASKED)


def start(call: Call, intent: dict[str, Any], method: dict[str, Any]) -> None:
    """Put an intent into `requires_action` with a fresh challenge.

    From Stripe.js, and without a return address, the action is `use_stripe_sdk`; otherwise `redirect_to_url`.
    """
    return_url = intent.get("_return_url")
    by_redirect = bool(return_url) and not intent.get("_use_stripe_sdk")
    auth_id = new_id("tdsrc_", 24)
    call.table("authentication")[auth_id] = {
        "id": auth_id,
        "object": "authentication",
        "kind": intent["object"],
        "intent": intent["id"],
        "payment_method": method["id"],
        "redirect": by_redirect,
        "return_url": return_url,
        "status": "open",
        "created": call.now(),
    }
    page = f"{call.world.settings.stripe_origin}/3ds/{auth_id}"
    intent["_authentication"] = auth_id
    intent["status"] = "requires_action"
    if by_redirect:
        action = {"url": f"{page}?redirect=1", "return_url": return_url}
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": action}
    else:
        sdk = {"type": "three_d_secure_redirect", "source": auth_id, "stripe_js": page}
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}
