"""Waiting for a condition, for tests that must not sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(condition: Callable[[], T], seconds: float = 5.0) -> T:
    """Return the first true value of `condition`, asked every 10 ms; fail when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "The condition did not come true in time."
        time.sleep(0.01)
    return value
