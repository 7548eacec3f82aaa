"""Webhook deliveries: signed, retried, recorded, and spoilt on purpose when somebody asks for it."""

import heapq
import itertools
import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import requests

from sandbox.clock import Clock
from sandbox.store import Store

log = logging.getLogger("sandbox.dispatcher")

RETRY_SECONDS = (1.0, 5.0, 30.0, 120.0)  # wall time; the real ones take hours and days
TIMEOUT_SECONDS = 10.0
WORKERS = 4
KEPT_DELIVERIES = 2_000
REORDER_SECONDS = 1.5
KEPT_OF_ANSWER = 2_000  # characters


@dataclass(frozen=True)
class Subscription:
    """Who gets a delivery; `sign` makes the headers for a raw body, anew for each attempt."""

    provider: str
    endpoint_id: str
    url: str
    sign: Callable[[bytes], dict[str, str]]


@dataclass
class Knobs:
    """How deliveries of one provider go wrong: not sent, late, twice, every other one late, or signed wrongly."""

    drop: bool = False
    delay_seconds: float = 0.0
    duplicate: bool = False
    reorder: bool = False
    bad_signature: bool = False


class Dispatcher:
    """Sends events to subscribers from worker threads and records every attempt.

    A delivery is `pending`, `retrying`, `delivered`, `failed` (all tries used) or `dropped`. Anything but a 2xx
    counts as a failure, redirects too. Deliveries that were on their way when the sandbox stopped go on after a
    restart, as soon as their provider has told how to find a subscription (`resolve_with`).
    """

    def __init__(self, store: Store, clock: Clock, retry_seconds: tuple[float, ...] = RETRY_SECONDS) -> None:
        self._store = store
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._knobs: dict[str, Knobs] = {}
        self._subscriptions: dict[tuple[str, str], Subscription] = {}
        self._resolvers: dict[str, Callable[[str], Subscription | None]] = {}
        self._due: list[tuple[float, int, str, bool]] = []
        self._count = itertools.count()
        self._held = itertools.cycle((True, False))
        self._ready = threading.Condition()
        self._closing = False
        self._threads: list[threading.Thread] = []

    def knobs(self, provider: str) -> Knobs:
        """Return the knobs of a provider, to read or to turn."""
        return self._knobs.setdefault(provider, Knobs())

    def turn(self, provider: str, **values: Any) -> Knobs:
        """Set some knobs of a provider by name; raises ValueError for a name that is none."""
        unknown = set(values) - {field.name for field in fields(Knobs)}
        if unknown:
            raise ValueError(f"Unknown knob {', '.join(sorted(unknown))}.")
        knobs = self.knobs(provider)
        for name, value in values.items():
            setattr(knobs, name, float(value) if name == "delay_seconds" else bool(value))
        return knobs

    def resolve_with(self, provider: str, resolver: Callable[[str], Subscription | None]) -> None:
        """Tell how to find a provider's subscription by endpoint id, for deliveries left over from before a restart."""
        self._resolvers[provider] = resolver
        with self._store.lock:
            left = [d["id"] for d in self._table().values() if d["provider"] == provider and _is_open(d)]
        for delivery_id in left:
            self._push(delivery_id, 0.0)

    def publish(self, subscription: Subscription, event_id: str, event_type: str, body: bytes) -> None:
        """Send one event to one subscriber soon, with retries, as the provider's knobs allow."""
        self._subscriptions[subscription.provider, subscription.endpoint_id] = subscription
        knobs = self.knobs(subscription.provider)
        for copy in range(2 if knobs.duplicate else 1):
            delivery = {
                "id": f"dlv_{uuid.uuid4().hex[:20]}",
                "provider": subscription.provider,
                "endpoint_id": subscription.endpoint_id,
                "event_id": event_id,
                "event_type": event_type,
                "url": subscription.url,
                "body": body.decode(),
                "created": self._clock.unix(),
                "state": "dropped" if knobs.drop else "pending",
                "duplicate": copy > 0,
                "attempts": [],
            }
            with self._store.lock:
                self._table()[str(delivery["id"])] = delivery
                self._trim()
            if not knobs.drop:
                late = REORDER_SECONDS if knobs.reorder and next(self._held) else 0.0
                self._push(str(delivery["id"]), knobs.delay_seconds + late)
        self._store.changed()

    def deliveries(self) -> list[dict[str, Any]]:
        """Return all deliveries, newest first, each with its attempts."""
        with self._store.lock:
            return [dict(d, attempts=list(d["attempts"])) for d in reversed(self._table().values())]

    def resend(self, delivery_id: str, *, bad_signature: bool = False) -> None:
        """Send a delivery once more, now; raises KeyError for an unknown id."""
        with self._store.lock:
            self._table()[delivery_id]["state"] = "pending"
        self._push(delivery_id, 0.0, bad_signature=bad_signature)

    def pending(self, event_id: str) -> int:
        """Return how many deliveries of an event are still on their way."""
        with self._store.lock:
            return sum(1 for d in self._table().values() if d["event_id"] == event_id and _is_open(d))

    def undelivered(self, event_id: str) -> bool:
        """Tell whether a delivery of an event is still on its way, was given up, or was never sent."""
        with self._store.lock:
            own = [d for d in self._table().values() if d["event_id"] == event_id]
        return any(d["state"] != "delivered" for d in own)

    def forget(self) -> None:
        """Drop what is queued and turn all knobs back; the store empties the records itself."""
        with self._ready:
            self._due.clear()
        self._knobs.clear()

    def start(self) -> None:
        """Start the worker threads."""
        self._closing = False
        for number in range(WORKERS):
            thread = threading.Thread(target=self._work, name=f"sandbox-delivery-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End the worker threads after the attempt each is in."""
        with self._ready:
            self._closing = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _table(self) -> dict[str, Any]:
        return self._store.table("sandbox.deliveries")

    def _trim(self) -> None:
        table = self._table()
        while len(table) > KEPT_DELIVERIES:
            del table[next(iter(table))]

    def _push(self, delivery_id: str, seconds: float, *, bad_signature: bool = False) -> None:
        with self._ready:
            entry = (time.monotonic() + seconds, next(self._count), delivery_id, bad_signature)
            heapq.heappush(self._due, entry)
            self._ready.notify()

    def _work(self) -> None:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the machine must not see loopback calls
            while (job := self._next()) is not None:
                try:
                    self._attempt(session, *job)
                except Exception:
                    log.exception("The delivery %s broke", job[0])

    def _next(self) -> tuple[str, bool] | None:
        with self._ready:
            while not self._closing:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    _, _, delivery_id, bad_signature = heapq.heappop(self._due)
                    return delivery_id, bad_signature
                self._ready.wait(wait)
        return None

    def _subscription(self, delivery: dict[str, Any]) -> Subscription | None:
        key = (delivery["provider"], delivery["endpoint_id"])
        resolver = self._resolvers.get(key[0])
        return resolver(key[1]) if resolver else self._subscriptions.get(key)

    def _attempt(self, session: requests.Session, delivery_id: str, bad_signature: bool) -> None:
        with self._store.lock:
            delivery = self._table().get(delivery_id)
            subscription = self._subscription(delivery) if delivery else None
            if delivery is None:
                return
            if subscription is None:
                delivery["state"] = "failed"
                return
        body = str(delivery["body"]).encode()
        spoil = bad_signature or self.knobs(subscription.provider).bad_signature
        # Signing other bytes than those sent gives a well-formed signature that does not match.
        headers = subscription.sign(body + b" " if spoil else body)
        attempt = {"at": self._clock.unix(), "bad_signature": spoil, **_post(session, delivery["url"], body, headers)}
        self._record(delivery_id, attempt)

    def _record(self, delivery_id: str, attempt: dict[str, Any]) -> None:
        with self._store.lock:
            delivery = self._table().get(delivery_id)
            if delivery is None:
                return
            delivery["attempts"].append(attempt)
            tries = len(delivery["attempts"])
            if attempt["status"] is not None and 200 <= attempt["status"] < 300:
                delivery["state"] = "delivered"
            elif tries <= len(self._retry_seconds):
                delivery["state"] = "retrying"
                self._push(delivery_id, self._retry_seconds[tries - 1])
            else:
                delivery["state"] = "failed"
        self._store.changed()


def _is_open(delivery: dict[str, Any]) -> bool:
    return delivery["state"] in ("pending", "retrying")


def _post(session: requests.Session, url: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """Post once and describe what came back: status or error, the answer's beginning, the milliseconds it took."""
    began = time.monotonic()
    headers = {"Content-Type": "application/json; charset=utf-8", **headers}
    status, error, response = None, None, ""
    try:
        with session.post(url, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False) as answer:
            status, response = answer.status_code, answer.text[:KEPT_OF_ANSWER]
    except requests.RequestException as failure:
        error = type(failure).__name__
    return {
        "status": status,
        "error": error,
        "response": response,
        "headers": headers,
        "ms": round((time.monotonic() - began) * 1000, 1),
    }
