"""What Stripe stores: one table per kind of object, ids with Stripe's prefixes, and what a request carries along."""

import copy
import random
import string
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe import errors
from sandbox.world import World

ALPHABET = string.ascii_letters + string.digits
CHANCE = random.Random()  # noqa: S311  # of its own: background work must not disturb a test's seeded randomness
API_VERSION = "2026-10-28.endive"  # the one that stripe-python 16.1.0 names; tests compare the two

# Kind of object: (id prefix, length of the random part, the noun in "No such ...").
KINDS: dict[str, tuple[str, int, str]] = {
    "balance_transaction": ("txn_", 24, "balance transaction"),
    "charge": ("ch_", 24, "charge"),
    "confirmation_token": ("ctoken_", 24, "confirmation token"),
    "customer": ("cus_", 14, "customer"),
    "event": ("evt_", 24, "event"),
    "mandate": ("mandate_", 24, "mandate"),
    "payment_intent": ("pi_", 24, "payment_intent"),
    "payment_method": ("pm_", 24, "PaymentMethod"),
    "refund": ("re_", 24, "refund"),
    "setup_intent": ("seti_", 24, "setupintent"),
    "tax.calculation": ("taxcalc_", 24, "tax calculation"),
    "tax.transaction": ("tax_", 24, "tax transaction"),
    "webhook_endpoint": ("we_", 24, "webhook endpoint"),
}
# What an id's beginning says about it; payments and refunds of bank debits begin otherwise than those of cards.
PREFIXES = {prefix: kind for kind, (prefix, _, _) in KINDS.items()} | {"py_": "charge", "pyr_": "refund"}


@dataclass(frozen=True)
class Call:
    """One request to the API, or the sandbox itself acting later; everything a response needs to know.

    `params` are typed already; `ids` are the parts of the address; `public` is a call with a publishable key, which may
    do less and sees less; `client_secret` and the raw `card` are what such a call brings.
    """

    world: World
    params: dict[str, Any] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    public: bool = False
    client_secret: str | None = None
    card: dict[str, Any] | None = None
    request_id: str | None = None
    idempotency_key: str | None = None

    def table(self, kind: str) -> dict[str, Any]:
        """Return the table of a kind of object."""
        return self.world.store.table(f"stripe.{kind}")

    def now(self) -> int:
        """Return the simulated unix time."""
        return self.world.clock.unix()

    def find(self, kind: str, object_id: str, param: str = "id") -> dict[str, Any]:
        """Return an object; raise `resource_missing`: 404 for the address itself, 400 for an id in a parameter."""
        found: dict[str, Any] | None = self.table(kind).get(object_id)
        if found is None or found.get("deleted"):
            noun = KINDS[kind][2]
            raise errors.no_such(noun, object_id, param, 404 if param in ("id", "intent") else 400)
        return found

    def insert(self, kind: str, fields: dict[str, Any], prefix: str = "") -> dict[str, Any]:
        """Store a new object with an id of its kind and return it."""
        made = {"id": new_id(prefix or KINDS[kind][0], KINDS[kind][1]), "object": kind, **fields}
        self.table(kind)[made["id"]] = made
        self.world.store.changed()
        return made


def new_id(prefix: str, length: int = 24) -> str:
    """Return a fresh id; ids need to be unlike each other, not unguessable."""
    return prefix + "".join(CHANCE.choices(ALPHABET, k=length))


def client_secret(object_id: str) -> str:
    """Return the secret with which a browser may work on one object."""
    return f"{object_id}_secret_{new_id('', 25)}"


@contextmanager
def revised(thing: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a copy of an object to change; the object takes all of it over, or nothing when the request is refused."""
    changed = copy.deepcopy(thing)
    yield changed
    thing.update(changed)


MAX_KEYS, MAX_KEY, MAX_VALUE = 50, 40, 500  # https://docs.stripe.com/api/metadata


def merge_metadata(old: dict[str, str], new: dict[str, Any] | None) -> dict[str, str]:
    """Return metadata after an update: an empty value unsets its key, an empty hash (None) unsets all."""
    if new is None:
        return {}
    merged = dict(old)
    for key, value in new.items():
        if not isinstance(value, str):
            raise errors.invalid(f"Metadata values must be strings, but for key '{key}' you passed a hash.", "metadata")
        if len(key) > MAX_KEY:
            message = (
                f"Metadata keys must be under {MAX_KEY} characters, but this key is {len(key)} characters: '{key}'"
            )
            raise errors.invalid(message, f"metadata[{key}]")
        if len(value) > MAX_VALUE:
            message = (
                f"Metadata values must be under {MAX_VALUE} characters, but for key '{key}' you passed in a value "
            )
            raise errors.invalid(
                message + f"that is {len(value)} characters. Invalid value: {value[:50]}...", "metadata"
            )
        if value == "":
            merged.pop(key, None)
        else:
            merged[key] = value
    if len(merged) > MAX_KEYS:
        raise errors.invalid(f"You can only specify {MAX_KEYS} metadata keys.", "metadata")
    return merged


ADDRESS_LINES = ("city", "country", "line1", "line2", "postal_code", "state")


def address(given: dict[str, Any] | None) -> dict[str, Any]:
    """Return an address with all its lines, null where not given."""
    return {line: (given or {}).get(line) for line in ADDRESS_LINES}


def shipping(given: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return shipping details with all their fields, or None."""
    if not given:
        return None
    rest = {name: given.get(name) for name in ("carrier", "name", "phone", "tracking_number")}
    return {"address": address(given.get("address")), **rest}


def shown(value: Any) -> Any:
    """Return a copy of an object without what it keeps to itself: fields whose names begin with an underscore."""
    if isinstance(value, dict):
        return {name: shown(inner) for name, inner in value.items() if not name.startswith("_")}
    if isinstance(value, list):
        return [shown(inner) for inner in value]
    return value


def billing_details(given: dict[str, Any] | None) -> dict[str, Any]:
    """Return billing details with all their fields, null where not given."""
    given = given or {}
    rest = {name: given.get(name) for name in ("email", "name", "phone", "tax_id")}
    return {"address": address(given.get("address")), **rest}
