"""Refunds: https://docs.stripe.com/refunds."""

from typing import Any

from sandbox.stripe import amounts, charging, errors, events, lists
from sandbox.stripe.models import Call, merge_metadata
from sandbox.stripe.responses import payment_methods
from sandbox.world import World

FINISH = "stripe.finish_refund"
SECONDS = 2  # simulated; Stripe's test cards take about as long


def register(world: World) -> None:
    """Tell the agenda how a refund that is under way ends."""

    def finish(refund_id: str, succeeds: bool) -> None:
        refund = world.store.table("stripe.refund").get(refund_id)
        if refund is None or refund["status"] in ("failed", "canceled"):
            return
        if succeeds:
            _succeed(Call(world), refund)
        else:
            _fail(Call(world), refund)

    world.agenda.register(FINISH, finish)


def create(call: Call) -> dict[str, Any]:
    """POST /v1/refunds: of a charge or of a PaymentIntent's charge, all that is left or a part of it."""
    errors.refuse_unsimulated(call.params, ("origin", "refund_application_fee", "reverse_transfer"))
    charge = _charge(call)
    amount = call.params.get("amount", charge["amount_captured"] - charge["amount_refunded"])
    _check(charge, amount)
    refund = call.insert("refund", _fields(call, charge, amount), prefix=_prefix(charge))
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount_captured"]
    behaviour = _behaviour(call, charge)
    if behaviour == "succeeds" or behaviour == "fails":
        _book(call, refund, charge)
    refund["status"] = "pending" if behaviour == "pending" else "succeeded"
    events.emit(call, "refund.created", refund)
    events.emit(call, "charge.refunded", charge, {"amount_refunded": charge["amount_refunded"] - amount})
    if behaviour != "succeeds":
        call.world.agenda.after(SECONDS, FINISH, refund_id=refund["id"], succeeds=behaviour == "pending")
    return refund


def get(call: Call) -> dict[str, Any]:
    """GET /v1/refunds/{id}."""
    return call.find("refund", call.ids[0])


def update(call: Call) -> dict[str, Any]:
    """POST /v1/refunds/{id}: its metadata."""
    refund = call.find("refund", call.ids[0])
    if "metadata" in call.params:
        before = {"metadata": refund["metadata"]}
        refund["metadata"] = merge_metadata(refund["metadata"], call.params["metadata"])
        events.emit(call, "refund.updated", refund, before)
    return refund


def list_all(call: Call) -> dict[str, Any]:
    """GET /v1/refunds."""
    return lists.page(call, "refund", "/v1/refunds", keep=lists.matches(call.params, "charge", "payment_intent"))


def cancel(call: Call) -> dict[str, Any]:
    """POST /v1/refunds/{id}/cancel: only refunds that wait for the customer can be; none of the simulated ones do."""
    refund = call.find("refund", call.ids[0])
    message = f"You cannot cancel this refund because it has a status of {refund['status']}."
    raise errors.refused(message, code="refund_unexpected_state")


def _charge(call: Call) -> dict[str, Any]:
    if charge_id := call.params.get("charge"):
        return call.find("charge", charge_id, "charge")
    if intent_id := call.params.get("payment_intent"):
        intent = call.find("payment_intent", intent_id, "payment_intent")
        charge = call.table("charge").get(intent["latest_charge"] or "")
        if charge is None or charge["status"] == "failed" or not charge["captured"]:
            message = f"This PaymentIntent ({intent_id}) does not have a successful charge to refund."
            raise errors.refused(message, param="payment_intent")
        found: dict[str, Any] = charge
        return found
    raise errors.refused("One of the following params should be provided for this request: payment_intent or charge.")


def _check(charge: dict[str, Any], amount: int) -> None:
    currency = charge["currency"]
    if charge["status"] == "failed" or not charge["captured"]:
        raise errors.refused(f"Charge {charge['id']} cannot be refunded: it was not captured.", param="charge")
    if charge["status"] == "pending":
        raise errors.refused(f"Charge {charge['id']} is pending and cannot be refunded yet.", param="charge")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise errors.refused(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise errors.refused(message, param="amount", code="parameter_invalid_integer")
    if amount > left:
        message = (
            f"Refund amount ({amounts.spoken(amount, currency)}) is greater than unrefunded amount on charge "
            f"({amounts.spoken(left, currency)})"
        )
        raise errors.refused(message, param="amount")


def _behaviour(call: Call, charge: dict[str, Any]) -> str:
    """Return how the refund goes: succeeds, pending (then succeeds) or fails (after it succeeded)."""
    method = call.table("payment_method").get(charge["payment_method"])
    if method is None or method["type"] != "card":
        return "pending"
    return payment_methods.card_of(method).refund


def _prefix(charge: dict[str, Any]) -> str:
    return "re_" if charge["id"].startswith("ch_") else "pyr_"


def _fields(call: Call, charge: dict[str, Any], amount: int) -> dict[str, Any]:
    kind = charge["payment_method_details"]["type"]
    destination: dict[str, Any] = {"type": kind}
    if kind == "card":
        destination["card"] = {
            "reference": "7902352352352352",
            "reference_status": "available",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        }
    return {
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": destination,
        "metadata": merge_metadata({}, call.params.get("metadata") or {}),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": call.params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending",
        "transfer_reversal": None,
    }


def _book(call: Call, refund: dict[str, Any], charge: dict[str, Any]) -> None:
    kind = "refund" if charge["id"].startswith("ch_") else "payment_refund"
    entry = charging.book(call, kind, -refund["amount"], refund["currency"], refund["id"])
    refund["balance_transaction"] = entry["id"]


def _succeed(call: Call, refund: dict[str, Any]) -> None:
    before = {"status": refund["status"], "balance_transaction": refund["balance_transaction"]}
    _book(call, refund, call.find("charge", refund["charge"]))
    refund["status"] = "succeeded"
    events.emit(call, "refund.updated", refund, before)
    events.emit(call, "charge.refund.updated", refund, before)


def _fail(call: Call, refund: dict[str, Any]) -> None:
    """The bank sent the money back: it is in the balance again, and the charge counts as not refunded by it."""
    before = {"status": refund["status"]}
    charge = call.find("charge", refund["charge"])
    back = charging.book(call, "refund_failure", refund["amount"], refund["currency"], refund["id"])
    refund.update(
        {
            "status": "failed",
            "failure_reason": "expired_or_canceled_card",
            "failure_balance_transaction": back["id"],
        }
    )
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    events.emit(call, "refund.failed", refund, before)
    events.emit(call, "charge.refund.updated", refund, before)
