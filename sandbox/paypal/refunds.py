"""Giving money back: refunds that the merchant asks for, and reversals that PayPal decides."""

from decimal import Decimal
from typing import Any

from sandbox.paypal import amounts, events, funding, models
from sandbox.world import World

Json = dict[str, Any]

FINISH = "paypal.refund.finish"
INVOICES = "paypal.refund_invoice"  # the invoice ids that refunds were given


def register(world: World) -> None:
    """Name the action that the agenda runs for refunds."""
    world.agenda.register(FINISH, lambda **args: finish(world, **args))


def give_back(
    world: World, capture: Json, amount: Json, given: Json, *, pending: bool = False, event: str = "REFUNDED"
) -> Json:
    """Refund an amount that is left of a capture; `given` may hold invoice_id, custom_id and note_to_payer.

    A pending refund waits for a bank and is told of when the bank is done.
    """
    after = refunded(world, capture) + amounts.value_of(amount)
    record = _record(capture, amounts.money(amount["currency_code"], amounts.value_of(amount)), after) | given
    record["status"] = "PENDING" if pending else "COMPLETED"
    record["_"]["is_reversal"] = event == "REVERSED"
    models.save(world, "refund", record)
    if "invoice_id" in given:
        world.store.table(INVOICES)[given["invoice_id"]] = record["id"]
    capture["_"]["refunds"].append(record["id"])
    order = models.get(world, "order", capture["_"]["order_id"])
    order["_"]["payments"][capture["_"]["unit"]]["refunds"].append(record["id"])
    is_whole = after == amounts.value_of(capture["amount"])
    models.move(world, "capture", capture, "REFUNDED" if is_whole else "PARTIALLY_REFUNDED")
    if pending:
        record["status_details"] = {"reason": "ECHECK"}
        world.agenda.after(funding.PENDING_SECONDS, FINISH, refund_id=record["id"])
    else:
        events.emit(world, f"PAYMENT.CAPTURE.{event}", "refund", record["id"])
    return record


def finish(world: World, refund_id: str) -> None:
    """Finish a pending refund; a second time does nothing."""
    record = world.store.table("paypal.refund").get(refund_id)
    if record is None or record["status"] != "PENDING":
        return
    models.move(world, "refund", record, "COMPLETED")
    record.pop("status_details", None)
    events.emit(world, "PAYMENT.CAPTURE.REFUNDED", "refund", refund_id)


def reverse(world: World, capture_id: str) -> Json:
    """Take back what is left of a capture, as PayPal does for a chargeback; return the refund it makes of it.

    PAYMENT.CAPTURE.REVERSED is about that refund, says PayPal's sample event. Raises KeyError for an unknown capture,
    ValueError for one with nothing left to take.
    """
    with world.store.lock:
        capture = models.get(world, "capture", capture_id)
        if capture["status"] not in ("COMPLETED", "PARTIALLY_REFUNDED"):
            raise ValueError(f"Nothing can be taken back of a capture that is {capture['status'].lower()}.")
        left = amounts.value_of(capture["amount"]) - refunded(world, capture)
        amount = amounts.money(capture["amount"]["currency_code"], left)
        record = give_back(world, capture, amount, {"note_to_payer": "Payment reversed"}, event="REVERSED")
        world.store.changed()
        return record


def refunded(world: World, capture: Json) -> Decimal:
    """Return how much of a capture was given back already, pending refunds included."""
    return amounts.total([models.get(world, "refund", refund_id)["amount"] for refund_id in capture["_"]["refunds"]])


def invoice_was_used(world: World, invoice_id: str) -> bool:
    """Tell whether a refund already has this invoice id."""
    return invoice_id in world.store.table(INVOICES)


def _record(capture: Json, amount: Json, after: Decimal) -> Json:
    """The refund without its status; `after` is what was refunded of the capture in all, this one included.

    PayPal keeps its fee when money goes back.
    """
    currency = amount["currency_code"]
    return {
        "id": models.new_id(),
        "amount": amount,
        "seller_payable_breakdown": {
            "gross_amount": amount,
            "paypal_fee": amounts.money(currency, Decimal(0)),
            "net_amount": amount,
            "total_refunded_amount": amounts.money(currency, after),
            **amounts.converted(amount, "net_amount_in_receivable_currency"),
        },
        "payer": dict(models.MERCHANT),
        "_": {"up": ["capture", capture["id"]]},
    }
