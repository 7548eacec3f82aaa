"""Payments v2, captures: show and refund."""

from decimal import Decimal
from typing import Any

from sandbox.paypal import amounts, events, funding, models, payments
from sandbox.paypal.calls import Answer, Call
from sandbox.paypal.mocking import PENDING
from sandbox.paypal.responses.shared import check_amount, made, shown

Json = dict[str, Any]

REFUNDABLE_SECONDS = 180 * 86_400
UNREFUNDABLE = {
    "PENDING": "PENDING_CAPTURE",
    "DECLINED": "REFUND_NOT_ALLOWED",
    "FAILED": "REFUND_NOT_ALLOWED",
    "REFUNDED": "CAPTURE_FULLY_REFUNDED",
}


def show(call: Call, capture_id: str) -> Answer:
    """Show a capture whole."""
    return shown(call, "capture", capture_id)


def refund(call: Call, capture_id: str) -> Answer:
    """Give back what is left of a capture, or the amount asked for; PayPal keeps its fee."""
    capture = models.find(call.world, call.name, "capture", capture_id)
    _may_be_refunded(call, capture)
    whole, before = amounts.value_of(capture["amount"]), payments.refunded(call.world, capture)
    currency = capture["amount"]["currency_code"]
    amount = call.body.get("amount") or amounts.money(currency, whole - before)
    check_amount(call, amount, "/amount", currency, "REFUND_CAPTURE_CURRENCY_MISMATCH")
    after = before + amounts.value_of(amount)
    if after > whole:
        raise call.refuse("REFUND_AMOUNT_EXCEEDED", "/amount/value", amount["value"])
    record = _record(call, capture, amounts.money(currency, amounts.value_of(amount)), after)
    models.save(call.world, "refund", record)
    capture["_"]["refunds"].append(record["id"])
    order = models.get(call.world, "order", capture["_"]["order_id"])
    order["_"]["payments"][capture["_"]["unit"]]["refunds"].append(record["id"])
    models.move(call.world, "capture", capture, "REFUNDED" if after == whole else "PARTIALLY_REFUNDED")
    if record["status"] == "PENDING":
        call.world.agenda.after(funding.PENDING_SECONDS, payments.FINISH_REFUND, refund_id=record["id"])
    else:
        events.emit(call.world, "PAYMENT.CAPTURE.REFUNDED", "refund", record["id"])
    return made(call, "refund", record["id"])


def _may_be_refunded(call: Call, capture: Json) -> None:
    if issue := UNREFUNDABLE.get(capture["status"]):
        raise call.refuse(issue)
    if models.later(call.world, seconds=-REFUNDABLE_SECONDS) > capture["create_time"]:
        raise call.refuse("REFUND_TIME_LIMIT_EXCEEDED")
    invoice_id = call.body.get("invoice_id")
    used = (record.get("invoice_id") for record in call.world.store.table("paypal.refund").values())
    if invoice_id and invoice_id in used:
        raise call.refuse("DUPLICATE_INVOICE_ID", "/invoice_id", invoice_id)


def _record(call: Call, capture: Json, amount: Json, after: Decimal) -> Json:
    """The refund; `after` is what was refunded of the capture in all, this one included."""
    currency = amount["currency_code"]
    pending = call.mock == PENDING
    record: Json = {
        "id": models.new_id(),
        "amount": amount,
        "status": "PENDING" if pending else "COMPLETED",
        "seller_payable_breakdown": {
            "gross_amount": amount,
            "paypal_fee": amounts.money(currency, Decimal(0)),
            "net_amount": amount,
            "total_refunded_amount": amounts.money(currency, after),
        },
        "payer": {"email_address": models.MERCHANT["email_address"], "merchant_id": models.MERCHANT["merchant_id"]},
        "_": {"up": ["capture", capture["id"]]},
    }
    if pending:
        record["status_details"] = {"reason": "ECHECK"}
    for name in ("invoice_id", "custom_id", "note_to_payer"):
        if value := call.body.get(name):
            record[name] = value
    return record
