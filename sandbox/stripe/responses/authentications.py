"""3-D Secure challenges: looked up and finished by the pages that browsers see.

These are not endpoints of Stripe's API; `sandbox.stripe.browser` serves them under /3ds.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandbox.stripe import payments, setups
from sandbox.stripe.errors import StripeError
from sandbox.stripe.models import Call
from sandbox.world import World

OUTCOMES = ("complete", "fail", "cancel")


def get(world: World, auth_id: str) -> dict[str, Any] | None:
    """Return a challenge: id, kind, intent (id), redirect, return_url, status; None for an unknown id.

    Its status is open, one of the outcomes once it is finished, or void when its intent went on without it.
    """
    with world.store.lock:
        found: dict[str, Any] | None = world.store.table("stripe.authentication").get(auth_id)
        return dict(found) if found else None


def intent_of(world: World, auth_id: str) -> dict[str, Any]:
    """Return the intent of a challenge as it is stored; raises KeyError for an unknown id."""
    record = world.store.table("stripe.authentication")[auth_id]
    intent: dict[str, Any] = world.store.table(f"stripe.{record['kind']}")[record["intent"]]
    return intent


def finish(world: World, auth_id: str, outcome: str) -> dict[str, Any]:
    """End a challenge and return its intent.

    `complete` lets the payment go on, which may still be declined; `fail` and `cancel` put the intent back to
    `requires_payment_method` with an authentication failure. A repeat changes nothing. Raises KeyError for an unknown
    id and ValueError for an unknown outcome.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"Unknown outcome {outcome!r}; choose one of {', '.join(OUTCOMES)}.")
    with world.store.lock:
        record = world.store.table("stripe.authentication")[auth_id]
        intent = intent_of(world, auth_id)
        if record["status"] != "open":
            return dict(intent)
        if intent["status"] != "requires_action" or intent.get("_authentication") != auth_id:
            record["status"] = "void"
            return dict(intent)
        record["status"] = outcome
        _go_on(Call(world), intent, record)
        world.store.changed()
        return dict(intent)


def _go_on(call: Call, intent: dict[str, Any], record: dict[str, Any]) -> None:
    method = call.find("payment_method", record["payment_method"])
    is_payment = intent["object"] == "payment_intent"
    if record["status"] != "complete":
        (payments if is_payment else setups).fail_authentication(call, intent, method)
        return
    try:
        if is_payment:
            payments.pay_by_card(call, intent, method, authenticated=True)
        else:
            setups.save_card(call, intent, method)
    except StripeError:
        return  # a decline after the challenge is on the intent; nobody waits for an answer here


def return_address(world: World, auth_id: str) -> str | None:
    """Return where a browser goes after a challenge, with what the merchant's page needs in the query; None if nowhere.

    Stripe adds `payment_intent`, `payment_intent_client_secret` and `redirect_status` (or the same for setup intents).
    """
    with world.store.lock:
        record = world.store.table("stripe.authentication")[auth_id]
        intent = intent_of(world, auth_id)
    if not record["return_url"]:
        return None
    good = intent["status"] in ("succeeded", "requires_capture", "processing")
    kind = record["kind"]
    added = {
        kind: intent["id"],
        f"{kind}_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if good else "failed",
    }
    parts = urlsplit(record["return_url"])
    return str(urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *added.items()]))))
