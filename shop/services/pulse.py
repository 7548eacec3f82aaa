"""The pulse: a few numbers from the database that tell whether the shop is at work; for /metrics and the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.gateways.base import Provider
from shop.models import Alarm, Capture, InboxEvent, InboxState, Lease, OutboxMessage, OutboxState, Payment

# Money whose webhook has not come within this time: the provider does not reach us.
SILENCE = timedelta(minutes=10)
# Older money tells nothing of today: the webhooks that came with it may have been purged.
RECENT = timedelta(days=90)


@dataclass(frozen=True)
class Pulse:
    """`last_webhook` is the newest that a provider delivered by itself, `last_money` the newest capture, if any."""

    inbox_waiting: int
    inbox_parked: int
    inbox_oldest: datetime | None
    outbox_waiting: int
    outbox_parked: int
    outbox_oldest: datetime | None
    alarms_open: int
    last_webhook: dict[Provider, datetime | None]
    last_money: dict[Provider, datetime | None]
    last_success: dict[str, datetime]

    def is_silent(self, provider: Provider, now: datetime) -> bool:
        """Tell whether money has come from a provider and no webhook with it."""
        money, webhook = self.last_money.get(provider), self.last_webhook.get(provider)
        if money is None or not SILENCE <= now - money <= RECENT:
            return False
        return webhook is None or money - webhook > SILENCE


def read(session: Session, providers: list[Provider]) -> Pulse:
    """Take the pulse: four statements, and two for each provider."""
    inbox = {
        state: (count, oldest)
        for state, count, oldest in session.execute(
            select(InboxEvent.state, func.count(), func.min(InboxEvent.received_at))
            .where(InboxEvent.state.in_([InboxState.RECEIVED, InboxState.RETRYING, InboxState.PARKED]))
            .group_by(InboxEvent.state)
        )
    }
    outbox = {
        state: (count, oldest)
        for state, count, oldest in session.execute(
            select(OutboxMessage.state, func.count(), func.min(OutboxMessage.created_at))
            .where(OutboxMessage.state.in_([OutboxState.PENDING, OutboxState.PARKED]))
            .group_by(OutboxMessage.state)
        )
    }
    nothing = (0, None)
    waiting = [inbox.get(state, nothing) for state in (InboxState.RECEIVED, InboxState.RETRYING)]
    ages = [oldest for _, oldest in waiting if oldest is not None]
    return Pulse(
        inbox_waiting=sum(count for count, _ in waiting),
        inbox_parked=inbox.get(InboxState.PARKED, nothing)[0],
        inbox_oldest=min(ages) if ages else None,
        outbox_waiting=outbox.get(OutboxState.PENDING, nothing)[0],
        outbox_parked=outbox.get(OutboxState.PARKED, nothing)[0],
        outbox_oldest=outbox.get(OutboxState.PENDING, nothing)[1],
        alarms_open=session.scalar(select(func.count()).select_from(Alarm).where(Alarm.settled_at.is_(None))) or 0,
        last_webhook={provider: _last_webhook(session, provider) for provider in providers},
        last_money={provider: _last_money(session, provider) for provider in providers},
        last_success=dict(_done(session)),
    )


def _done(session: Session) -> list[tuple[str, datetime]]:
    leases = session.scalars(select(Lease))
    return [(lease.name, lease.done_at) for lease in leases if lease.done_at is not None]


def _last_webhook(session: Session, provider: Provider) -> datetime | None:
    newest = select(InboxEvent.received_at).where(InboxEvent.provider == provider, InboxEvent.backfilled.is_(False))
    return session.scalar(newest.order_by(InboxEvent.id.desc()).limit(1))


def _last_money(session: Session, provider: Provider) -> datetime | None:
    newest = select(Capture.at).join(Payment, Payment.id == Capture.payment_id).where(Payment.provider == provider)
    return session.scalar(newest.order_by(Capture.id.desc()).limit(1))
