"""What was said between us and a provider, and the shape of it: which fields, of which types."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shop.gateways.base import Provider

# Ids in a path: Stripe's carry a prefix, PayPal's are capitals and digits.
_STRIPE_ID = re.compile(r"^[a-z]+(?:_[a-z]+)*_[A-Za-z0-9]*(?:\d|[A-Z])[A-Za-z0-9]*$")
_PAYPAL_ID = re.compile(r"^(?=.*\d)[A-Z0-9-]{8,}$")
# Below these stands what we put there ourselves, or what differs from account to account.
FREE_FORM = frozenset({"metadata", "payment_method_options", "payment_method_configuration_details"})


@dataclass(frozen=True)
class Exchange:
    """One call and its answer; `body` is the answer's JSON with everything secret blotted out, None for none."""

    provider: Provider
    who: str  # "shop" or "customer"
    verb: str
    path: str
    status: int
    request_id: str
    milliseconds: float
    body: Any

    @property
    def place(self) -> str:
        """Return what was asked for, without the ids in it."""
        return f"{self.verb} {pattern(self.path)}"

    @property
    def words(self) -> str:
        """Return what the provider says to a refusal, for people; empty where it says nothing."""
        body = self.body if isinstance(self.body, dict) else {}
        error = body.get("error")
        return str((error if isinstance(error, dict) else body).get("message") or "")[:160]

    @property
    def code(self) -> str:
        """Return the provider's word for why it refused; empty for a good answer."""
        return refusal(self.body) if self.status >= 400 else ""


def parse(text: str) -> Any:
    """Return a recorded body as JSON; None for what is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def pattern(path: str) -> str:
    """Return a path with its ids replaced."""
    parts = path.split("/")
    return "/".join("{id}" if _STRIPE_ID.match(part) or _PAYPAL_ID.match(part) else part for part in parts)


def refusal(body: Any) -> str:
    """Return the codes of an error: Stripe's type, code and decline code; PayPal's name and issues."""
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    if isinstance(error, dict):
        return " ".join(str(error[name]) for name in ("type", "code", "decline_code") if error.get(name))
    issues = [str(detail.get("issue", "")) for detail in body.get("details") or [] if isinstance(detail, dict)]
    return " ".join(filter(None, [str(body.get("name") or error or ""), *issues]))


def shape(body: Any, path: str = "") -> dict[str, set[str]]:
    """Return the types of every field, by its path: {"amount": {"number"}, "refunds[].id": {"string"}}."""
    found: dict[str, set[str]] = defaultdict(set)
    if isinstance(body, dict):
        if path:
            found[path].add("object")
        if path.rpartition(".")[2] not in FREE_FORM:
            for name, value in body.items():
                _merge(found, shape(value, f"{path}.{name}" if path else name))
    elif isinstance(body, list):
        found[path].add("list")
        for value in body:
            _merge(found, shape(value, f"{path}[]"))
    else:
        found[path].add(_kind(body))
    return found


@dataclass(frozen=True)
class Difference:
    """One way in which the provider's answers to a call differ from the sandbox's, and in which flows."""

    place: str
    kind: str  # "statuses", "codes", "only there", "only in the sandbox", "types"
    what: str
    flows: tuple[str, ...]


def compare(there: Mapping[str, Sequence[Exchange]], here: Mapping[str, Sequence[Exchange]]) -> list[Difference]:
    """Return how the answers of both differ, for flows (by name) that went to their end at both.

    A field that is null in one of them is not called different: what is known of it is that it is there. A field below
    an object or list that the other left empty is left out as well.
    """
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for flow in there:
        theirs, ours = _by_place(there[flow]), _by_place(here.get(flow, ()))
        for place in sorted(set(theirs) & set(ours)):
            for kind, what in _differences(theirs[place], ours[place]):
                found[(place, kind, what)].append(flow)
        for place in sorted(set(theirs) ^ set(ours)):
            kind = "calls only there" if place in theirs else "calls only in the sandbox"
            found[(place, kind, "")].append(flow)
    return [Difference(*key, tuple(flows)) for key, flows in sorted(found.items())]


def _by_place(exchanges: Iterable[Exchange]) -> dict[str, list[Exchange]]:
    places: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        places[f"{exchange.provider} {exchange.place}"].append(exchange)
    return places


def _differences(theirs: Sequence[Exchange], ours: Sequence[Exchange]) -> Iterable[tuple[str, str]]:
    statuses = {one.status for one in theirs}, {one.status for one in ours}
    if statuses[0] != statuses[1]:
        yield "statuses", f"{_listed(statuses[0])} there, {_listed(statuses[1])} in the sandbox"
    codes = {one.code for one in theirs if one.code}, {one.code for one in ours if one.code}
    if codes[0] != codes[1]:
        yield "codes", f"{_listed(codes[0])} there, {_listed(codes[1])} in the sandbox"
    for status in sorted(statuses[0] & statuses[1]):
        there = _shape_of(one for one in theirs if one.status == status)
        here = _shape_of(one for one in ours if one.status == status)
        yield from (("only there", name) for name in sorted(there) if _is_missing(name, here))
        yield from (("only in the sandbox", name) for name in sorted(here) if _is_missing(name, there))
        for name in sorted(set(there) & set(here)):
            known = there[name] - {"null"}, here[name] - {"null"}
            if known[0] and known[1] and not known[0] & known[1]:
                yield "types", f"{name}: {_listed(known[0])} there, {_listed(known[1])} in the sandbox"


def _is_missing(name: str, other: Mapping[str, set[str]]) -> bool:
    """Tell whether a field is not in the other although what holds it is there, and not null or empty."""
    if name in other:
        return False
    holder = re.sub(r"(\[\]|\.[^.\[]*|^[^.\[]*)$", "", name)
    if not holder:
        return not name.startswith("[]")
    inside = any(known != holder and known.startswith(holder) for known in other)
    return holder in other and (inside or other[holder] == {"object"})


def _shape_of(exchanges: Iterable[Exchange]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for exchange in exchanges:
        if exchange.body is not None:
            _merge(found, shape(exchange.body))
    return found


def _merge(into: dict[str, set[str]], more: Mapping[str, set[str]]) -> None:
    for name, kinds in more.items():
        into[name] |= kinds


def _kind(value: Any) -> str:
    kinds = {type(None): "null", bool: "boolean", int: "number", float: "number", str: "string"}
    return kinds[type(value)]


def _listed(values: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, values))) or "nothing"
