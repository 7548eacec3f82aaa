"""Retention: how long each kind of record is kept, on one page. The purge runs nightly and may be repeated.

A new rule is one line in RULES: what it is, how long it is kept, and what forgets it. What is not named there stays:

- orders, payments, the ledger, documents and every transition: the books.
- parked webhooks and side effects, open alarms: nobody has seen to them yet.
- idempotency keys: that there is none proves that nothing was sent, and a forgotten one would be taken for new.
- side effects of mails and of tax: their keys keep a mail from going out again, and tell a late refund whether its
  sale is on the tax provider's record. They hold ids only.
- what was asked of an account: the day, the kind and a number; `erasure.purge` empties the address after 30 days.
- saved cards and how they were agreed to, until they are taken off or the account goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, select

from shop.gateways.wallets import SetupState
from shop.models import (
    Alarm,
    ApiCallRecord,
    CardSetup,
    InboxEvent,
    InboxState,
    OutboxMessage,
    OutboxState,
    ReconcileRun,
    SavedMethod,
)
from shop.services import carts, erasure, guard, leases, webhooks
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

LEASE_SECONDS = 600
CHUNK = 1000


@dataclass(frozen=True)
class Rule:
    """`forget` is given the moment before which things are too old, and returns how many it has forgotten."""

    what: str
    keep: timedelta
    forget: Callable[[datetime], int]


def rows(model: Any, column: Any, *conditions: Any) -> Callable[[datetime], int]:
    """Return what deletes a table's rows whose column is older, a thousand at a time, so that nothing waits long."""

    def forget(before: datetime) -> int:
        old = select(model.id).where(column < before, *conditions).limit(CHUNK)
        gone = 0
        while True:
            with unit_of_work(write=True) as session:
                ids = session.scalars(old).all()
                session.execute(delete(model).where(model.id.in_(ids)))
            if not ids:
                return gone
            gone += len(ids)

    return forget


RULES = (
    Rule("who stood at the till", guard.KEEP, guard.purge),
    Rule("bodies of webhooks", timedelta(days=30), webhooks.purge),
    Rule(
        "webhooks nobody acts on",
        timedelta(days=90),
        rows(InboxEvent, InboxEvent.received_at, InboxEvent.state == InboxState.IGNORED),
    ),
    # Stripe delivers an event anew for 30 days at most (docs.stripe.com/webhooks); the row tells a duplicate.
    Rule(
        "webhooks that were acted on",
        timedelta(days=365),
        rows(InboxEvent, InboxEvent.received_at, InboxEvent.state == InboxState.PROCESSED),
    ),
    Rule("calls to providers", timedelta(days=90), rows(ApiCallRecord, ApiCallRecord.at)),
    Rule(
        "side effects that are done, mails and tax apart",
        timedelta(days=90),
        rows(
            OutboxMessage,
            OutboxMessage.done_at,
            OutboxMessage.state == OutboxState.DONE,
            OutboxMessage.kind.not_like("mail.%"),
            OutboxMessage.kind.not_like("tax.%"),
        ),
    ),
    Rule(
        "savings of a card that came to nothing",
        timedelta(days=365),
        rows(CardSetup, CardSetup.created_at, CardSetup.state == SetupState.CANCELLED),
    ),
    Rule("saved cards that were taken off", timedelta(days=365), rows(SavedMethod, SavedMethod.removed_at)),
    Rule("alarms somebody has seen to", timedelta(days=365), rows(Alarm, Alarm.settled_at)),
    Rule("reconciliation runs", timedelta(days=365), rows(ReconcileRun, ReconcileRun.started_at)),
)


def purge() -> None:
    """Forget what is older than its rule, unless another scheduler is doing so."""
    if not leases.take("purge", LEASE_SECONDS):
        return
    done = False
    try:
        now = context().clock.now()
        for rule in RULES:
            log.info("purged", what=rule.what, count=rule.forget(now - rule.keep))
        forgotten = carts.purge(timedelta(days=context().settings.keep_carts))
        log.info("purged", what="carts nobody came back to", count=forgotten)
        erasure.purge()  # people whose time is up; each kind of theirs has a time of its own
        done = True
    finally:
        leases.give_back("purge", done=done)
