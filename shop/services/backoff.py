"""What is tried again in the background, and how long that waits: exponential, with full jitter."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from shop.errors import DatabaseAway, TryLater

FIRST = 2.0  # seconds
LONGEST = 3600.0

# What the same try may not meet again, however often it was met: somebody is away, or the database has undone this
# transaction for the sake of another (the victim of a deadlock, a lock that took too long, a disk that was full).
PASSING = (TryLater, DatabaseAway, OSError, OperationalError, InterfaceError, NoConnectionFree)


def delay(attempts: int) -> timedelta:
    """Return the wait after so many attempts: up to 2, 4, 8 ... 3600 s, at least half of that.

    The half keeps a failing call from being repeated at once; the rest spreads the workers.
    """
    ceiling = min(LONGEST, FIRST * 2 ** max(0, attempts - 1))
    return timedelta(seconds=random.uniform(ceiling / 2, ceiling))  # noqa: S311 - spreads load, guards nothing
