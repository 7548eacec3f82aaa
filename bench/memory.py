"""How much memory the processes take once they have worked: `python -m bench.memory`.

What counts is the proportional set size (PSS): a process's own memory and its share of what several use. So all the
processes of the Procfile run, as they do at a merchant's, and are measured at the same moment: the web workers after
some hundreds of pages, of all kinds and languages, and some PDFs; the inbox's worker after it has applied a backlog;
the outbox's worker after it has set receipts as PDF and sent them. Goals: 150 MB and 120 MB.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack

from sqlalchemy import func, select

from bench import load, servers, table
from bench.table import Row
from shop.models import Document, InboxEvent, InboxState, OutboxMessage, OutboxState
from shop.queue import QUEUES
from shop.services import tokens
from shop.services.unit_of_work import unit_of_work
from tests.processes import wait_until
from tests.shop_app import ENVIRONMENT, Shop
from tests.smtp_sink import SmtpSink

PATHS = ("/", "/?kind=green", "/?q=sencha", "/teas/sen-100", "/cart", "/login", "/orders/lookup", "/readyz")
BACKLOGS = ("inbox", "outbox")
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
        same = ("STRIPE", "PAYPAL", "SECRET", "ENCRYPTION")  # what the rows were written with
        more = {name: value for name, value in ENVIRONMENT.items() if name.startswith(same)}
        env = servers.shop_environment(url, redis.url, **more, SMTP_URL=post.url)
        with servers.web(env) as (port, arbiter), ExitStack() as running:
            pids = {name: running.enter_context(servers.worker(env, name)) for name in (*QUEUES, "scheduler")}
            for language in ("en", "de"):
                asked = [load.request("GET", path, {"Accept-Language": language}) for path in (*PATHS, *slips(shop))]
                load.fire(port, asked * 40, 8)
            shop.use_redis(redis.url)
            for name in BACKLOGS:
                _empty(name, shop)
            sizes = {name: servers.pss(pid) for name, pid in pids.items()}
            web = servers.memory(arbiter)
        shop.close()
    return list(_rows(web, sizes)), 0


def fill(shop: Shop) -> None:
    """Leave paid orders with receipts that are owed, and webhooks that nobody has acted on."""
    with shop.app.app_context():
        for index in range(20):
            payment = shop.paid(skus=("BULK-1",), email=f"payer-{index}@example.com")
            for _ in range(10):
                shop.deliver(payment)


def slips(shop: Shop) -> list[str]:
    """Return where the receipts of two customers are, as PDF."""
    with shop.app.app_context():
        issued = [(shop.placed(document.order_id), document) for document in shop.rows(Document)[:2]]
        return [f"/orders/{tokens.for_order(order.public_id)}/documents/{slip.number}.pdf" for order, slip in issued]


def _empty(name: str, shop: Shop) -> None:
    """Wake a worker, and wait until it has nothing left to do."""
    with shop.app.app_context():
        shop.context.queues.wake(name, f"shop.jobs.drain_{name}")
        wait_until(lambda: _left(name) == 0, f"the {name} is empty", 120)


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
