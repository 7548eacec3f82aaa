"""How fast two workers empty a full inbox: `python -m bench.drain [--events 10000] [--objects 2500]`.

The providers answer at once and without a network (InstantGateway below), so what is measured is our own work: claim,
look, apply under locks, book, owe the mail, finish. Beside it the floor: as many transactions of ten statements as
there are objects, in two processes. Goal: 300 events a second or more, each object fetched once per batch.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from sqlalchemy import func, select

from bench import servers
from shop.gateways.base import (
    BACKGROUND,
    AttemptSnapshot,
    AttemptState,
    Capture,
    Mode,
    NoticeKind,
    Patience,
    PaymentSnapshot,
    PaymentState,
    Provider,
    Settlement,
)
from shop.models import InboxEvent, InboxState, Payment
from shop.money import Money
from shop.services import webhooks
from shop.services.providers import Pace
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop

WORKERS = 2
Barrier = Callable[[], object]


@dataclass
class InstantGateway:
    """A provider that took the money of every payment it is asked for, and answers at once.

    The amount stands in the payment's id ("pi_7_1740"). A verb that moves money has no business here.
    """

    provider: Provider = Provider.STRIPE
    mode: Mode = Mode.TEST
    fetched: list[str] = field(default_factory=list)

    def fetch(self, external_id: str, patience: Patience = BACKGROUND) -> PaymentSnapshot:
        """Return the payment, captured and settled."""
        self.fetched.append(external_id)
        money = Money(int(external_id.rpartition("_")[2]), "EUR")
        fee = Money(30, "EUR")
        settlement = Settlement(f"txn_{external_id}", money, fee, money - fee)
        charge = f"ch_{external_id}"
        return PaymentSnapshot(
            provider=self.provider,
            mode=self.mode,
            external_id=external_id,
            reference=None,
            state=PaymentState.CAPTURED,
            amount=money,
            attempts=(AttemptSnapshot(charge, AttemptState.SUCCEEDED, money),),
            captures=(Capture(charge, money, settlement),),
        )


def main() -> int:
    """Fill an inbox, let two workers empty it, and print both rates; 1 when an event was not finished."""
    parser = argparse.ArgumentParser(prog="python -m bench.drain", description="The drain of webhooks, measured.")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--objects", type=int, default=2_500)
    given = parser.parse_args()
    with servers.database("postgresql") as url, servers.database("postgresql") as floor_url:
        fill(url, given.events, given.objects)
        with psycopg.connect(floor_url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE thing (id serial PRIMARY KEY, body text)")
        floor = together(work_of_the_floor, floor_url, given.objects // WORKERS)
        seconds, fetched = together(work, url, given.events)
        left = unfinished(url)
    rate, of_floor = given.events / seconds, floor[0] / seconds
    print(f"Backlog of {given.events} events on {given.objects} objects, {WORKERS} workers, PostgreSQL")
    print(f"  floor: {given.objects} transactions of ten statements   {given.events / floor[0]:6.0f} events/s")
    print(f"  shop                                             {rate:6.0f} events/s   {of_floor:.2f} of floor")
    print(f"  {fetched} fetches, {fetched / given.objects:.2f} for each object; {left} events not finished")
    return 1 if left else 0


def together(work: Callable[..., None], *arguments: object) -> tuple[float, int]:
    """Run the work in two processes that begin at once; return the seconds, and what both counted."""
    start, counted = multiprocessing.Barrier(WORKERS + 1, timeout=60), multiprocessing.Value("i", 0)
    processes = [
        multiprocessing.Process(target=work, args=(*arguments, number, start.wait, counted))
        for number in range(WORKERS)
    ]
    for process in processes:
        process.start()
    start.wait()
    began = time.perf_counter()
    for process in processes:
        process.join()
    return time.perf_counter() - began, int(counted.value)  # type: ignore[attr-defined]  # typed as a bare lock


def fill(url: str, events: int, objects: int) -> None:
    """Place so many orders, begin to pay them, and write down so many webhooks about them."""
    shop = Shop(url)
    with shop.app.app_context():
        placed = [shop.order(skus=("BULK-1",)) for _ in range(objects)]
        now = datetime.now().astimezone()
        with unit_of_work(write=True) as session:
            for order in placed:
                session.add(
                    Payment(
                        order_id=order.id, provider=Provider.STRIPE, mode=Mode.TEST, amount=order.total,
                        currency="EUR", external_id=f"pi_{order.id}_{order.total}", next_check_at=None,
                    )
                )  # fmt: skip
            for number in range(events):
                order = placed[number % objects]
                session.add(
                    InboxEvent(
                        provider=Provider.STRIPE, mode=Mode.TEST, event_id=f"evt_{number}", type="payment",
                        kind=NoticeKind.PAYMENT, external_id=f"pi_{order.id}_{order.total}",
                        payment_external_id=f"pi_{order.id}_{order.total}", body_hash="", next_try_at=now,
                    )
                )  # fmt: skip
    shop.close()


def work(url: str, events: int, number: int, ready: Barrier, counted: object) -> None:
    """Drain the inbox as a worker does, in a process of its own."""
    shop = Shop(url, empty=False)
    gateway = InstantGateway()
    shop.change_context(gateways={Provider.STRIPE: gateway}, pace=Pace(1_000_000))
    with shop.app.app_context():
        ready()
        webhooks.drain()
    with counted.get_lock():  # type: ignore[attr-defined]
        counted.value += len(gateway.fetched)  # type: ignore[attr-defined]


def work_of_the_floor(url: str, objects: int, number: int, ready: Barrier, counted: object) -> None:
    """Run as many transactions of ten plain statements as there are objects for one worker."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        ready()
        for _ in range(objects):
            row = connection.execute("INSERT INTO thing (body) VALUES ('a') RETURNING id").fetchone()
            for _ in range(3):
                connection.execute("SELECT body FROM thing WHERE id = %s FOR UPDATE", row)
                connection.execute("UPDATE thing SET body = 'b' WHERE id = %s", row)
                connection.execute("INSERT INTO thing (body) VALUES ('c')")
            connection.commit()


def unfinished(url: str) -> int:
    """Return how many events were not finished."""
    shop = Shop(url, empty=False)
    with shop.app.app_context(), unit_of_work() as session:
        query = select(func.count()).where(InboxEvent.state != InboxState.PROCESSED)
        return session.scalar(query) or 0


if __name__ == "__main__":
    sys.exit(main())
