"""Leases: the right to run a scheduled job, so that two schedulers do no harm."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shop.models import Lease
from shop.services import locks
from shop.services.outbox import worker_name
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work


def take(name: str, seconds: int) -> bool:
    """Take a lease for so many seconds; False while another process holds it. The holder may take it again."""
    now = context().clock.now()
    with unit_of_work(write=True) as session:
        lease = session.get(Lease, name, with_for_update=locks.kept(Lease))
        if lease is not None and lease.until > now and lease.holder != worker_name():
            return False
        _write(session, lease, name, worker_name(), now + timedelta(seconds=seconds))
        return True


def give_back(name: str, *, done: bool = False) -> None:
    """End our lease, so that another process need not wait for it to run out; one that is not ours stays.

    `done` says that the job has run to its end: alerts watch for one that no longer does.
    """
    now = context().clock.now()
    with unit_of_work(write=True) as session:
        lease = session.get(Lease, name, with_for_update=locks.kept(Lease))
        if lease is not None and lease.holder == worker_name():
            lease.until = now
            lease.done_at = now if done else lease.done_at


def _write(session: Session, lease: Lease | None, name: str, holder: str, until: datetime) -> None:
    if lease is None:
        session.add(Lease(name=name, holder=holder, until=until))
    else:
        lease.holder, lease.until = holder, until
