"""How often one address may do what costs something: stock, a call to a provider, a guess.

An address is a network's (`shop.extensions.network`). While Redis is away each web process counts in its own memory:
with four processes a limit is four times as high for that while, and nobody is locked out or let through freely.
"""

from __future__ import annotations

import time

import structlog
from limits import parse_many
from redis.exceptions import RedisError

from shop.extensions import limiter
from shop.services.providers import context

log = structlog.get_logger(__name__)

# Promotion codes: a person mistypes one twice; who tries a list of them needs thousands.
CODES = "10 per minute; 100 per hour"
MINUTE = 60  # seconds
QUOTES_PER_ORDER = 6


def starts() -> str:
    """Return how many orders may be placed, or payments begun; card testing needs far more than any customer."""
    return context().settings.payment_starts


def quotes() -> str:
    """Return how often a checkout may be worked out anew: six times for each order, as an address is mended."""
    often = [(each.amount * QUOTES_PER_ORDER, each.multiples, each.GRANULARITY.name) for each in parse_many(starts())]
    return "; ".join(f"{times} per {number} {unit}" for times, number, unit in often)


def questions() -> str:
    """Return how often a provider may be asked what became of a payment; a page that asks on does so from our rows."""
    return "60 per minute"


def wait() -> int:
    """Return in how many seconds the limits that this request broke let it through again; at least one."""
    try:
        ends = [limit.reset_at for limit in limiter.current_limits if limit.breached]
    except RedisError as exc:  # it went away between the count and this question
        log.warning("limit_unknown", error=str(exc))
        ends = []
    return max(1, int(max(ends) - time.time()) if ends else MINUTE)
