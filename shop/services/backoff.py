"""How long to wait before a call is tried again in the background: exponential, with full jitter."""

from __future__ import annotations

import random
from datetime import timedelta

FIRST = 2.0  # seconds
LONGEST = 3600.0


def delay(attempts: int) -> timedelta:
    """Return the wait after so many attempts: up to 2, 4, 8 ... 3600 s, at least half of that.

    The half keeps a failing call from being repeated at once; the rest spreads the workers.
    """
    ceiling = min(LONGEST, FIRST * 2 ** max(0, attempts - 1))
    return timedelta(seconds=random.uniform(ceiling / 2, ceiling))  # noqa: S311 - spreads load, guards nothing
