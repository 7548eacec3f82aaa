"""The simulated clock: wall time plus an offset that people move forward."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any


class Clock:
    """Tells the sandbox's time; the offset, in seconds, is kept in the table it is given, so that a reset clears it."""

    def __init__(self, table: dict[str, Any] | None = None) -> None:
        self._table: dict[str, Any] = {} if table is None else table
        self._hooks: list[Callable[[], None]] = []

    @property
    def offset(self) -> float:
        """Seconds that this clock is ahead of wall time."""
        return float(self._table.get("offset_seconds", 0.0))

    def timestamp(self) -> float:
        """Return the simulated unix time with its fraction."""
        return time.time() + self.offset

    def now(self) -> datetime:
        """Return the simulated time, aware, in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def unix(self) -> int:
        """Return the simulated unix time in whole seconds."""
        return int(self.timestamp())

    def advance(self, by: timedelta) -> None:
        """Move the clock forward; raises ValueError for a step back, which no provider's clock takes."""
        if by < timedelta(0):
            raise ValueError("The clock only moves forward. To start again, reset the sandbox.")
        self._table["offset_seconds"] = self.offset + by.total_seconds()
        for hook in self._hooks:
            hook()

    def on_advance(self, hook: Callable[[], None]) -> None:
        """Call `hook` after every step."""
        self._hooks.append(hook)
