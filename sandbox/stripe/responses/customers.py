"""Customers: https://docs.stripe.com/api/customers."""

from typing import Any

from sandbox.stripe import errors, events, lists, search
from sandbox.stripe.models import Call, address, merge_metadata, new_id, revised, shipping
from sandbox.stripe.responses import payment_methods

PLAIN = ("business_name", "description", "email", "individual_name", "name", "phone", "tax_exempt")
SEARCHABLE = ("created", "email", "metadata", "name", "phone")


def create(call: Call) -> dict[str, Any]:
    """POST /v1/customers; with a payment method, whose bank is asked whether it is good."""
    fields = _new(call)
    _apply(call, fields)
    method_id = call.params.get("payment_method")
    method = payment_methods.resolve(call, method_id) if method_id else None
    if method is not None:
        payment_methods.check_attachable(method)
    customer = call.insert("customer", fields)
    if method is not None:
        payment_methods.attach_to(call, method, customer["id"])
        if customer["invoice_settings"]["default_payment_method"]:
            customer["invoice_settings"]["default_payment_method"] = method["id"]
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
    with revised(customer) as changed:
        _apply(call, changed)
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


def _new(call: Call) -> dict[str, Any]:
    return {
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
    }


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
        chosen = settings["default_payment_method"]
        if chosen:
            _check_is_theirs(call, customer, chosen)
        customer["invoice_settings"]["default_payment_method"] = chosen


def _check_is_theirs(call: Call, customer: dict[str, Any], method_id: str) -> None:
    """Raise StripeError for a default payment method that is not attached to the customer."""
    param = "invoice_settings[default_payment_method]"
    # A new customer has no id yet; Stripe lets it name as its default the method that it is created with.
    if "id" not in customer and method_id == call.params.get("payment_method"):
        return
    if call.find("payment_method", method_id, param)["customer"] != customer.get("id", ""):
        message = (
            f"The customer does not have a payment method with the ID {method_id}. The payment method must be attached "
            "to the customer."
        )
        raise errors.refused(message, param=param, code="resource_missing")
