"""Payments v2, authorizations: show, capture, reauthorize, void."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.paypal import amounts, events, models, payments
from sandbox.paypal.calls import Answer, Call
from sandbox.paypal.responses.shared import check_amount, made, shown

Json = dict[str, Any]

OVERAGE = Decimal("1.15")  # all captures together may be 115 % of the authorization, says the reference
MAX_CAPTURES = 10
UNCAPTURABLE = {"VOIDED": "AUTHORIZATION_VOIDED", "CAPTURED": "AUTHORIZATION_ALREADY_CAPTURED"}
UNVOIDABLE = {"VOIDED": "PREVIOUSLY_VOIDED", "CAPTURED": "PREVIOUSLY_CAPTURED"}


def show(call: Call, authorization_id: str) -> Answer:
    """Show an authorization whole."""
    return shown(call, "authorization", authorization_id)


def capture(call: Call, authorization_id: str) -> Answer:
    """Capture all that is left of an authorization, or the amount asked for.

    It stays open for further captures only with `final_capture: false`, the default, and while something is left of it.
    """
    held = models.find(call.world, call.name, "authorization", authorization_id)
    order = _order(call, held)
    _is_open(call, held)
    if held["_"]["replaced_by"]:  # the guide says only that the new one is to be captured; the issue is a guess [K]
        raise call.refuse("AUTHORIZATION_VOIDED")
    amount = _wanted(call, held)
    invoice_id = call.body.get("invoice_id", held.get("invoice_id"))
    if payments.invoice_was_paid(call.world, order, invoice_id):
        raise call.refuse("DUPLICATE_INVOICE_ID", "/invoice_id", invoice_id)
    final = bool(call.body.get("final_capture", False))
    given = {"invoice_id": invoice_id, "final_capture": final}
    taken = payments.capture(call, order, held["_"]["unit"], amount, ("authorization", authorization_id), **given)
    if note := call.body.get("note_to_payer"):
        taken["note_to_payer"] = note
    held["_"]["captures"].append(taken["id"])
    spent = final or _captured(call, held) >= amounts.value_of(held["amount"])
    models.move(call.world, "authorization", held, "CAPTURED" if spent else "PARTIALLY_CAPTURED")
    return made(call, "capture", taken["id"])


def reauthorize(call: Call, authorization_id: str) -> Answer:
    """Hold the money anew under a new id, for 29 days from the first authorization on.

    Captures are made on the new one from then on. The first may be made anew several times, and stays as it is: it is
    what a void names (developer.paypal.com/docs/checkout/advanced/authorization-honor).
    PayPal allows it from the fourth day on; the schema has no issue for "too soon", so any day will do here [K].
    """
    first = models.find(call.world, call.name, "authorization", authorization_id)
    order = _order(call, first)
    if first["_"]["reauthorizes"]:
        raise call.refuse("REAUTHORIZATION_NOT_SUPPORTED")
    _is_open(call, first)
    amount = call.body.get("amount") or first["amount"]
    check_amount(call, amount, "/amount", first["amount"]["currency_code"], "AUTH_CURRENCY_MISMATCH")
    again = payments.authorize(call, order, first["_"]["unit"])
    again["amount"] = amounts.money(amount["currency_code"], amounts.value_of(amount))
    again["expiration_time"] = first["expiration_time"]
    until = datetime.fromisoformat(first["expiration_time"]).timestamp()
    call.world.agenda.at(until, payments.EXPIRE, authorization_id=again["id"])
    again["_"]["reauthorizes"] = authorization_id
    for before in (first, *_made_anew(call, order, authorization_id)):
        if before is not again:
            before["_"]["replaced_by"] = again["id"]
    return made(call, "authorization", again["id"])


def void(call: Call, authorization_id: str) -> Answer:
    """Let an authorization go: 204, or 200 with the authorization when the caller prefers it whole."""
    held = models.find(call.world, call.name, "authorization", authorization_id)
    if issue := UNVOIDABLE.get(held["status"]):
        raise call.refuse(issue)
    if held["_"]["reauthorizes"]:
        raise call.refuse("CANNOT_BE_VOIDED")
    if any(again["status"] == "CAPTURED" for again in _made_anew(call, _order(call, held), authorization_id)):
        raise call.refuse("PREVIOUSLY_CAPTURED")
    for each in (held, *_made_anew(call, _order(call, held), authorization_id)):
        models.move(call.world, "authorization", each, "VOIDED")
        events.emit(call.world, "PAYMENT.AUTHORIZATION.VOIDED", "authorization", each["id"])
    if not call.full:
        return Answer(204, None)
    return shown(call, "authorization", authorization_id)


def _made_anew(call: Call, order: Json, authorization_id: str) -> list[Json]:
    """Return the authorizations that were made of one when its honour period was over."""
    ids = [each for made_of in order["_"]["payments"] for each in made_of["authorizations"]]
    every = [models.get(call.world, "authorization", each) for each in ids]
    return [each for each in every if each["_"]["reauthorizes"] == authorization_id]


def _order(call: Call, held: Json) -> Json:
    return models.get(call.world, "order", held["_"]["order_id"])


def _is_open(call: Call, held: Json) -> None:
    if held["status"] != "CAPTURED" and held["expiration_time"] <= models.stamp(call.world.clock.now()):
        raise call.refuse("AUTHORIZATION_EXPIRED")
    if issue := UNCAPTURABLE.get(held["status"]):
        raise call.refuse(issue)


def _wanted(call: Call, held: Json) -> Json:
    """Return the amount to capture, or raise what is wrong with it."""
    currency, whole, taken = held["amount"]["currency_code"], amounts.value_of(held["amount"]), _captured(call, held)
    amount: Json = call.body.get("amount") or amounts.money(currency, whole - taken)
    check_amount(call, amount, "/amount", currency, "AUTH_CAPTURE_CURRENCY_MISMATCH")
    if len(held["_"]["captures"]) >= MAX_CAPTURES:
        raise call.refuse("MAX_CAPTURE_COUNT_EXCEEDED")
    if taken + amounts.value_of(amount) > whole * OVERAGE:
        raise call.refuse("MAX_CAPTURE_AMOUNT_EXCEEDED", "/amount/value", amount["value"])
    return amount


def _captured(call: Call, held: Json) -> Decimal:
    made = [models.get(call.world, "capture", capture_id) for capture_id in held["_"]["captures"]]
    return amounts.total([capture["amount"] for capture in made if capture["status"] != "DECLINED"])
