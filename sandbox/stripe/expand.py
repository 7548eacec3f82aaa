"""Expanding ids into the objects they name: https://docs.stripe.com/expand."""

from collections.abc import Callable
from typing import Any, ForwardRef, Union, get_args, get_origin

from stripe._object_classes import get_object_class
from stripe._stripe_object import StripeObject

from sandbox.stripe import errors, lists
from sandbox.stripe.models import PREFIXES, Call

MAX_LEVELS = 4
# Fields that name another object though they look like plain text, and must stay as they are.
NEVER = frozenset({"id", "client_secret", "payment_method_details"})


def charge_refunds(call: Call, charge: dict[str, Any]) -> dict[str, Any]:
    """Return a charge's refunds, newest first; the ten that Stripe includes."""
    rows = [r for r in reversed(call.table("refund").values()) if r["charge"] == charge["id"]]
    return lists.cut({}, rows, f"/v1/charges/{charge['id']}/refunds", "refund")


def tax_lines(call: Call, owner: dict[str, Any]) -> dict[str, Any]:
    """Return the line items of a tax calculation or transaction."""
    noun = "calculations" if owner["object"] == "tax.calculation" else "transactions"
    rows = call.world.store.table("stripe.tax.line_items").get(owner["id"], [])
    return lists.cut({}, rows, f"/v1/tax/{noun}/{owner['id']}/line_items", "line item")


# Lists that Stripe shows when they are asked for, and this sandbox always.
SHOWN = frozenset({"tax_breakdown"})
# Fields that are absent unless asked for.
INCLUDABLE: dict[tuple[str, str], Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    ("charge", "refunds"): charge_refunds,
    ("tax.calculation", "line_items"): tax_lines,
    ("tax.transaction", "line_items"): tax_lines,
}


def check(address: str, paths: list[str]) -> None:
    """Raise StripeError for a field that the object at an address cannot expand, before any work is done.

    Only the first step is looked at, in stripe-python's own class; what lies deeper is found when it is expanded.
    """
    kind = class_at(address)
    for at, path in enumerate(paths):
        if not _holds_objects(getattr(kind, "__annotations__", {}).get(path.split(".")[0])):
            raise _not_expandable(path, at)


def class_at(address: str) -> type[StripeObject]:
    """Return the SDK's class of what a POST or DELETE to an address answers with: the last noun in it says it."""
    noun = [step for step in address.split("/") if step.endswith("s") and step != "test_helpers"][-1]
    family = "tax." if "/tax/" in address else ""
    return get_object_class("V1", family + noun.removesuffix("s"))


def _holds_objects(hint: Any) -> bool:
    """Tell whether an annotation allows an object, or a list of them, and not scalars alone."""
    if get_origin(hint) is Union:
        return any(_holds_objects(member) for member in get_args(hint))
    kind = get_origin(hint) or hint
    return isinstance(kind, ForwardRef) or (isinstance(kind, type) and issubclass(kind, StripeObject))


def expand(call: Call, answer: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """Return the answer with the named fields expanded; what is stored stays as it is.

    Paths have at most four levels, in lists each begins with `data.`; a field that is null stays null; raises
    StripeError for one that cannot be expanded.
    """
    for at, path in enumerate(paths):
        steps = path.split(".")
        if len(steps) > MAX_LEVELS + (steps[0] == "data"):
            message = f"You cannot expand more than {MAX_LEVELS} levels of a property. Property: {path}"
            raise errors.invalid(message, f"expand[{at}]")
        answer = _expand(call, answer, steps, path, at)
    return answer


def _expand(call: Call, node: dict[str, Any], steps: list[str], path: str, at: int) -> dict[str, Any]:
    name, rest = steps[0], steps[1:]
    if name == "data" and isinstance(node.get("data"), list):
        return {**node, "data": [_expand(call, row, rest, path, at) if rest else row for row in node["data"]]}
    value = node.get(name)
    include = INCLUDABLE.get((str(node.get("object")), name))
    if value is None and include is not None:
        value = include(call, node)
    elif isinstance(value, list) and name in SHOWN:
        return node
    elif isinstance(value, str) and name not in NEVER:
        value = _look_up(call, value, path, at)
    elif name not in node or not (value is None or isinstance(value, dict)):
        raise _not_expandable(path, at)
    if rest and isinstance(value, dict):
        value = _expand(call, value, rest, path, at)
    return {**node, name: value}


def _look_up(call: Call, object_id: str, path: str, at: int) -> dict[str, Any]:
    kind = PREFIXES.get(object_id.split("_", 1)[0] + "_")
    found: dict[str, Any] | None = call.table(kind).get(object_id) if kind else None
    if found is None:
        raise _not_expandable(path, at)
    return found


def _not_expandable(path: str, at: int) -> errors.StripeError:
    message = (
        f"This property cannot be expanded ({path}). You may want to try expanding it from a list or another object; "
        "the properties that can be are marked as expandable in https://stripe.com/docs/api."
    )
    return errors.invalid(message, f"expand[{at}]")
