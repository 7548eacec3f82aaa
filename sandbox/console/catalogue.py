"""The objects the sandbox holds, as the console lists and links them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.console.words import object_address
from sandbox.stripe.amounts import exponent
from sandbox.world import World

Json = dict[str, Any]

# Bookkeeping of the sandbox itself, and secrets: nothing a provider's dashboard would list.
HIDDEN = ("request_log", "idempotency", "request_id", "certificate", "token", "fingerprint")
PROVIDERS = ("stripe", "paypal")


@dataclass(frozen=True)
class Kind:
    """One table of objects."""

    table: str  # "stripe.payment_intent"
    provider: str
    label: str  # "payment intent"
    count: int


@dataclass(frozen=True)
class Row:
    """One object in a list."""

    id: str
    words: str  # whatever tells it apart: an address, a type, a description
    amount: str
    status: str
    at: int  # unix seconds; 0 when the object has no time


def kinds(world: World) -> list[Kind]:
    """Return the tables that hold objects, by provider, the empty ones left out."""
    with world.store.lock:
        found = [(name, len(world.store.table(name))) for name in world.store.names()]
    return [
        Kind(name, provider, kind.replace("_", " ").replace(".", " "), count)
        for provider in PROVIDERS
        for name, count in found
        for kind in [name.removeprefix(f"{provider}.")]
        if name != kind and count and kind not in HIDDEN and _holds_objects(world, name)
    ]


def rows(world: World, table: str, limit: int = 200) -> list[Row]:
    """Return the newest objects of a table, newest first."""
    with world.store.lock:
        newest = list(world.store.table(table).items())[: -limit - 1 : -1]
    return [_row(object_id, record) for object_id, record in newest]


def find(world: World, table: str, object_id: str) -> tuple[Json, Json] | None:
    """Return an object as the API shows it, and what the sandbox keeps with it; None when there is none.

    Private entries begin with an underscore in both providers' tables.
    """
    if table not in {kind.table for kind in kinds(world)}:
        return None
    with world.store.lock:
        record: Json | None = world.store.table(table).get(object_id)
    if record is None:
        return None
    private = {name: value for name, value in record.items() if name.startswith("_")}
    return {name: value for name, value in record.items() if name not in private}, private


def known_ids(world: World) -> dict[str, str]:
    """Return where each object can be seen, by its id."""
    with world.store.lock:
        return {
            object_id: object_address(kind.table, object_id)
            for kind in kinds(world)
            for object_id in world.store.table(kind.table)
        }


def events_of(world: World, object_id: str) -> list[Json]:
    """Return the events about an object, oldest first, each as {id, type, at, address}."""
    return [*_events(world, "stripe", object_id), *_events(world, "paypal", object_id)]


def _events(world: World, provider: str, object_id: str) -> list[Json]:
    read: dict[str, Callable[[Json], tuple[Json, str]]] = {
        "stripe": lambda event: (event["data"]["object"], event["type"]),
        "paypal": lambda event: (event["resource"], event["event_type"]),
    }
    table = f"{provider}.event"
    with world.store.lock:
        events = list(world.store.table(table).items())
    return [
        {"id": key, "type": name, "at": _time(event), "address": object_address(table, key)}
        for key, event in events
        for about, name in [read[provider](event)]
        if about.get("id") == object_id
    ]


def _holds_objects(world: World, table: str) -> bool:
    with world.store.lock:
        first = next(iter(world.store.table(table).values()), None)
    return isinstance(first, dict) and "id" in first


def _row(object_id: str, record: Json) -> Row:
    return Row(object_id, _words(record), _amount(record), str(record.get("status") or ""), _time(record))


def _words(record: Json) -> str:
    for name in ("type", "event_type", "email", "description", "url", "name"):
        if isinstance(record.get(name), str) and record[name]:
            return str(record[name])
    units = record.get("purchase_units") or [{}]
    return str(units[0].get("reference_id") or units[0].get("custom_id") or "")


def _amount(record: Json) -> str:
    """Write an object's amount for reading; Stripe counts in the currency's smallest unit, PayPal writes decimals."""
    amount = record.get("amount")
    if isinstance(amount, int) and record.get("currency"):
        places = exponent(record["currency"])
        return f"{Decimal(amount).scaleb(-places):,.{places}f} {str(record['currency']).upper()}"
    if amount is None and record.get("purchase_units"):
        amount = record["purchase_units"][0].get("amount")
    if isinstance(amount, dict) and "value" in amount:
        return f"{amount['value']} {amount.get('currency_code', '')}"
    return ""


def _time(record: Json) -> int:
    made = record.get("created")
    if isinstance(made, int):
        return made
    written = record.get("create_time") or record.get("at")
    return int(datetime.fromisoformat(written).timestamp()) if isinstance(written, str) else 0
