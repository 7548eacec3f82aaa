"""Timed work: what the providers do by themselves, some time after a request."""

import heapq
import logging
import threading
import uuid
from collections.abc import Callable
from typing import Any

from sandbox.clock import Clock
from sandbox.store import Store

log = logging.getLogger("sandbox.agenda")

POLL_SECONDS = 0.05


class Agenda:
    """Runs actions when the simulated clock reaches their time.

    Entries are plain data in the store, `{at, action, args}`, so they survive a restart; an action is looked up by name
    among those registered. Actions run one after the other, in order of time, with the store's lock held.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._actions: dict[str, Callable[..., None]] = {}
        self._wake = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None
        # The entries' times, for finding the next; an entry that is no longer in the store is passed over.
        self._order = [(entry["at"], entry_id) for entry_id, entry in self._entries().items()]
        heapq.heapify(self._order)
        clock.on_advance(self._wake.set)

    def register(self, action: str, run: Callable[..., None]) -> None:
        """Name a function that entries may ask for."""
        self._actions[action] = run

    def at(self, when: float, action: str, **args: Any) -> str:
        """Plan an action for a simulated unix time and return the entry's id; raises KeyError for an unknown action."""
        if action not in self._actions:
            raise KeyError(f"No action is registered under {action!r}.")
        entry_id = uuid.uuid4().hex
        with self._store.lock:
            self._entries()[entry_id] = {"at": when, "action": action, "args": args}
            heapq.heappush(self._order, (when, entry_id))
        self._store.changed()
        return entry_id

    def after(self, seconds: float, action: str, **args: Any) -> str:
        """Plan an action for some simulated seconds from now."""
        return self.at(self._clock.timestamp() + seconds, action, **args)

    def run_due(self) -> int:
        """Run everything that is due, also what those actions plan for now; return how many ran."""
        count = 0
        while self._run_next():
            count += 1
        return count

    def start(self) -> None:
        """Start the thread that looks every 50 ms for what is due."""
        self._closing = False
        self._thread = threading.Thread(target=self._loop, name="sandbox-agenda", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what is planned stays planned."""
        if self._thread is not None:
            self._closing = True
            self._wake.set()
            self._thread.join()
            self._thread = None

    def _entries(self) -> dict[str, Any]:
        return self._store.table("sandbox.agenda")

    def _run_next(self) -> bool:
        with self._store.lock:
            entries = self._entries()
            while self._order and self._order[0][1] not in entries:
                heapq.heappop(self._order)
            if not self._order or self._order[0][0] > self._clock.timestamp():
                return False
            entry = entries.pop(heapq.heappop(self._order)[1])
            self._store.changed()
            try:
                self._actions[entry["action"]](**entry["args"])
            except Exception:
                # One broken action must not stop the ones after it, as with the provider's own background work.
                log.exception("The planned action %s failed", entry["action"])
            return True

    def _loop(self) -> None:
        while not self._closing:
            self.run_due()
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
