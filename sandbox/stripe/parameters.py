"""What each endpoint takes: read from stripe-python's own parameter types at the pinned version.

A parameter type is a TypedDict of `stripe.params`; its keys, its required keys and the types of its values give the
checks that Stripe makes before an endpoint starts to work, with Stripe's messages.
"""

import sys
import typing
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin

import stripe
from stripe._request_options import RequestOptions

from sandbox.stripe import errors

OPTIONS = frozenset(RequestOptions.__annotations__)  # how the SDK sends, not what it sends
EVERYWHERE = frozenset({"expand"})
# Stripe.js sends a new card inside a confirmation; servers may not, so the SDK's types do not name it.
ALSO = {"payment_method_data[type]": ("card",)}
RETIRED = {"payment_method_types": "payment_method_types_no_longer_supported"}
RETIRED_MESSAGE = (
    "`payment_method_types` is no longer supported from API version 2026-09-30.endive on. Remove it to use the payment "
    "methods enabled in your Dashboard, or pass `allowed_payment_method_types`."
)
NAMES_ABROAD = {
    "UntypedStripeObject": dict,
    "StripeContext": object,
    "Decimal": Decimal,
    "IO": typing.IO,
    "Mapping": typing.Mapping,
    "Any": Any,
    "Dict": dict,
    "List": list,
}


def find(name: str) -> Any:
    """Return a parameter type by its name in `stripe.params`: "RefundCreateParams", "tax.CalculationCreateParams"."""
    module: Any = stripe.params
    for part in name.split("."):
        module = getattr(module, part)
    return module


@cache
def fields_of(kind: Any) -> dict[str, tuple[Any, bool]]:
    """Return a parameter type's fields: name to (annotation, required)."""
    scope = dict(NAMES_ABROAD)
    for each in (*getattr(kind, "__orig_bases__", ()), kind):
        scope.update(vars(sys.modules[each.__module__]))
    hints = typing.get_type_hints(kind, globalns=scope, localns=NAMES_ABROAD, include_extras=True)
    required = kind.__required_keys__
    return {name: (_bare(hint), name in required) for name, hint in hints.items() if name not in OPTIONS}


def check(kind: Any, raw: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the parameters with their proper types; raise StripeError for an unknown, missing or unreadable one."""
    fields = fields_of(kind)
    typed: dict[str, Any] = {}
    for name, value in raw.items():
        full = f"{prefix}[{name}]" if prefix else name
        if name in fields:
            typed[name] = convert(fields[name][0], value, full)
        elif not prefix and name in EVERYWHERE:
            typed[name] = convert(list[str], value, full)
        elif not prefix and name in RETIRED and "allowed_payment_method_types" in fields:
            raise errors.invalid(RETIRED_MESSAGE, full, RETIRED[name])
        else:
            raise errors.unknown(full)
    for name, (_, required) in fields.items():
        if required and name not in raw:
            raise errors.missing(f"{prefix}[{name}]" if prefix else name)
    return typed


def convert(kind: Any, value: Any, name: str) -> Any:
    """Read one value as the annotation says; an empty string where Stripe allows one unsets and becomes None."""
    kind = _bare(kind)
    if get_origin(kind) in (Union, UnionType):
        return _convert_union(get_args(kind), value, name)
    if value == "" and kind is not Any:
        return _convert_empty(kind, name)
    if get_origin(kind) is Literal:
        return _convert_choice(get_args(kind), value, name)
    if _is_hash(kind):
        if not isinstance(value, dict):
            raise errors.invalid(f"Invalid object: {name}", name)
        return check(kind, value, name)
    if get_origin(kind) is list:
        return [convert(get_args(kind)[0], item, f"{name}[{at}]") for at, item in enumerate(_items(value, name))]
    if get_origin(kind) is dict or kind is dict:
        return _convert_hash(value, name)
    return _convert_scalar(kind, value, name)


def _is_hash(kind: Any) -> bool:
    """Tell whether a type is a TypedDict, also one of typing_extensions, which the SDK uses."""
    return isinstance(kind, type) and hasattr(kind, "__required_keys__")


def _bare(kind: Any) -> Any:
    while get_origin(kind) in (NotRequired, Required, Annotated):
        kind = get_args(kind)[0]
    return kind


def _convert_union(choices: tuple[Any, ...], value: Any, name: str) -> Any:
    """Try each member; an enum that the SDK leaves open for later versions is closed for this one."""
    if value == "" and any(get_origin(c) is Literal and "" in get_args(c) for c in choices):
        return None
    choices = tuple(c for c in choices if c is not type(None) and get_args(c) != ("",))
    if any(get_origin(c) is Literal for c in choices):
        choices = tuple(c for c in choices if c is not str)
    nested = [c for c in choices if _is_hash(c) or get_origin(c) in (list, dict)]
    flat = [c for c in choices if c not in nested]
    wanted = nested if isinstance(value, dict) and nested else flat or nested
    problem: errors.StripeError | None = None
    for choice in sorted(wanted, key=lambda c: c is str):
        try:
            return convert(choice, value, name)
        except errors.StripeError as error:
            problem = problem or error
    assert problem is not None
    raise problem


def _convert_empty(kind: Any, name: str) -> Any:
    if get_origin(kind) is list:
        return []
    if get_origin(kind) is dict or kind is dict:
        return None
    leaf = name.rsplit("[", 1)[-1].rstrip("]")
    message = (
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; however "
        f"'{leaf}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value."
    )
    raise errors.invalid(message, name, "parameter_invalid_empty")


def _convert_choice(choices: tuple[Any, ...], value: Any, name: str) -> Any:
    if value in choices or value in ALSO.get(name, ()):
        return value
    *most, last = [str(choice) for choice in choices if choice != ""]
    listed = f"{', '.join(most)}, or {last}" if len(most) > 1 else " or ".join([*most, last])
    raise errors.invalid(f"Invalid {name}: must be one of {listed}", name)


def _convert_hash(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise errors.invalid(f"Invalid hash: {name}", name)
    return value


def _convert_scalar(kind: Any, value: Any, name: str) -> Any:
    if isinstance(value, dict):
        raise errors.invalid(f"Invalid string: {name}", name)
    if kind is int:
        try:
            return int(value)
        except ValueError:
            raise errors.invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer") from None
    if kind is bool:
        if value not in ("true", "false"):
            raise errors.invalid(f"Invalid boolean: {value}", name)
        return value == "true"
    if kind is float:
        try:
            return float(value)
        except ValueError:
            raise errors.invalid(f"Invalid number: {value}", name) from None
    return value


def _items(value: Any, name: str) -> list[Any]:
    if isinstance(value, dict) and all(key.isdigit() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    raise errors.invalid(f"Invalid array: {name}", name)
