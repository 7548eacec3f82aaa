"""How much memory the processes take once they have worked: `python -m bench.memory`.

What counts is the proportional set size (PSS): a process's own memory and its share of what several use. The web
workers are measured after some hundreds of pages, of all kinds and languages; the inbox's worker after it has applied a
backlog; the outbox's worker after it has set receipts as PDF and sent them. Goals: 150 MB and 120 MB.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from sqlalchemy import func, select

from bench import load, servers, table
from bench.table import Row
from shop.models import InboxEvent, InboxState, OutboxMessage, OutboxState
from shop.services.unit_of_work import unit_of_work
from tests.processes import wait_until
from tests.shop_app import ENVIRONMENT, Shop
from tests.smtp_sink import SmtpSink

PATHS = ("/", "/?kind=green", "/?q=sencha", "/teas/sen-100", "/cart", "/login", "/orders/lookup", "/readyz")
MOST_OF_WEB, MOST_OF_WORKER = 150, 120  # MB
WHY_WEB = "the libraries, loaded, are most of it; a page costs nothing that stays"
WHY_WORKER = (
    "a worker loads the whole application, so that any job may run in any worker: SQLAlchemy, stripe and Babel are "
    "most of it, and the typesetter with its fonts comes on top where receipts are set"
)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; always 0, since no size is wrong."""
    argparse.ArgumentParser(prog="python -m bench.memory", description="Memory, measured.").parse_args(arguments)
    rows, wrong = measure()
    table.show(rows)
    return wrong


def measure() -> tuple[list[Row], int]:
    """Return what was found; nothing of it can be wrong."""
    with servers.database("postgresql") as url, servers.valkey() as redis, SmtpSink() as post:
        shop = Shop(url)
        fill(shop)
        more = {name: value for name, value in ENVIRONMENT.items() if name.startswith(("STRIPE", "PAYPAL", "SECRET"))}
        env = servers.shop_environment(url, redis.url, **more, SMTP_URL=post.url)
        with servers.web(env) as (port, arbiter):
            for language in ("en", "de"):
                asked = [load.request("GET", path, {"Accept-Language": language}) for path in PATHS]
                load.fire(port, asked * 40, 8)
            web = servers.memory(arbiter)
        inbox, outbox = (_worker(env, name, shop) for name in ("inbox", "outbox"))
        shop.close()
    return list(_rows(web, {"inbox": inbox, "outbox": outbox})), 0


def fill(shop: Shop) -> None:
    """Leave paid orders with receipts that are owed, and webhooks that nobody has acted on."""
    with shop.app.app_context():
        for index in range(20):
            payment = shop.paid(skus=("BULK-1",), email=f"payer-{index}@example.com")
            for _ in range(10):
                shop.deliver(payment)


def _worker(env: dict[str, str], name: str, shop: Shop) -> float:
    """Run one worker until it has nothing left to do, and return what it takes, in MB."""
    with servers.worker(env, name) as pid, shop.app.app_context():
        shop.use_redis(env["REDIS_URL"])
        shop.context.queues.wake(name, f"shop.jobs.drain_{name}")
        wait_until(lambda: _left(name) == 0, f"the {name} is empty", 120)
        return servers.pss(pid)


def _left(name: str) -> int:
    """Return how much of a backlog nobody has touched yet: what an absent provider puts off counts as worked on."""
    query = (
        select(func.count()).where(InboxEvent.state == InboxState.RECEIVED)
        if name == "inbox"
        else select(func.count()).where(OutboxMessage.state == OutboxState.PENDING, OutboxMessage.attempts == 0)
    )
    with unit_of_work() as session:
        return session.scalar(query) or 0


def _rows(web: list[float], workers: dict[str, float]) -> Iterator[Row]:
    each = ", ".join(f"{size:.0f} MB" for size in web)
    yield Row("web process", each, goal=f"{MOST_OF_WEB} MB", met=max(web) <= MOST_OF_WEB, because=WHY_WEB)
    for name, size in workers.items():
        goal = f"{MOST_OF_WORKER} MB"
        yield Row(f"worker of the {name}", f"{size:.0f} MB", goal=goal, met=size <= MOST_OF_WORKER, because=WHY_WORKER)


if __name__ == "__main__":
    sys.exit(main())
