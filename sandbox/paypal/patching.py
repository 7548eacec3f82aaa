"""JSON Patch on orders, with the paths and operations that PayPal's reference lists as patchable."""

import copy
import re
from typing import Any

from sandbox.paypal import fields
from sandbox.paypal.calls import Call
from sandbox.paypal.errors import describe, refuse

Json = dict[str, Any]

UNIT_PATH = re.compile(r"/purchase_units/@reference_id=='([^']*)'(?:/(.+))?")
# attribute -> (operations, shape); "" is the purchase unit itself.
UNIT_FIELDS: dict[str, tuple[str, fields.Kind]] = {
    "": ("replace add", fields.PURCHASE_UNIT),
    "amount": ("replace", fields.AMOUNT),
    "custom_id": ("replace add remove", fields.Text(1, 127)),
    "description": ("replace add remove", fields.Text(1, 127)),
    "invoice_id": ("replace add remove", fields.Text(1, 127)),
    "soft_descriptor": ("replace add remove", fields.Text(1, 22)),
    "items": ("replace add remove", fields.Many(fields.ITEM)),
    "payee/email_address": ("replace", fields.EMAIL),
    "shipping/name": ("replace add", fields.NAME),
    "shipping/address": ("replace add", fields.ADDRESS),
    "shipping/type": ("replace add", fields.Text(choices=fields.SHIPPING_TYPES)),
    "payment_instruction": ("replace", fields.PAYMENT_INSTRUCTION),
}
ORDER_FIELDS: dict[str, tuple[str, fields.Kind]] = {
    "intent": ("replace", fields.ORDER.required["intent"]),
    "payer": ("replace add", fields.PAYER),
}


def apply(call: Call, order: Json, operations: list[Json]) -> Json:
    """Return a changed copy of an order; raises the error of the first operation that cannot be done."""
    changed = copy.deepcopy({name: value for name, value in order.items() if name != "_"})
    for index, operation in enumerate(operations):
        _apply_one(call, changed, operation, f"/{index}")
    return changed


def amounts_of(order: Json) -> list[Json]:
    """Return what an order asks for, unit by unit."""
    return [unit["amount"] for unit in order["purchase_units"]]


def _apply_one(call: Call, order: Json, operation: Json, pointer: str) -> None:
    path, verb = operation.get("path"), operation["op"]
    if not path:
        raise call.refuse("PATCH_PATH_REQUIRED", f"{pointer}/path")
    target, name, (allowed, kind) = _locate(call, order, path, pointer)
    if verb not in allowed.split():
        raise call.refuse("INVALID_PATCH_OPERATION", f"{pointer}/op", verb)
    if verb != "remove":
        if "value" not in operation:
            raise call.refuse("PATCH_VALUE_REQUIRED", f"{pointer}/value")
        if found := list(fields.check(kind, operation["value"], f"{pointer}/value")):
            raise refuse("INVALID_REQUEST", *(describe(call.name, *finding) for finding in found))
    _set(call, target, name, verb, operation.get("value"), f"{pointer}/op")


def _locate(call: Call, order: Json, path: str, pointer: str) -> tuple[Json, str, tuple[str, fields.Kind]]:
    """Find the object that holds what a path names, the name in it, and what may be done there."""
    if not path.startswith("/"):
        raise call.refuse("INVALID_JSON_POINTER_FORMAT", f"{pointer}/path", path)
    if path.strip("/") in ORDER_FIELDS:
        return order, path.strip("/"), ORDER_FIELDS[path.strip("/")]
    match = UNIT_PATH.fullmatch(path)
    attribute = (match[2] or "") if match else ""
    if match is None or attribute not in UNIT_FIELDS:
        raise call.refuse("NOT_PATCHABLE", f"{pointer}/path", path)
    for unit in order["purchase_units"]:
        if unit["reference_id"] == match[1]:
            parent, _, name = attribute.rpartition("/")
            return (unit.setdefault(parent, {}) if parent else unit), name, UNIT_FIELDS[attribute]
    raise call.refuse("REFERENCE_ID_NOT_FOUND", f"{pointer}/path", path)


def _set(call: Call, target: Json, name: str, verb: str, value: Any, pointer: str) -> None:
    if not name:
        target.update(value)
    elif verb == "remove":
        if name not in target:
            raise call.refuse("INVALID_PATCH_OPERATION", pointer, verb)
        del target[name]
    else:
        target[name] = value
