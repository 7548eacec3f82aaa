"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests.

The first request that an endpoint began to work on is kept with its answer, errors and 500s too, for 24 simulated
hours. The same key with other parameters, or at another endpoint, is refused; while the first is at work, a second gets
409.
"""

import hashlib
import json
import threading
from typing import Any

from sandbox.stripe.errors import StripeError
from sandbox.world import World

KEPT_SECONDS = 86_400
LONGEST_KEY = 255


class Idempotency:
    """Remembers answers by key; what is in flight is known to this process only."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        # Read without the store's lock, which the request in flight holds: a second one is told so and does not wait.
        self._table: dict[str, Any] = world.store.table("stripe.idempotency")
        self._flying: set[str] = set()

    def begin(self, key: str, method: str, path: str, raw: dict[str, Any]) -> dict[str, Any] | None:
        """Claim a key and return None, or return the kept answer; raise StripeError when it is used otherwise.

        Whoever got None calls `end` when the request is done.
        """
        if len(key) > LONGEST_KEY:
            raise StripeError(400, f"Idempotency keys must be at most {LONGEST_KEY} characters long.", keep=False)
        kept = self._kept(key)
        if kept is not None:
            _compare(kept, key, path, fingerprint(method, path, raw))
            return kept
        with self._lock:
            if key in self._flying:
                message = (
                    "There is currently another in-progress request using this Stripe-Idempotency-Key "
                    f"(that probably means you submitted twice, and the other request is still going through): {key}"
                )
                raise StripeError(409, message, type="idempotency_error", code="idempotency_key_in_use", keep=False)
            self._flying.add(key)
        kept = self._kept(key)  # it may have been kept between the first look and the claim
        if kept is not None:
            self.end(key)
            _compare(kept, key, path, fingerprint(method, path, raw))
        return kept

    def keep(self, key: str, method: str, path: str, raw: dict[str, Any], answer: dict[str, Any]) -> None:
        """Keep an answer: `{status, body, request_id}`."""
        entry = {"path": path, "fingerprint": fingerprint(method, path, raw), "at": self._world.clock.unix(), **answer}
        with self._world.store.lock:
            self._table[key] = entry
            limit = self._world.clock.unix() - KEPT_SECONDS
            while self._table and next(iter(self._table.values()))["at"] < limit:
                del self._table[next(iter(self._table))]
            self._world.store.changed()

    def end(self, key: str) -> None:
        """Say that the request with this key is no longer in flight."""
        with self._lock:
            self._flying.discard(key)

    def _kept(self, key: str) -> dict[str, Any] | None:
        kept: dict[str, Any] | None = self._table.get(key)
        if kept is not None and kept["at"] < self._world.clock.unix() - KEPT_SECONDS:
            return None
        return kept


def fingerprint(method: str, path: str, raw: dict[str, Any]) -> str:
    """Return a hash of what a request asks for."""
    return hashlib.sha256(json.dumps([method, path, raw], sort_keys=True).encode()).hexdigest()


def _compare(kept: dict[str, Any], key: str, path: str, now: str) -> None:
    if kept["path"] != path:
        message = (
            f"Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{path}' vs '{kept['path']}'). Try using a key other than '{key}' if you meant to execute a different "
            "request."
        )
        raise StripeError(400, message, type="idempotency_error", keep=False)
    if kept["fingerprint"] != now:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
        raise StripeError(400, message, type="idempotency_error", keep=False)
