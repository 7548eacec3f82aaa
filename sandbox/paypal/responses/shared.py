"""What several calls do alike."""

from typing import Any

from sandbox.paypal import amounts, issues, models
from sandbox.paypal.calls import Answer, Call

Json = dict[str, Any]


def made(call: Call, view: str, object_id: str) -> Answer:
    """Answer 201 with the object a call made; a replay will show the same view of it."""
    return Answer(201, models.VIEWS[view](call.world, object_id, call.full), (view, object_id))


def shown(call: Call, kind: str, object_id: str) -> Answer:
    """Answer 200 with an object, whole; raises the 404."""
    models.find(call.world, call.name, kind, object_id)
    return Answer(200, models.VIEWS[kind](call.world, object_id, True))


def check_amount(call: Call, amount: Json, pointer: str, currency: str, mismatch: str) -> None:
    """Raise what is wrong with an amount of money asked for; `mismatch` is the issue for another currency."""
    broken = amounts.problem(amount)
    if broken and issues.find(call.name, broken[0]):
        raise call.refuse(broken[0], f"{pointer}/{broken[1]}", amount[broken[1]])
    if amount["currency_code"] != currency:
        raise call.refuse(mismatch, f"{pointer}/currency_code", amount["currency_code"])
