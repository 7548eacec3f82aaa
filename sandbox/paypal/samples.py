"""Made-up resources for simulated events."""

from decimal import Decimal
from typing import Any

from sandbox.paypal import amounts, events, models, payments
from sandbox.world import World

Json = dict[str, Any]

AMOUNT = amounts.money("USD", Decimal("24.00"))


def kind_of(event_type: str) -> str:
    """Return the kind of object that events of a type are about."""
    if event_type.startswith("CHECKOUT.ORDER"):
        return "order"
    if event_type in events.ABOUT_REFUNDS:
        return "refund"
    return "authorization" if event_type.startswith("PAYMENT.AUTHORIZATION") else "capture"


def resource(world: World, kind: str) -> Json:
    """Make a resource of a kind that exists nowhere in the sandbox."""
    now = models.stamp(world.clock.now())
    made: Json = {"id": models.new_id(), "status": "COMPLETED", "create_time": now, "update_time": now}
    path = f"{models.PATHS[kind]}/{made['id']}"
    made["links"] = [models.link(world, "self", path)]
    match kind:
        case "order":
            unit = {"reference_id": "default", "amount": AMOUNT, "payee": models.MERCHANT}
            made |= {"intent": "CAPTURE", "status": "APPROVED", "payer": models.BUYER, "purchase_units": [unit]}
        case "refund":
            made |= {"amount": AMOUNT}
        case "authorization":
            made |= {"amount": AMOUNT, "status": "CREATED", "seller_protection": payments.PROTECTION}
        case _:
            breakdown = payments.breakdown(AMOUNT)
            made |= {"amount": AMOUNT, "final_capture": True, "seller_receivable_breakdown": breakdown}
    return made
