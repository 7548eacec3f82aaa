"""`python -m shop.worker inbox|outbox|sweep|batch|scheduler`: one background process."""

from __future__ import annotations

import sys

from shop import create_app, jobs
from shop.config import Settings
from shop.queue import QUEUES, SWEEP, Scheduled, schedule, work


def main(arguments: list[str]) -> int:
    """Run one process until it is told to stop; returns 2 for an unknown name."""
    app = create_app()
    settings: Settings = app.extensions["shop"].settings
    match arguments:
        case ["scheduler"]:
            schedule(timetable(settings), settings.redis_url)
        case [queue] if queue in QUEUES:
            with app.app_context():
                work(queue, settings.redis_url)
        case _:
            print(f"usage: python -m shop.worker {'|'.join(QUEUES)}|scheduler", file=sys.stderr)
            return 2
    return 0


def timetable(settings: Settings) -> list[Scheduled]:
    """Return what runs when. The sweep has a worker of its own: it must not wait for half an hour of reconciliation."""
    return [
        Scheduled(jobs.sweep, every=settings.sweep_every, queue=SWEEP),
        Scheduled(jobs.backfill, cron="23 * * * *", timeout=900),
        Scheduled(jobs.reconcile, cron="41 2 * * *", timeout=1800),
        Scheduled(jobs.purge, cron="17 3 * * *", timeout=600),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
