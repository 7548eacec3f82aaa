"""Taking money: how captures and authorizations come into being, settle, and lose it again."""

from typing import Any

from sandbox.paypal import amounts, events, funding, models
from sandbox.paypal.calls import Call
from sandbox.paypal.mocking import PENDING
from sandbox.world import World

Json = dict[str, Any]

SETTLE, EXPIRE = "paypal.capture.settle", "paypal.authorization.expire"
INVOICES = "paypal.invoice"  # invoice id -> [kind, id] of what was captured or held under it
PROTECTION: Json = {"status": "ELIGIBLE", "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"]}
AUTHORIZATION_DAYS = 29


def register(world: World) -> None:
    """Name the actions that the agenda runs for captures and authorizations."""
    world.agenda.register(SETTLE, lambda **args: settle(world, **args))
    world.agenda.register(EXPIRE, lambda **args: expire(world, **args))


def capture(call: Call, order: Json, unit: int, amount: Json, up: tuple[str, str], **given: Any) -> Json:
    """Capture an amount of one purchase unit; pending when the funding source or the test asks for it.

    `up` is what is captured, an order or an authorization; `given` may hold invoice_id and final_capture.
    """
    world, source = call.world, funding.source(order["_"]["funding"])
    pending = source.pending or call.mock == PENDING
    record = _payment(order, unit, amount, up, given)
    record |= {
        "status": "PENDING" if pending else "COMPLETED",
        "final_capture": bool(given.get("final_capture", True)),
        "disbursement_mode": "INSTANT",
        "seller_receivable_breakdown": {"gross_amount": amount} if pending else breakdown(amount),
    }
    record["_"]["refunds"] = []
    if pending:
        record["status_details"] = {"reason": "ECHECK"}
    _keep(world, "capture", record)
    order["_"]["payments"][unit]["captures"].append(record["id"])
    events.emit(world, f"PAYMENT.CAPTURE.{record['status']}", "capture", record["id"])
    if pending:
        args = {"capture_id": record["id"], "status": source.settles_as}
        world.agenda.after(funding.PENDING_SECONDS, SETTLE, **args)
    return record


def authorize(call: Call, order: Json, unit: int) -> Json:
    """Hold the amount of one purchase unit for 29 days."""
    amount = _plain(order["purchase_units"][unit]["amount"])
    record = _payment(order, unit, amount, ("order", order["id"]), {})
    record |= {"status": "CREATED", "expiration_time": models.later(call.world, days=AUTHORIZATION_DAYS)}
    record["_"] |= {"captures": [], "reauthorizes": None, "replaced_by": None}
    _keep(call.world, "authorization", record)
    call.world.agenda.after(AUTHORIZATION_DAYS * 24 * 3600, EXPIRE, authorization_id=record["id"])
    order["_"]["payments"][unit]["authorizations"].append(record["id"])
    events.emit(call.world, "PAYMENT.AUTHORIZATION.CREATED", "authorization", record["id"])
    return record


def expire(world: World, authorization_id: str) -> None:
    """End an authorization whose days are over: it is voided, and its event is that of a void.

    "Voided either due to authorization reaching its 30 day validity period or manually":
    docs.paypal.ai/reference/webhook-events/payments-v2. One that was made anew ends with the first, whose time it has.
    """
    record = world.store.table("paypal.authorization").get(authorization_id)
    if record is None or record["status"] not in ("CREATED", "PARTIALLY_CAPTURED"):
        return
    if record["expiration_time"] > models.stamp(world.clock.now()):
        return
    models.move(world, "authorization", record, "VOIDED")
    events.emit(world, "PAYMENT.AUTHORIZATION.VOIDED", "authorization", authorization_id)


def settle(world: World, capture_id: str, status: str) -> None:
    """Finish a pending capture: with its fee when the money came, or declined. A second time does nothing."""
    record = world.store.table("paypal.capture").get(capture_id)
    if record is None or record["status"] != "PENDING":
        return
    models.move(world, "capture", record, status)
    record.pop("status_details", None)
    if status == "COMPLETED":
        record["seller_receivable_breakdown"] = breakdown(record["amount"])
    events.emit(world, f"PAYMENT.CAPTURE.{status}", "capture", capture_id)


def breakdown(amount: Json) -> Json:
    """Split a captured amount into what PayPal keeps and what the merchant gets."""
    currency = amount["currency_code"]
    fee = amounts.fee(amount)
    net = amounts.money(currency, amounts.value_of(amount) - fee)
    settled = amounts.converted(net, "receivable_amount")
    if settled:
        settled["exchange_rate"] = amounts.exchange_rate(currency)
    return {"gross_amount": amount, "paypal_fee": amounts.money(currency, fee), "net_amount": net, **settled}


def invoice_was_paid(world: World, order: Json, invoice_id: str | None) -> bool:
    """Tell whether another order already took money under this invoice id."""
    for kind, object_id in world.store.table(INVOICES).get(invoice_id or "", []):
        record = models.get(world, kind, object_id)
        if record["_"]["order_id"] != order["id"] and record["status"] not in ("DECLINED", "VOIDED"):
            return True
    return False


def _plain(amount: Json) -> Json:
    """An amount without its breakdown, written with the currency's decimals."""
    return amounts.money(amount["currency_code"], amounts.value_of(amount))


def _payment(order: Json, unit: int, amount: Json, up: tuple[str, str], given: Json) -> Json:
    """What captures and authorizations have in common."""
    bought = order["purchase_units"][unit]
    related = {"order_id": order["id"]}
    if up[0] == "authorization":
        related["authorization_id"] = up[1]
    record: Json = {
        "id": models.new_id(),
        "amount": _plain(amount),
        "seller_protection": PROTECTION,
        "supplementary_data": {"related_ids": related},
        "payee": bought["payee"],
        "_": {"order_id": order["id"], "unit": unit, "up": list(up)},
    }
    for name in ("invoice_id", "custom_id"):
        if value := given.get(name) or bought.get(name):
            record[name] = value
    return record


def _keep(world: World, kind: str, record: Json) -> None:
    """Save a payment and remember its invoice id."""
    models.save(world, kind, record)
    if invoice_id := record.get("invoice_id"):
        world.store.table(INVOICES).setdefault(invoice_id, []).append([kind, record["id"]])
