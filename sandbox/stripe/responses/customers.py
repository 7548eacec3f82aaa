"""Customers: https://docs.stripe.com/api/customers."""

from typing import Any

from sandbox.stripe import events, lists, search
from sandbox.stripe.models import Call, address, merge_metadata, new_id, shipping
from sandbox.stripe.responses import payment_methods

PLAIN = ("business_name", "description", "email", "individual_name", "name", "phone", "tax_exempt")
SEARCHABLE = ("created", "email", "metadata", "name", "phone")


def create(call: Call) -> dict[str, Any]:
    """POST /v1/customers."""
    customer = call.insert(
        "customer",
        {
            "address": None,
            "balance": 0,
            "created": call.now(),
            "currency": None,
            "customer_account": None,
            "default_source": None,
            "delinquent": False,
            "description": None,
            "discount": None,
            "email": None,
            "invoice_prefix": new_id("", 8).upper(),
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": None,
                "footer": None,
                "rendering_options": None,
            },
            "livemode": False,
            "metadata": {},
            "name": None,
            "next_invoice_sequence": 1,
            "phone": None,
            "preferred_locales": [],
            "shipping": None,
            "tax_exempt": "none",
            "test_clock": None,
        },
    )
    if method_id := call.params.get("payment_method"):
        payment_methods.attach_to(call, payment_methods.resolve(call, method_id), customer["id"])
    _apply(call, customer)
    events.emit(call, "customer.created", customer)
    return customer


def get(call: Call) -> dict[str, Any]:
    """GET /v1/customers/{id}; one that was deleted answers with little more than that."""
    found: dict[str, Any] | None = call.table("customer").get(call.ids[0])
    return found if found is not None else call.find("customer", call.ids[0])


def update(call: Call) -> dict[str, Any]:
    """POST /v1/customers/{id}."""
    customer = call.find("customer", call.ids[0])
    before = dict(customer)
    _apply(call, customer)
    events.emit(call, "customer.updated", customer, events.changes(before, customer))
    return customer


def delete(call: Call) -> dict[str, Any]:
    """DELETE /v1/customers/{id}: their payment methods are detached."""
    customer = call.find("customer", call.ids[0])
    for method in call.table("payment_method").values():
        if method["customer"] == customer["id"]:
            method.update({"customer": None, "_used": True})
    events.emit(call, "customer.deleted", customer)
    gone = {"id": customer["id"], "object": "customer", "deleted": True}
    call.table("customer")[customer["id"]] = gone
    return gone


def list_all(call: Call) -> dict[str, Any]:
    """GET /v1/customers."""
    return lists.page(call, "customer", "/v1/customers", keep=lists.matches(call.params, "email"))


def search_all(call: Call) -> dict[str, Any]:
    """GET /v1/customers/search."""
    return search.page(call, "customer", "/v1/customers/search", SEARCHABLE)


def _apply(call: Call, customer: dict[str, Any]) -> None:
    given = call.params
    for name in PLAIN:
        if name in given:
            customer[name] = given[name]
    if "address" in given:
        customer["address"] = address(given["address"]) if given["address"] else None
    if "shipping" in given:
        sent = shipping(given["shipping"])
        customer["shipping"] = {k: sent[k] for k in ("address", "name", "phone")} if sent else None
    if "preferred_locales" in given:
        customer["preferred_locales"] = given["preferred_locales"]
    if "metadata" in given:
        customer["metadata"] = merge_metadata(customer["metadata"], given["metadata"])
    settings = given.get("invoice_settings") or {}
    if "default_payment_method" in settings:
        customer["invoice_settings"]["default_payment_method"] = settings["default_payment_method"]
