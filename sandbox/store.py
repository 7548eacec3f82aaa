"""The sandbox's memory: named tables of plain dicts, optionally mirrored to a JSON file."""

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

log = logging.getLogger("sandbox.store")


class Store:
    """Keeps every object of every provider, and can forget them all at once.

    A request handler holds `lock` while it reads and changes objects, never while it sleeps or delivers. With a state
    file the tables are written there shortly after each change, so that a restarted sandbox still knows its objects;
    raises ValueError when that file holds something else.
    """

    def __init__(self, state_file: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._path = state_file
        self._tables: dict[str, dict[str, Any]] = {}
        self._hooks: list[Callable[[], None]] = []
        self._dirty = threading.Event()
        self._closing = threading.Event()
        self._writer: threading.Thread | None = None
        if state_file is not None and state_file.exists():
            self._tables = _read(state_file)

    def table(self, name: str) -> dict[str, Any]:
        """Return the table of that name, in the order of insertion; a new name gives an empty table."""
        with self.lock:
            return self._tables.setdefault(name, {})

    def names(self) -> list[str]:
        """Return the names of all tables, sorted."""
        with self.lock:
            return sorted(self._tables)

    def reset(self) -> None:
        """Empty every table, then run the hooks that seed them again."""
        with self.lock:
            for table in self._tables.values():
                table.clear()
            for hook in self._hooks:
                hook()
        self.changed()

    def on_reset(self, hook: Callable[[], None]) -> None:
        """Run `hook` after every reset; the caller runs it once itself if it also seeds the first start."""
        self._hooks.append(hook)

    def changed(self) -> None:
        """Ask for the state file to be written soon; does nothing without one."""
        if self._path is not None:
            self._dirty.set()

    def start(self) -> None:
        """Start the thread that writes the state file."""
        if self._path is None or self._writer is not None:
            return
        self._closing.clear()
        self._writer = threading.Thread(target=self._write_when_dirty, name="sandbox-state", daemon=True)
        self._writer.start()

    def stop(self) -> None:
        """Write what is left and end the thread."""
        if self._writer is not None:
            self._closing.set()
            self._dirty.set()
            self._writer.join()
            self._writer = None
            self.save()

    def save(self) -> None:
        """Write the state file now, whole or not at all."""
        if self._path is None:
            return
        with self.lock:
            text = json.dumps(self._tables)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".tmp")
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, self._path)

    def _write_when_dirty(self) -> None:
        pause = 0.2
        while not self._closing.is_set():
            self._dirty.wait()
            # The longer a write takes, the rarer it gets: a large store must not spend its time on saving itself.
            self._closing.wait(pause)
            self._dirty.clear()
            began = time.monotonic()
            try:
                self.save()
            except OSError:  # a full disk; what is in memory goes on, and the next change tries again
                log.exception("The state file %s could not be written", self._path)
            pause = max(0.2, 10 * (time.monotonic() - began))


def _read(state_file: Path) -> dict[str, dict[str, Any]]:
    try:
        tables: dict[str, dict[str, Any]] = json.loads(state_file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"The state file {state_file} cannot be read ({error}). Delete it to start anew.") from error
    return tables
