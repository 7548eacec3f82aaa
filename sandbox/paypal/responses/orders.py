"""Orders v2: create, show, change, authorize, capture."""

from typing import Any

from sandbox.paypal import events, funding, models, patching, payments, rules
from sandbox.paypal.calls import Answer, Call
from sandbox.paypal.errors import PayPalError, describe, refuse
from sandbox.paypal.responses.shared import made, shown
from sandbox.world import World

Json = dict[str, Any]

EXPIRE = "paypal.order.expire"
# An order that nobody approves, or that is approved and not captured, is gone after three hours [K].
LIFETIME_SECONDS = 3 * 3_600
COPIED = ("intent", "purchase_units", "payer")
SHOWN_OF_WALLET = ("email_address", "name", "address")
KEPT_CONTEXT = ("brand_name", "locale", "shipping_preference", "user_action", "return_url", "cancel_url")


def register(world: World) -> None:
    """Name the actions that the agenda runs for orders."""
    world.agenda.register(EXPIRE, lambda **args: expire(world, **args))


def create(call: Call) -> Answer:
    """Create an order; with a payment source the payer's action is the next step, without one their approval.

    Refuses a payment source without a PayPal-Request-Id, as the specification demands of whoever may process a payment.
    """
    body: Json = call.body
    if body.get("payment_source") and not call.request_id:
        raise call.refuse("PAYPAL_REQUEST_ID_REQUIRED")
    check_rules(call, body)
    order: Json = {"id": models.new_id(), **{name: body[name] for name in COPIED if name in body}}
    order["purchase_units"] = [_unit(unit) for unit in body["purchase_units"]]
    order["status"] = "PAYER_ACTION_REQUIRED" if body.get("payment_source") else "CREATED"
    if body.get("payment_source"):
        wallet = body["payment_source"].get("paypal", {})
        order["payment_source"] = {"paypal": {name: wallet[name] for name in SHOWN_OF_WALLET if name in wallet}}
    order["_"] = {
        "context": _context(body),
        "funding": None,
        "payments": [{"authorizations": [], "captures": [], "refunds": []} for _ in order["purchase_units"]],
    }
    models.save(call.world, "order", order)
    extend(call.world, order)
    return made(call, "order", order["id"])


def show(call: Call, order_id: str) -> Answer:
    """Show an order whole."""
    return shown(call, "order", order_id)


def update(call: Call, order_id: str) -> Answer:
    """Apply a JSON patch to what may be changed before the order completes."""
    order = models.find(call.world, call.name, "order", order_id)
    if order["status"] not in ("CREATED", "PAYER_ACTION_REQUIRED", "APPROVED"):
        raise call.refuse("ORDER_ALREADY_COMPLETED")
    changed = patching.apply(call, order, call.body)
    check_rules(call, changed)
    if order["status"] == "APPROVED" and patching.amounts_of(changed) != patching.amounts_of(order):
        raise call.refuse("AMOUNT_CHANGE_NOT_ALLOWED")
    for name in COPIED:
        if name in changed:
            order[name] = changed[name]
    models.touch(call.world, order)
    return Answer(204, None)


def capture(call: Call, order_id: str) -> Answer:
    """Take the money of an approved order: one capture per purchase unit, and the order is completed."""
    order = models.find(call.world, call.name, "order", order_id)
    _may_be_paid(call, order, "CAPTURE", "ORDER_ALREADY_CAPTURED")
    for index, unit in enumerate(order["purchase_units"]):
        payments.capture(call, order, index, unit["amount"], ("order", order_id))
    _complete(call.world, order)
    return made(call, "order.paid", order_id)


def authorize(call: Call, order_id: str) -> Answer:
    """Hold the money of an approved order, and the order is completed."""
    order = models.find(call.world, call.name, "order", order_id)
    _may_be_paid(call, order, "AUTHORIZE", "ORDER_ALREADY_AUTHORIZED")
    for index in range(len(order["purchase_units"])):
        payments.authorize(call, order, index)
    _complete(call.world, order)
    return made(call, "order.paid", order_id)


def check_rules(call: Call, body: Json) -> None:
    """Raise the 422 that names every business rule an order breaks."""
    if found := list(rules.problems(body)):
        raise refuse("UNPROCESSABLE_ENTITY", *(describe(call.name, *finding) for finding in found))


def extend(world: World, order: Json) -> None:
    """Give an order its lifetime anew."""
    order["_"]["expires_at"] = world.clock.unix() + LIFETIME_SECONDS
    world.agenda.at(order["_"]["expires_at"], EXPIRE, order_id=order["id"])


def expire(world: World, order_id: str) -> None:
    """Forget an order whose time is over and that was never paid: from then on it is a 404, as at PayPal [K]."""
    table = world.store.table("paypal.order")
    order = table.get(order_id)
    if order and order["status"] != "COMPLETED" and order["_"]["expires_at"] <= world.clock.unix():
        del table[order_id]


def _may_be_paid(call: Call, order: Json, intent: str, already: str) -> None:
    """Raise what stands in the way of capture or authorize; `already` is the issue for a second time."""
    if order["intent"] != intent:
        raise call.refuse("ACTION_DOES_NOT_MATCH_INTENT")
    if order["status"] == "COMPLETED":
        raise call.refuse(already)
    if order["status"] != "APPROVED":
        raise call.refuse("ORDER_NOT_APPROVED")
    if refusal := funding.source(order["_"]["funding"]).refusal:
        raise _send_back(call, order, refusal)
    for unit in order["purchase_units"]:
        if payments.invoice_was_paid(call.world, order, unit.get("invoice_id")):
            raise call.refuse("DUPLICATE_INVOICE_ID", value=unit["invoice_id"])


def _send_back(call: Call, order: Json, refusal: str) -> PayPalError:
    """Refuse the funding source; the link leads the payer back to the window to choose another [K for the rel]."""
    rel = "payer-action" if refusal == "PAYER_ACTION_REQUIRED" else "redirect"
    link = {"href": models.window(call.world, order["id"]), "rel": rel, "method": "GET"}
    return call.refuse(refusal, links=[link])


def _complete(world: World, order: Json) -> None:
    models.move(world, "order", order, "COMPLETED")
    events.emit(world, "CHECKOUT.ORDER.COMPLETED", "order", order["id"])


def _unit(unit: Json) -> Json:
    """Fill in what PayPal fills in: a reference id and the payee."""
    return {"reference_id": "default", **unit, "payee": {**models.MERCHANT, **unit.get("payee", {})}}


def _context(body: Json) -> Json:
    """Merge the two places an experience context may stand in; the payment source's wins."""
    wallet = body.get("payment_source", {}).get("paypal", {}).get("experience_context", {})
    merged = {**body.get("application_context", {}), **wallet}
    return {name: merged[name] for name in KEPT_CONTEXT if name in merged}
