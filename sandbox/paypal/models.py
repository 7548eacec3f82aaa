"""The objects as the sandbox keeps them, and as the API shows them.

A record is the public object plus one private entry, `_`, that no answer shows: an order's experience context, funding
source and payments, a capture's order and refunds. Statuses change through `move` only.
"""

import secrets
import string
from datetime import datetime, timedelta
from typing import Any

from sandbox.paypal.errors import not_found
from sandbox.world import World

Json = dict[str, Any]

MERCHANT: Json = {"email_address": "mara@tidewater.example", "merchant_id": "TDWTR8TEA2XY4"}
BUYER: Json = {
    "name": {"given_name": "Alice", "surname": "Archer"},
    "email_address": "alice@buyer.example",
    "payer_id": "ALCE5BUYS7TEA",
    "address": {"country_code": "US"},
}
BUYER_SHIPPING: Json = {
    "name": {"full_name": "Alice Archer"},
    "address": {
        "address_line_1": "12 Harbour Street",
        "admin_area_2": "Portland",
        "admin_area_1": "ME",
        "postal_code": "04101",
        "country_code": "US",
    },
}
TRANSITIONS: dict[str, dict[str, set[str]]] = {
    "order": {
        "CREATED": {"APPROVED", "PAYER_ACTION_REQUIRED"},
        "PAYER_ACTION_REQUIRED": {"APPROVED"},
        "APPROVED": {"COMPLETED", "PAYER_ACTION_REQUIRED"},
        "COMPLETED": set(),
    },
    "authorization": {
        "CREATED": {"CAPTURED", "PARTIALLY_CAPTURED", "VOIDED"},
        "PARTIALLY_CAPTURED": {"CAPTURED", "VOIDED"},
        "CAPTURED": set(),
        "VOIDED": set(),
    },
    "capture": {
        "PENDING": {"COMPLETED", "DECLINED"},
        "COMPLETED": {"PARTIALLY_REFUNDED", "REFUNDED"},
        "PARTIALLY_REFUNDED": {"REFUNDED"},
        "REFUNDED": set(),
        "DECLINED": set(),
    },
    "refund": {"PENDING": {"COMPLETED", "FAILED"}, "COMPLETED": set(), "FAILED": set()},
}
PATHS = {
    "order": "/v2/checkout/orders",
    "authorization": "/v2/payments/authorizations",
    "capture": "/v2/payments/captures",
    "refund": "/v2/payments/refunds",
}
SEVENTEEN = string.ascii_uppercase + string.digits


def new_id() -> str:
    """Make an id as orders, captures, authorizations and refunds have it: 17 capitals and digits."""
    return "".join(secrets.choice(SEVENTEEN) for _ in range(17))


def stamp(moment: datetime) -> str:
    """Write a time as PayPal does: UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def link(world: World, rel: str, path: str, method: str = "GET") -> Json:
    """Make one HATEOAS link into the API."""
    return {"href": f"{world.settings.paypal_api}{path}", "rel": rel, "method": method}


def window(world: World, order_id: str) -> str:
    """Return the address of an order's approval window, on the browsers' origin."""
    return f"{world.settings.paypal_origin}/checkoutnow?token={order_id}"


def save(world: World, kind: str, record: Json) -> Json:
    """Keep a new record, with its times set, and return it."""
    now = stamp(world.clock.now())
    record["create_time"] = record["update_time"] = now
    world.store.table(f"paypal.{kind}")[record["id"]] = record
    return record


def find(world: World, call: str, kind: str, object_id: str) -> Json:
    """Return a record; raises the 404 of `call` when there is none."""
    record: Json | None = world.store.table(f"paypal.{kind}").get(object_id)
    if record is None:
        raise not_found(call, object_id)
    return record


def get(world: World, kind: str, object_id: str) -> Json:
    """Return a record known to exist; raises KeyError otherwise."""
    record: Json = world.store.table(f"paypal.{kind}")[object_id]
    return record


def move(world: World, kind: str, record: Json, status: str) -> None:
    """Give a record its next status; the same one again does nothing, an illegal one raises ValueError."""
    if record["status"] == status:
        return
    if status not in TRANSITIONS[kind][record["status"]]:
        raise ValueError(f"A {kind} does not go from {record['status']} to {status}.")
    record["status"] = status
    touch(world, record)


def touch(world: World, record: Json) -> None:
    """Note that a record changed now."""
    record["update_time"] = stamp(world.clock.now())


def later(world: World, **by: float) -> str:
    """Write the time some days or seconds from now."""
    return stamp(world.clock.now() + timedelta(**by))


def public(record: Json) -> Json:
    """Return a record without its private entry."""
    return {name: value for name, value in record.items() if name != "_"}


def order_view(world: World, order_id: str, full: bool) -> Json:
    """Show an order: whole, or as `return=minimal` has it (id, status, payment source, links)."""
    order = get(world, "order", order_id)
    if full:
        return public(order) | {"purchase_units": _units(world, order, full=True), "links": order_links(world, order)}
    short = {name: order[name] for name in ("id", "status", "payment_source") if name in order}
    return short | {"links": order_links(world, order)}


def paid_order_view(world: World, order_id: str, full: bool) -> Json:
    """Show an order after capture or authorize: even the short form names the payments, as PayPal's own samples do."""
    order = get(world, "order", order_id)
    if full:
        return order_view(world, order_id, True)
    short = {name: order[name] for name in ("id", "status", "payment_source", "payer") if name in order}
    return short | {"purchase_units": _units(world, order, full=False), "links": order_links(world, order)}


