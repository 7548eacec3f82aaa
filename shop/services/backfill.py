"""Backfill: events that the provider could not deliver are asked for, and go through the same inbox.

The unique key of the inbox makes a repeat, or a delivery that comes late after all, one row. It works when no webhook
ever came: only the keys are needed, not the signing secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

import structlog
from sqlalchemy import select

from shop.errors import ShopError
from shop.gateways.base import Notice, Provider
from shop.models import InboxEvent
from shop.services import leases, webhooks
from shop.services.providers import context, guarded
from shop.services.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

DEFAULT_DAYS = 3  # as long as PayPal, and Stripe in live mode, repeat a delivery
LEASE_SECONDS = 900
CHUNK = 200


def scheduled() -> None:
    """Ask every provider, unless another scheduler is doing so; runs hourly."""
    if not leases.take("backfill", LEASE_SECONDS):
        return
    done = False
    try:
        done = None not in run().values()
    finally:
        leases.give_back("backfill", done=done)


def run(*, days: float = DEFAULT_DAYS, providers: Iterable[Provider] | None = None) -> dict[Provider, int | None]:
    """Take in what was missed in the last days; return how many events were new, None where nobody answered."""
    chosen = list(providers) if providers is not None else list(context().histories)
    return {provider: _run(provider, timedelta(days=days)) for provider in chosen}


def _run(provider: Provider, reach: timedelta) -> int | None:
    history = context().histories[provider]
    since = context().clock.business_now() - min(reach, history.memory)
    try:
        missed = guarded(provider, "backfill", lambda: list(history.events(since)))
    except ShopError as exc:
        log.warning("backfill_broke_off", provider=str(provider), error=f"{type(exc).__name__}: {exc}")
        return None
    stored = sum(webhooks.take_in(notice) is webhooks.Receipt.STORED for notice in _unknown(missed))
    log.info("backfilled", provider=str(provider), listed=len(missed), stored=stored)
    return stored


def _unknown(notices: Iterable[Notice]) -> Iterator[Notice]:
    """Yield the events that are not in the inbox yet, the oldest of a chunk first; the unique key has the last word."""
    remaining = iter(notices)
    while chunk := list(islice(remaining, CHUNK)):
        first = chunk[0]
        query = select(InboxEvent.event_id).where(
            InboxEvent.provider == first.provider,
            InboxEvent.mode == first.mode,
            InboxEvent.event_id.in_([notice.event_id for notice in chunk]),
        )
        with unit_of_work() as session:
            known = set(session.scalars(query))
        yield from (notice for notice in reversed(chunk) if notice.event_id not in known)
