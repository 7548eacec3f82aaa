"""What the buyer does in the approval window; called in-process by the window, not part of the API."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sandbox.paypal import events, funding, models
from sandbox.paypal.responses import orders
from sandbox.world import World

Json = dict[str, Any]

OPEN = ("CREATED", "PAYER_ACTION_REQUIRED", "APPROVED")


@dataclass(frozen=True)
class Outcome:
    """What the shop's page is told; the address is where the window goes when nobody opened it, "" without one."""

    order_id: str
    payer_id: str
    address: str


def describe(world: World, order_id: str) -> Json:
    """Return what the window shows: the order, its experience context, whether it is open, and the funding sources.

    Raises KeyError for an unknown or expired order.
    """
    with world.store.lock:
        order = models.get(world, "order", order_id)
        return {
            "order": models.order_view(world, order_id, True),
            "context": dict(order["_"]["context"]),
            "open": order["status"] in OPEN,
            "buyer": models.BUYER,
            "funding": [{"name": source.name, "label": source.label} for source in funding.SOURCES.values()],
        }


def approve(world: World, order_id: str, funding_name: str) -> Outcome:
    """Approve an order with a funding source; approving again chooses another one, until the order is captured.

    Raises KeyError for an unknown or expired order, ValueError for an unknown source or an order that is completed.
    """
    with world.store.lock:
        order = models.get(world, "order", order_id)
        chosen = funding.source(funding_name)
        if order["status"] not in OPEN:
            raise ValueError(f"The order {order_id} is {order['status'].lower()} and cannot be approved.")
        order["_"]["funding"] = chosen.name
        order["payer"] = {**models.BUYER, **order.get("payer", {}), "payer_id": models.BUYER["payer_id"]}
        order["payment_source"] = {"paypal": _wallet()}
        _ship(order)
        models.move(world, "order", order, "APPROVED")
        orders.extend(world, order)
        events.emit(world, "CHECKOUT.ORDER.APPROVED", "order", order_id)
        world.store.changed()
        return _outcome(order, "return_url", {"token": order_id, "PayerID": models.BUYER["payer_id"]})


def cancel(world: World, order_id: str) -> Outcome:
    """Leave the window without approving; the order stays as it was. Raises KeyError for an unknown order."""
    with world.store.lock:
        return _outcome(models.get(world, "order", order_id), "cancel_url", {"token": order_id})


def _wallet() -> Json:
    return {
        "email_address": models.BUYER["email_address"],
        "account_id": models.BUYER["payer_id"],
        "account_status": "VERIFIED",
        "name": models.BUYER["name"],
        "address": models.BUYER["address"],
    }


def _ship(order: Json) -> None:
    """Fill in the buyer's own address where the shop asked for it: GET_FROM_FILE, the default, and none given."""
    if order["_"]["context"].get("shipping_preference", "GET_FROM_FILE") != "GET_FROM_FILE":
        return
    for unit in order["purchase_units"]:
        unit.setdefault("shipping", models.BUYER_SHIPPING)


def _outcome(order: Json, name: str, query: dict[str, str]) -> Outcome:
    address = order["_"]["context"].get(name, "")
    if address:
        address += ("&" if "?" in address else "?") + urlencode(query)
    return Outcome(order["id"], query.get("PayerID", ""), address)
