"""Charges and the balance: https://docs.stripe.com/api/charges, https://docs.stripe.com/api/balance_transactions.

Charges are made by PaymentIntents only; the old way of creating them directly is not simulated.
"""

from typing import Any

from sandbox.stripe import events, lists, search
from sandbox.stripe.models import Call, merge_metadata, revised, shipping

SEARCHABLE = (
    "amount",
    "created",
    "currency",
    "customer",
    "disputed",
    "metadata",
    "payment_method_details.card.last4",
    "payment_method_details.card.brand",
    "refunded",
    "status",
)


def get(call: Call) -> dict[str, Any]:
    """GET /v1/charges/{id}."""
    return call.find("charge", call.ids[0])


def update(call: Call) -> dict[str, Any]:
    """POST /v1/charges/{id}: notes about it."""
    charge = call.find("charge", call.ids[0])
    before = dict(charge)
    with revised(charge) as changed:
        for name in ("description", "receipt_email"):
            if name in call.params:
                changed[name] = call.params[name]
        if "shipping" in call.params:
            changed["shipping"] = shipping(call.params["shipping"])
        if "metadata" in call.params:
            changed["metadata"] = merge_metadata(charge["metadata"], call.params["metadata"])
    events.emit(call, "charge.updated", charge, events.changes(before, charge))
    return charge


def list_all(call: Call) -> dict[str, Any]:
    """GET /v1/charges."""
    return lists.page(call, "charge", "/v1/charges", keep=lists.matches(call.params, "customer", "payment_intent"))


def search_all(call: Call) -> dict[str, Any]:
    """GET /v1/charges/search."""
    return search.page(call, "charge", "/v1/charges/search", SEARCHABLE)


def get_balance_transaction(call: Call) -> dict[str, Any]:
    """GET /v1/balance_transactions/{id}."""
    return _aged(call, call.find("balance_transaction", call.ids[0]))


def list_balance_transactions(call: Call) -> dict[str, Any]:
    """GET /v1/balance_transactions."""
    keep = lists.matches(call.params, "currency", "source", "type")
    found = lists.page(call, "balance_transaction", "/v1/balance_transactions", keep=keep)
    found["data"] = [_aged(call, row) for row in found["data"]]
    return found


def _aged(call: Call, entry: dict[str, Any]) -> dict[str, Any]:
    """Return the entry as it stands now: pending until its money is available."""
    if entry["available_on"] <= call.now():
        entry["status"] = "available"
    return entry
