"""What Prometheus reads: the counters of every process of this machine, and what only the database and Redis know.

With PROMETHEUS_MULTIPROC_DIR set, each process writes its counters into files of that folder and whichever web process
is asked adds them up; without it the answer holds the counters of that one process. Gauges are read when asked for, so
they are the same whoever answers, and right after a restart.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from shop.errors import DatabaseAway
from shop.services import pulse
from shop.services.breaker import BreakerState
from shop.services.metrics import FOLDER
from shop.services.providers import context
from shop.services.pulse import Pulse
from shop.services.unit_of_work import unit_of_work

# name -> what it tells; tests hold the alert rules against these and the counters of `shop.services.metrics`
GAUGES: Mapping[str, str] = {
    "shop_database_up": "1 while the database answers",
    "shop_redis_up": "1 while Redis answers",
    "shop_workers": "Workers at each queue",
    "shop_breaker_open": "1 while the circuit to a provider is open",
    "shop_inbox_waiting": "Webhooks received and not yet processed",
    "shop_inbox_parked": "Webhooks given up, which a person must replay",
    "shop_inbox_oldest_seconds": "Age of the oldest webhook not yet processed",
    "shop_outbox_waiting": "Side effects owed and not yet done",
    "shop_outbox_parked": "Side effects given up, which a person must replay",
    "shop_outbox_oldest_seconds": "Age of the oldest side effect not yet done",
    "shop_alarms_open": "Alarms nobody has seen to",
    "shop_webhook_last_received_timestamp_seconds": "When a provider last delivered a webhook",
    "shop_money_last_captured_timestamp_seconds": "When money last came from a provider",
    "shop_webhook_silent": "1 while money comes from a provider and its webhooks do not",
    "shop_job_last_success_timestamp_seconds": "When a scheduled job last ran to its end",
}


def exposition() -> bytes:
    """Return all metrics in Prometheus' text format."""
    counters: CollectorRegistry = REGISTRY
    if os.environ.get(FOLDER):
        counters = CollectorRegistry()
        MultiProcessCollector(counters)  # type: ignore[no-untyped-call]  # prometheus_client leaves it without types
    gauges = CollectorRegistry()
    gauges.register(_Now())
    return generate_latest(counters) + generate_latest(gauges)


def forget_processes() -> int:
    """Delete the counters that processes of an earlier start left behind; call it before any of the new ones begins."""
    folder = os.environ.get(FOLDER)
    old = [file for file in Path(folder).glob("*.db") if not file.stem.endswith(f"_{os.getpid()}")] if folder else []
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


class _Now(Collector):
    """What the database and Redis tell at this moment; without the database only that it is away."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every gauge."""
        ctx = context()
        yield from self._outside()
        try:
            with unit_of_work() as session:
                found = pulse.read(session, list(ctx.gateways))
        except (SQLAlchemyError, DatabaseAway):
            yield _gauge("shop_database_up", 0)
            return
        yield _gauge("shop_database_up", 1)
        yield from self._inside(found, ctx.clock.now())

    def _outside(self) -> Iterator[GaugeMetricFamily]:
        ctx = context()
        yield _gauge("shop_redis_up", ctx.queues.is_up())
        yield _family("shop_workers", "queue", ctx.queues.workers())
        open_ = {str(name): breaker.state is BreakerState.OPEN for name, breaker in ctx.breakers.items()}
        yield _family("shop_breaker_open", "provider", open_)

    def _inside(self, found: Pulse, now: datetime) -> Iterator[GaugeMetricFamily]:
        yield _gauge("shop_inbox_waiting", found.inbox_waiting)
        yield _gauge("shop_inbox_parked", found.inbox_parked)
        yield _gauge("shop_inbox_oldest_seconds", _age(found.inbox_oldest, now))
        yield _gauge("shop_outbox_waiting", found.outbox_waiting)
        yield _gauge("shop_outbox_parked", found.outbox_parked)
        yield _gauge("shop_outbox_oldest_seconds", _age(found.outbox_oldest, now))
        yield _gauge("shop_alarms_open", found.alarms_open)
        webhooks = {str(name): at.timestamp() for name, at in found.last_webhook.items() if at is not None}
        yield _family("shop_webhook_last_received_timestamp_seconds", "provider", webhooks)
        money = {str(name): at.timestamp() for name, at in found.last_money.items() if at is not None}
        yield _family("shop_money_last_captured_timestamp_seconds", "provider", money)
        silent = {str(name): found.is_silent(name, now) for name in found.last_money}
        yield _family("shop_webhook_silent", "provider", silent)
        jobs = {name: at.timestamp() for name, at in found.last_success.items()}
        yield _family("shop_job_last_success_timestamp_seconds", "job", jobs)


def _gauge(name: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, GAUGES[name], value=float(value))


def _family(name: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, GAUGES[name], labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment is not None else 0.0