def _units(world: World, order: Json, *, full: bool) -> list[Json]:
    shown = []
    for unit, payments in zip(order["purchase_units"], order["_"]["payments"], strict=True):
        kept = unit if full else {name: unit[name] for name in ("reference_id", "shipping") if name in unit}
        made = {
            kind: [_nested(world, kind.removesuffix("s"), object_id) for object_id in ids]
            for kind, ids in payments.items()
            if ids
        }
        shown.append(kept | ({"payments": made} if made else {}))
    return shown


def _nested(world: World, kind: str, object_id: str) -> Json:
    """Inside an order a payment goes without its payee and related ids."""
    shown = payment_view(kind)(world, object_id, True)
    return {name: value for name, value in shown.items() if name not in ("payee", "supplementary_data")}


def order_links(world: World, order: Json) -> list[Json]:
    """Return what can be done next with an order."""
    path = f"{PATHS['order']}/{order['id']}"
    links = [link(world, "self", path)]
    if order["status"] in ("CREATED", "PAYER_ACTION_REQUIRED"):
        rel = "payer-action" if order["status"] == "PAYER_ACTION_REQUIRED" else "approve"
        links.append({"href": window(world, order["id"]), "rel": rel, "method": "GET"})
    if order["status"] in ("CREATED", "APPROVED"):
        verb = order["intent"].lower()
        links += [link(world, "update", path, "PATCH"), link(world, verb, f"{path}/{verb}", "POST")]
    return links


def payment_view(kind: str) -> Any:
    """Return the view of captures, authorizations or refunds: whole, or id, status and links."""

    def view(world: World, object_id: str, full: bool) -> Json:
        record = get(world, kind, object_id)
        shown = public(record) if full else {"id": record["id"], "status": record["status"]}
        return shown | {"links": _payment_links(world, kind, record)}

    return view


def _payment_links(world: World, kind: str, record: Json) -> list[Json]:
    path = f"{PATHS[kind]}/{record['id']}"
    links = [link(world, "self", path)]
    if kind == "authorization" and record["status"] in ("CREATED", "PARTIALLY_CAPTURED"):
        links += [link(world, verb, f"{path}/{verb}", "POST") for verb in ("capture", "void", "reauthorize")]
    if kind == "capture" and record["status"] in ("COMPLETED", "PARTIALLY_REFUNDED"):
        links.append(link(world, "refund", f"{path}/refund", "POST"))
    up_kind, up_id = record["_"]["up"]
    return [*links, link(world, "up", f"{PATHS[up_kind]}/{up_id}")]


VIEWS = {
    "order": order_view,
    "order.paid": paid_order_view,
    **{kind: payment_view(kind) for kind in ("authorization", "capture", "refund")},
}
