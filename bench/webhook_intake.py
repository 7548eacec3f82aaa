"""How fast webhooks are taken in, beside the floor: `python -m bench.webhook_intake [--rounds 3] [--events 2000]`.

The shop's web process and the floor (bench/floor.py) are served alike, on the same database server, and are measured in
turn: new events, the same ones again, forged ones, and new ones while Redis is down. No worker runs: what is measured
is verify, store, commit, wake and answer. Goals (docs say why they matter): new events at 0.70 of the floor or better
on PostgreSQL, p99 below 50 ms with 32 connections; the same again no slower than new; forged twice as fast, no row.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable

from sqlalchemy import create_engine, text

from bench import load, servers

SECRET = b"whsec_sandbox"  # what the demo's environment tells the shop
PATH = "/webhooks/stripe"
_names = itertools.count()

Signer = Callable[[bytes], str]


def main(arguments: list[str] | None = None) -> int:
    """Measure on both databases and print a line for each kind; 1 when an answer was not the one expected."""
    parser = argparse.ArgumentParser(prog="python -m bench.webhook_intake", description="Webhook intake, measured.")
    parser.add_argument("--rounds", type=int, default=3, help="how often floor and shop are measured in turn")
    parser.add_argument("--events", type=int, default=2000, help="how many of each kind in a round")
    given = parser.parse_args(arguments)
    print("Webhook intake, Stripe, 2.5 kB; answers a second, and milliseconds at p50 and p99")
    return max(measure(kind, given.rounds, given.events) for kind in servers.DATABASES)


def measure(kind: str, rounds: int, events: int) -> int:
    """Measure one kind of database; return 1 when an answer was not the one expected."""
    with servers.database(kind) as floor_url, servers.database(kind) as shop_url, servers.valkey() as redis:
        env = servers.shop_environment(shop_url, redis.url)
        servers.prepare(env)
        floor = servers.web({**env, "DATABASE_URL": floor_url}, "bench.floor:create_app()")
        with floor as (floor_port, _), servers.web(env) as (shop_port, arbiter):
            wrong = 0
            for connections in (8, 32):
                wrong += compare(kind, floor_port, shop_port, connections, rounds, events)
            wrong += rows_of_forgeries(shop_url)
            print(f"  {kind}: web workers take {', '.join(f'{size:.0f} MB' for size in servers.memory(arbiter))}")
            redis.kill()
            wrong += without_redis(kind, floor_port, shop_port, rounds, events)
    return 1 if wrong else 0


def compare(kind: str, floor: int, shop: int, connections: int, rounds: int, events: int) -> int:
    """Measure floor and shop in turn and print medians of the ratios; return how many answers were wrong."""
    results: dict[str, list[load.Result]] = {name: [] for name in ("floor", "new", "again", "forged")}
    for _ in range(rounds):
        bodies = fresh(events)
        results["floor"].append(deliver(floor, bodies, connections))
        results["new"].append(deliver(shop, bodies, connections))
        results["again"].append(deliver(shop, bodies, connections))
        results["forged"].append(deliver(shop, fresh(events), connections, forge))
    for name, measured in results.items():
        of = "new" if name in ("again", "forged") else "floor"
        show(f"{kind}, {connections} connections, {name}", measured, results[of], of)
    return sum(
        result.wrong(400 if name == "forged" else 200) for name, measured in results.items() for result in measured
    )


def without_redis(kind: str, floor: int, shop: int, rounds: int, events: int) -> int:
    """Measure new events while nothing answers at Redis' address; return how many answers were wrong."""
    floors, shops = [], []
    for _ in range(rounds):
        bodies = fresh(events)
        floors.append(deliver(floor, bodies, 32))
        shops.append(deliver(shop, bodies, 32))
    show(f"{kind}, 32 connections, new, Redis down", shops, floors, "floor")
    return sum(result.wrong(200) for result in shops)


def show(name: str, measured: list[load.Result], against: list[load.Result], of: str) -> None:
    """Print one line: the median rate, the median latencies, and the median of the ratios."""
    ratio = statistics.median(mine.rate / theirs.rate for mine, theirs in zip(measured, against, strict=True))
    rate = statistics.median(result.rate for result in measured)
    p50, p99 = (statistics.median(result.percentile(share) for result in measured) for share in (0.5, 0.99))
    beside = f"   {ratio:5.2f} of {of}" if measured is not against else ""
    print(f"  {name:<48} {rate:6.0f}/s   p50 {p50:6.1f}   p99 {p99:6.1f}{beside}", flush=True)


def rows_of_forgeries(url: str) -> int:
    """Return how many rows a forged event left behind: none."""
    forged = text("SELECT count(*) FROM inbox_event WHERE event_id LIKE 'forged%'")
    with create_engine(url).connect() as connection:
        return int(connection.execute(forged).scalar() or 0)


def fresh(count: int) -> list[bytes]:
    """Return so many events that nobody has seen."""
    return [event(f"evt_{next(_names)}") for _ in range(count)]


def event(name: str) -> bytes:
    """Return a payment_intent.succeeded as Stripe writes it, about 2.5 kB."""
    intent = {"id": f"pi_{name}", "object": "payment_intent", "amount": 1990, "currency": "eur", "status": "succeeded"}
    intent |= {"livemode": False, "metadata": {"order": name}, "client_secret": f"pi_{name}_secret_x"}
    intent |= {"description": "x" * 2000}
    body = {"id": name, "object": "event", "type": "payment_intent.succeeded", "livemode": False, "created": 1}
    return json.dumps(body | {"api_version": None, "data": {"object": intent}}).encode()


def sign(body: bytes) -> str:
    """Return the Stripe-Signature header of a body, as docs.stripe.com/webhooks describes it."""
    now = int(time.time())
    return f"t={now},v1={hmac.new(SECRET, b'%d.' % now + body, hashlib.sha256).hexdigest()}"


def forge(body: bytes) -> str:
    """Return a signature by somebody who does not hold the secret."""
    return f"t={int(time.time())},v1={hashlib.sha256(body).hexdigest()}"


def deliver(port: int, bodies: list[bytes], connections: int, by: Signer = sign) -> load.Result:
    """Deliver every event once over so many kept connections."""
    if by is forge:
        bodies = [body.replace(b'"id": "evt_', b'"id": "forged_', 1) for body in bodies]
    kind = {"Content-Type": "application/json"}
    requests = [load.request("POST", PATH, kind | {"Stripe-Signature": by(body)}, body) for body in bodies]
    return load.fire(port, requests, connections)


if __name__ == "__main__":
    sys.exit(main())
