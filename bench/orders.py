"""How fast orders are placed and payments begun: `python -m bench.orders [--orders 600]`.

Two processes place orders from carts that were filled before; then one begins payments at a provider that answers at
once. Measured is: quote, prices, stock, numbers and rows; and, for a payment, the rows and the key before the call and
what is applied after it. Goals: 150 orders a second, and 15 ms more than the provider's own time to begin a payment.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass

from bench import processes, servers, table
from bench.processes import Ready
from bench.table import Row
from shop.services import checkout, guard, payments
from tests import statements
from tests.shop_app import STRIPE, Shop, details

WHY = "SQLAlchemy's units of work take about 0.3 ms of Python for each statement, beside what PostgreSQL takes"


def main(arguments: list[str] | None = None) -> int:
    """Measure and print both; always 0, since no time is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.orders", description="Placing orders, measured.")
    parser.add_argument("--orders", type=int, default=600)
    given = parser.parse_args(arguments)
    rows, wrong = measure(given.orders)
    table.show(rows)
    return wrong


def measure(orders: int = 600, rounds: int = 3) -> tuple[list[Row], int]:
    """Return what was found; nothing of it can be wrong."""
    each, floors, placed = orders // processes.WORKERS, [], []
    with (
        servers.database("postgresql") as url,
        servers.database("postgresql") as floor_url,
        servers.valkey() as redis,
    ):
        Shop(url).close()
        processes.make_floor(floor_url)
        for _ in range(rounds):
            floors.append(orders / processes.together(processes.floor, floor_url, each)[0])
            placed.append(orders / processes.together(place, url, each)[0])
        counted, starting = start(url, redis.url, 100)
    rate = statistics.median(placed)
    rows = [
        Row(
            "orders placed by two processes", table.rate(rate), table.rate(statistics.median(floors)),
            table.median_ratio(placed, floors), "150/s", rate >= 150, WHY,
        ),
        Row("... statements for an order", str(counted.order), goal="12 at most", met=counted.order <= 12),
        Row(
            "a payment begun, beside the provider's time", f"{starting * 1000:.1f} ms", goal="15 ms (median)",
            met=starting <= 0.015, because=WHY,
        ),
        Row("... statements for it", str(counted.payment)),
    ]  # fmt: skip
    return rows, 0


def place(url: str, orders: int, number: int, ready: Ready) -> int:
    """Place so many orders; return how many."""
    shop = Shop(url, empty=False)
    with shop.app.app_context():
        carts = [shop.cart("BULK-1") for _ in range(orders)]
        ready()
        for index, cart in enumerate(carts):
            checkout.place_order(cart, details(f"buyer-{number}-{index}@example.com"), None)
    return orders


@dataclass(frozen=True)
class Counted:
    """How many statements an order and the beginning of a payment take."""

    order: int
    payment: int


def start(url: str, redis_url: str, payments_begun: int) -> tuple[Counted, float]:
    """Begin so many payments, each by a visitor of their own; return what was counted and the median time, in seconds.

    The time of the fake provider is in it, which is none.
    """
    shop, times = Shop(url), []
    shop.use_redis(redis_url)
    with shop.app.app_context():
        cart = shop.cart("BULK-1", "SEN-100", "CUP-1")
        with statements.collected() as for_order:
            checkout.place_order(cart, details("counted@example.com"), None)
        for index in range(payments_begun):
            order = shop.order(skus=("BULK-1",), email=f"payer-{index}@example.com")
            who = guard.visitor(f"192.0.2.{index}", f"session {index}", None)
            with statements.collected() as for_payment:
                began = time.perf_counter()
                payments.start(order.id, STRIPE, who=who)
                times.append(time.perf_counter() - began)
    return Counted(len(for_order), len(for_payment)), statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
