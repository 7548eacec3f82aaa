"""How fast two workers empty a full inbox: `python -m bench.drain [--events 10000] [--objects 2500]`.

The providers answer at once and without a network (InstantGateway below), so what is measured is our own work: claim,
look, apply under locks, book, number the invoice, owe the mail, finish. Beside it the floor: as many transactions of
twelve statements as there are objects. Goal: 300 events a second or more, each object fetched once per batch.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from bench import processes, servers, table
from bench.processes import Ready
from bench.table import Row
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

WHY = (
    "each object takes 32 statements in four transactions (two locks, seven rows read, attempt, capture, order, "
    "invoice, ledger, receipt owed), and the processes share two cores with PostgreSQL"
)


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


def main(arguments: list[str] | None = None) -> int:
    """Fill an inbox, let two workers empty it, and print the table; 1 when an event was not finished."""
    parser = argparse.ArgumentParser(prog="python -m bench.drain", description="The drain of webhooks, measured.")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--objects", type=int, default=2_500)
    given = parser.parse_args(arguments)
    rows, left = measure(given.events, given.objects)
    table.show(rows)
    return 1 if left else 0


def measure(events: int = 10_000, objects: int = 2_500) -> tuple[list[Row], int]:
    """Return what was found, and how many events were not finished."""
    with servers.database("postgresql") as url, servers.database("postgresql") as floor_url:
        fill(url, events, objects)
        processes.make_floor(floor_url)
        floor, _ = processes.together(processes.floor, floor_url, objects // processes.WORKERS)
        seconds, fetched = processes.together(work, url)
        left = unfinished(url)
    rate, each = events / seconds, fetched / objects
    rows = [
        Row(
            f"{events:,} webhooks on {objects:,} objects, drained by two workers", table.rate(rate),
            table.rate(events / floor), floor / seconds, "300/s", rate >= 300, WHY,
        ),
        Row("... looks at the provider for each object", f"{each:.2f}", goal="1 for each batch", met=each < 1.1),
        Row("... events left unfinished", str(left), goal="none", met=left == 0),
    ]  # fmt: skip
    return rows, left


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


def work(url: str, number: int, ready: Ready) -> int:
    """Drain the inbox as a worker does, in a process of its own; return how often the provider was asked."""
    shop = Shop(url, empty=False)
    gateway = InstantGateway()
    shop.change_context(gateways={Provider.STRIPE: gateway}, pace=Pace(1_000_000))
    with shop.app.app_context():
        ready()
        webhooks.drain()
    return len(gateway.fetched)


def unfinished(url: str) -> int:
    """Return how many events were not finished."""
    shop = Shop(url, empty=False)
    with shop.app.app_context(), unit_of_work() as session:
        query = select(func.count()).where(InboxEvent.state != InboxState.PROCESSED)
        return session.scalar(query) or 0


if __name__ == "__main__":
    sys.exit(main())
