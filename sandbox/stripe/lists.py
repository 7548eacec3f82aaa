"""Lists and pages: https://docs.stripe.com/api/pagination."""

from collections.abc import Callable
from typing import Any

from sandbox.stripe import errors
from sandbox.stripe.models import KINDS, Call

DEFAULT_LIMIT, MAX_LIMIT = 10, 100
Keep = Callable[[dict[str, Any]], bool]


def limit(params: dict[str, Any]) -> int:
    """Return how many objects a page holds; raises StripeError outside 1 to 100."""
    wanted = int(params.get("limit", DEFAULT_LIMIT))
    if wanted < 1:
        raise errors.invalid("This value must be greater than or equal to 1.", "limit", "parameter_invalid_integer")
    if wanted > MAX_LIMIT:
        raise errors.invalid(
            f"This value must be less than or equal to {MAX_LIMIT} (it currently is '{wanted}').", "limit"
        )
    return wanted


def page(call: Call, kind: str, url: str, *, keep: Keep | None = None) -> dict[str, Any]:
    """Return one page of a table, newest first, narrowed by `created` and by `keep`."""
    rows = [row for row in reversed(call.table(kind).values()) if not row.get("deleted")]
    rows = [row for row in rows if in_range(row.get("created", 0), call.params.get("created"))]
    return cut(call.params, [row for row in rows if keep is None or keep(row)], url, KINDS[kind][2])


def cut(params: dict[str, Any], rows: list[dict[str, Any]], url: str, noun: str) -> dict[str, Any]:
    """Return the page of `rows` (newest first) that the cursors ask for."""
    size = limit(params)
    if after := params.get("starting_after"):
        start = _position(rows, after, noun, "starting_after") + 1
        return _list(url, rows[start : start + size], start + size < len(rows))
    if before := params.get("ending_before"):
        end = _position(rows, before, noun, "ending_before")
        return _list(url, rows[max(0, end - size) : end], end - size > 0)
    return _list(url, rows[:size], len(rows) > size)


def matches(params: dict[str, Any], *names: str) -> Keep:
    """Return a filter: an object's field equals the parameter of the same name, where that is given."""
    wanted = {name: params[name] for name in names if params.get(name) is not None}
    return lambda row: all(row.get(name) == value for name, value in wanted.items())


def in_range(value: int, wanted: Any) -> bool:
    """Tell whether a number is the one wanted, or within its gt, gte, lt and lte; None wants everything."""
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return value == wanted
    return bool(
        value > wanted.get("gt", value - 1)
        and value >= wanted.get("gte", value)
        and value < wanted.get("lt", value + 1)
        and value <= wanted.get("lte", value)
    )


def _list(url: str, data: list[dict[str, Any]], has_more: bool) -> dict[str, Any]:
    return {"object": "list", "url": url, "has_more": has_more, "data": data}


def _position(rows: list[dict[str, Any]], object_id: str, noun: str, param: str) -> int:
    for at, row in enumerate(rows):
        if row["id"] == object_id:
            return at
    raise errors.no_such(noun, object_id, param, 400)
