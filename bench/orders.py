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

from bench import processes, servers
from bench.processes import Ready
from shop.services import checkout, payments
from tests.shop_app import STRIPE, Shop, details


def main(arguments: list[str] | None = None) -> int:
    """Measure and print both; always 0, since no time is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.orders", description="Placing orders, measured.")
    parser.add_argument("--orders", type=int, default=600)
    given = parser.parse_args(arguments)
    each = given.orders // processes.WORKERS
    with servers.database("postgresql") as url, servers.database("postgresql") as floor_url:
        Shop(url).close()
        processes.make_floor(floor_url)
        floor, _ = processes.together(processes.floor, floor_url, each)
        placing, _ = processes.together(place, url, each)
        starting = start(url, 100)
    print(f"{given.orders} orders, two processes, PostgreSQL, instant provider")
    print(f"  a transaction of twelve statements for each   {given.orders / floor:6.0f} a second (floor)")
    print(f"  orders placed   {given.orders / placing:6.0f} a second   {floor / placing:.2f} of floor")
    print(f"  beginning a payment takes {starting * 1000:.1f} ms of our own (median of 100)")
    return 0


def place(url: str, orders: int, number: int, ready: Ready) -> int:
    """Place so many orders; return how many."""
    shop = Shop(url, empty=False)
    with shop.app.app_context():
        carts = [shop.cart("BULK-1") for _ in range(orders)]
        ready()
        for index, cart in enumerate(carts):
            checkout.place_order(cart, details(f"buyer-{number}-{index}@example.com"), None)
    return orders


def start(url: str, payments_begun: int) -> float:
    """Begin so many payments; return the median time of one, in seconds."""
    shop, times = Shop(url), []
    with shop.app.app_context():
        for index in range(payments_begun):
            order = shop.order(skus=("BULK-1",), email=f"payer-{index}@example.com")
            began = time.perf_counter()
            payments.start(order.id, STRIPE)
            times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
