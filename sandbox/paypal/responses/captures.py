"""Payments v2, captures: show and refund."""

from typing import Any

from sandbox.paypal import amounts, models, refunds
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
    whole, before = amounts.value_of(capture["amount"]), refunds.refunded(call.world, capture)
    currency = capture["amount"]["currency_code"]
    amount = call.body.get("amount") or amounts.money(currency, whole - before)
    check_amount(call, amount, "/amount", currency, "REFUND_CAPTURE_CURRENCY_MISMATCH")
    if before + amounts.value_of(amount) > whole:
        raise call.refuse("REFUND_AMOUNT_EXCEEDED", "/amount/value", amount["value"])
    given = {name: call.body[name] for name in ("invoice_id", "custom_id", "note_to_payer") if call.body.get(name)}
    record = refunds.give_back(call.world, capture, amount, given, pending=call.mock == PENDING)
    return made(call, "refund", record["id"])


def _may_be_refunded(call: Call, capture: Json) -> None:
    if issue := UNREFUNDABLE.get(capture["status"]):
        raise call.refuse(issue)
    if models.later(call.world, seconds=-REFUNDABLE_SECONDS) > capture["create_time"]:
        raise call.refuse("REFUND_TIME_LIMIT_EXCEEDED")
    invoice_id = call.body.get("invoice_id")
    if invoice_id and refunds.invoice_was_used(call.world, invoice_id):
        raise call.refuse("DUPLICATE_INVOICE_ID", "/invoice_id", invoice_id)
