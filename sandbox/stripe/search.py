"""Stripe's search query language: https://docs.stripe.com/search#search-query-language.

Clauses are `field:"value"` (equal), `field~"value"` (contains), `field>1` and the like, `metadata["key"]:"value"`; a
leading `-` negates, and clauses are joined by AND or by OR, never by both. The real index lags by up to a minute; this
one does not.
"""

import re
from collections.abc import Callable
from typing import Any

from sandbox.stripe import errors, lists
from sandbox.stripe.models import Call

CLAUSE = re.compile(
    r"""\s*(?P<minus>-)?(?P<field>[a-z0-9_.]+)(?:\[(?P<quote>["'])(?P<key>[^"']*)(?P=quote)\])?"""
    r"""\s*(?P<sign>:|~|>=|<=|>|<)\s*(?:(?P<mark>["'])(?P<text>(?:\\.|(?!(?P=mark)).)*)(?P=mark)|(?P<word>[^\s"']+))\s*"""
)
COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}


def page(call: Call, kind: str, url: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return the objects that match `query`, newest first; `page` goes on where the last one ended."""
    keep = parse(call.params["query"], fields)
    rows = [row for row in reversed(call.table(kind).values()) if not row.get("deleted") and keep(row)]
    start = _start(call.params.get("page"))
    size = lists.limit(call.params)
    more = len(rows) > start + size
    return {
        "object": "search_result",
        "url": url,
        "has_more": more,
        "next_page": str(start + size) if more else None,
        "data": rows[start : start + size],
    }


def _start(cursor: str | None) -> int:
    """Return where a page begins; raises StripeError for a cursor that no answer gave."""
    if cursor is not None and not cursor.isdecimal():
        raise errors.refused("Invalid page token.", param="page")
    return int(cursor or 0)


def parse(query: str, fields: tuple[str, ...]) -> lists.Keep:
    """Return the filter that a query describes; raises StripeError for one that cannot be read."""
    clauses: list[lists.Keep] = []
    joints: set[str] = set()
    at = 0
    while at < len(query):
        match = CLAUSE.match(query, at)
        if match is None:
            raise _unreadable(query)
        clauses.append(_clause(match, fields))
        at = match.end()
        joint = re.compile(r"(AND|OR)\s+", re.IGNORECASE).match(query, at)
        if joint is not None:
            joints.add(joint[1].upper())
            at = joint.end()
        elif at < len(query):
            joints.add("AND")
    if not clauses or len(joints) > 1:
        raise _unreadable(query)
    if "OR" in joints:
        return lambda row: any(clause(row) for clause in clauses)
    return lambda row: all(clause(row) for clause in clauses)


def _clause(match: re.Match[str], fields: tuple[str, ...]) -> lists.Keep:
    field, key, sign = match["field"], match["key"], match["sign"]
    if field not in fields or (field == "metadata") != (key is not None):
        message = f"Field `{field}` is an unsupported search field for this resource. Supported: {', '.join(fields)}."
        raise errors.refused(message, param="query")
    wanted = match["word"] if match["text"] is None else re.sub(r"\\(.)", r"\1", match["text"])

    def keep(row: dict[str, Any]) -> bool:
        return _holds(_value(row, field, key), sign, wanted) != bool(match["minus"])

    return keep


def _value(row: dict[str, Any], field: str, key: str | None) -> Any:
    if key is not None:
        return (row.get("metadata") or {}).get(key)
    value: Any = row
    for step in field.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _holds(value: Any, sign: str, wanted: str) -> bool:
    if wanted == "null":
        return value is None
    if value is None:
        return False
    if sign == ":":
        return str(value).lower() == wanted.lower()
    if sign == "~":
        return wanted.lower() in str(value).lower()
    try:
        return COMPARE[sign](float(value), float(wanted))
    except ValueError:
        return False


def _unreadable(query: str) -> errors.StripeError:
    return errors.refused(f"We were unable to parse your search query: {query}", param="query")
