"""Walks an answer against stripe-python's own annotations: the pinned SDK is the oracle for the shape of every object.

It finds a missing required field, a wrong type, a value outside a closed Literal, and a field the SDK does not know.
Enums that the SDK leaves open for later versions (`Literal[...] | str`) are checked too, as this is the version they
were made for. Limit: a field that is Optional in the annotations may be absent as well as null.
"""

import functools
import operator
import sys
import types
import typing
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import stripe
from stripe._error_object import ErrorObject
from stripe._object_classes import get_object_class
from stripe._stripe_object import StripeObject

# Values that Stripe itself sends outside the SDK's lists; each with its reason.
PAGES = ("list", "search_result")
OPEN = frozenset({"code"})  # an error's code: the list in the SDK lags behind the documented ones


def problems(thing: Any, path: str = "") -> list[str]:
    """Return what is wrong with an answer, each with its place; an empty list means that it conforms."""
    if thing.get("object") in PAGES:
        pages = [] if set(thing) >= {"object", "url", "has_more", "data"} else [f"{path}: not a whole list"]
        return pages + [problem for at, row in enumerate(thing["data"]) for problem in problems(row, f"{path}[{at}]")]
    kind = class_of(thing)
    return walk_object(thing, kind, path or str(thing.get("object")))


def class_of(thing: dict[str, Any]) -> Any:
    """Return the SDK's class of an object, by its `object` field."""
    name = thing.get("object", "")
    if thing.get("deleted"):
        return None
    found = get_object_class("V1", name)
    assert found is not StripeObject, f"The SDK knows no object named {name!r}."
    return found


def error_problems(body: dict[str, Any]) -> list[str]:
    """Return what is wrong with the body of an error."""
    assert list(body) == ["error"]
    return walk_object(body["error"], ErrorObject, "error")


@cache
def annotations(kind: Any) -> dict[str, Any]:
    """Return a class's fields with their annotations resolved."""
    module = vars(sys.modules[kind.__module__])
    scope = {**vars(stripe), **vars(typing), "Decimal": Decimal, **module}
    names = {}
    for base in reversed(kind.__mro__):
        for name, hint in vars(base).get("__annotations__", {}).items():
            if not name.startswith("_") and name != "OBJECT_NAME" and issubclass(base, StripeObject):
                names[name] = hint
    return {name: _resolved(hint, scope) for name, hint in names.items()}


def walk_object(thing: Any, kind: Any, path: str) -> list[str]:
    """Check an object's fields, one by one and for their presence."""
    if kind is None:
        return []
    if not isinstance(thing, dict):
        return [f"{path}: expected {kind.__name__}, got {thing!r}"]
    found: list[str] = []
    fields = annotations(kind)
    wire = getattr(kind, "_field_remappings", {})
    for name, hint in fields.items():
        key = wire.get(name, name)
        if key not in thing:
            if not _may_be_absent(hint):
                found.append(f"{path}.{key}: required, but absent")
            continue
        found += walk(thing[key], hint, f"{path}.{key}")
    known = {wire.get(name, name) for name in fields}
    found += [f"{path}.{name}: the SDK knows no such field" for name in thing if name not in known]
    return found


def walk(value: Any, hint: Any, path: str) -> list[str]:
    """Check one value against its annotation."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _walk_union(value, get_args(hint), path)
    if origin is Literal:
        good = value in get_args(hint) or path.rsplit(".", 1)[-1] in OPEN
        return [] if good else [f"{path}: {value!r} is not one of {get_args(hint)[:8]}"]
    if origin in (list, typing.List):  # noqa: UP006
        return _walk_list(value, get_args(hint)[0], path)
    if _is_class(origin) and origin.__name__ == "ListObject":
        return _walk_page(value, get_args(hint)[0], path)
    if _is_class(origin) and issubclass(origin, StripeObject):
        return [] if isinstance(value, dict) else [f"{path}: expected a hash, got {value!r}"]
    if _is_class(hint) and issubclass(hint, StripeObject):
        return walk_object(value, class_of(value) if _names_itself(value) else hint, path)
    return _walk_scalar(value, hint, path)


def _walk_union(value: Any, choices: tuple[Any, ...], path: str) -> list[str]:
    if value is None:
        return [] if type(None) in choices else [f"{path}: must not be null"]
    choices = tuple(choice for choice in choices if choice is not type(None))
    if any(get_origin(choice) is Literal for choice in choices):
        choices = tuple(choice for choice in choices if choice is not str)
    if isinstance(value, dict):
        choices = tuple(choice for choice in choices if choice not in (str, int, bool)) or choices
    results = [walk(value, choice, path) for choice in choices]
    return [] if [] in results else min(results, key=len)


def _walk_list(value: Any, inner: Any, path: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{path}: expected a list, got {value!r}"]
    return [problem for at, item in enumerate(value) for problem in walk(item, inner, f"{path}[{at}]")]


def _walk_page(value: Any, inner: Any, path: str) -> list[str]:
    if not isinstance(value, dict) or set(value) != {"object", "url", "has_more", "data"}:
        return [f"{path}: expected a list object, got {value!r}"]
    return _walk_list(value["data"], inner, f"{path}.data")


def _walk_scalar(value: Any, hint: Any, path: str) -> list[str]:
    if hint is Any or hint is object:
        return []
    wanted: dict[Any, tuple[type, ...]] = {
        int: (int,),
        str: (str,),
        bool: (bool,),
        float: (int, float),
        Decimal: (str,),
    }
    kinds = wanted.get(hint, (object,))
    if not isinstance(value, kinds) or (isinstance(value, bool) and hint is not bool):
        return [f"{path}: expected {getattr(hint, '__name__', hint)}, got {value!r}"]
    return []


def _resolved(hint: Any, scope: dict[str, Any]) -> Any:
    """Replace the names of classes by the classes; the SDK leaves them as strings to avoid import circles."""
    if isinstance(hint, typing.ForwardRef):
        hint = hint.__forward_arg__
    if isinstance(hint, str):
        return _named(hint, scope)
    arguments = get_args(hint)
    if not arguments or get_origin(hint) is Literal:
        return hint
    inner = tuple(_resolved(argument, scope) for argument in arguments)
    origin = get_origin(hint)
    return functools.reduce(operator.or_, inner) if origin in (Union, types.UnionType) else origin[inner]


def _named(name: str, scope: dict[str, Any]) -> Any:
    if name in scope:
        return scope[name]
    for module in (stripe, stripe.tax, stripe.test_helpers):
        try:
            return getattr(module, name)
        except AttributeError:
            continue
    # A name that is imported for type checkers only, and under another name: any object with a name of its own.
    return {"CardResource": stripe.Card, "DisputeResource": stripe.Dispute}.get(name, StripeObject)


def _may_be_absent(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)


def _is_class(kind: Any) -> bool:
    return isinstance(kind, type)


def _names_itself(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("object"), str)
        and get_object_class("V1", value["object"]) is not StripeObject
    )
