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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import create_engine, text

from bench import load, servers, table
from bench.table import Row

SECRET = b"whsec_sandbox"  # what the demo's environment tells the shop
PATH = "/webhooks/stripe"
_names = itertools.count()

Signer = Callable[[bytes], str]
Rounds = Sequence[dict[str, load.Result]]
WHY = {
    "new": "the shop's row has more columns and indexes than the floor's, its body is sealed, SQLAlchemy is in between",
    "p99": "eight threads a worker share Python's lock; sender, workers and database share two cores",
}


def main(arguments: list[str] | None = None) -> int:
    """Measure on both databases and print the table; 1 when an answer was not the one expected."""
    parser = argparse.ArgumentParser(prog="python -m bench.webhook_intake", description="Webhook intake, measured.")
    parser.add_argument("--rounds", type=int, default=5, help="how often floor and shop are measured in turn")
    parser.add_argument("--events", type=int, default=2000, help="how many of each kind in a round")
    given = parser.parse_args(arguments)
    rows, wrong = measure(given.rounds, given.events)
    table.show(rows)
    return 1 if wrong else 0


def measure(rounds: int = 5, events: int = 2000) -> tuple[list[Row], int]:
    """Return what was found on both databases, and how many answers were wrong."""
    found, wrong = [], 0
    for kind in servers.DATABASES:
        rows, refused = _measure(kind, rounds, events)
        found += rows
        wrong += refused
    return found, wrong


def _measure(kind: str, rounds: int, events: int) -> tuple[list[Row], int]:
    with servers.database(kind) as floor_url, servers.database(kind) as shop_url, servers.valkey() as redis:
        env = servers.shop_environment(shop_url, redis.url)
        servers.prepare(env)
        floor = servers.web({**env, "DATABASE_URL": floor_url}, "bench.floor:create_app()")
        with floor as (floor_port, _), servers.web(env) as (shop_port, _):
            doors = Doors(kind, floor_port, shop_port, events)
            rounds_of_8 = [doors.all_kinds(8) for _ in range(rounds)]
            rounds_of_32 = [doors.all_kinds(32) for _ in range(rounds)]
            forged = rows_of_forgeries(shop_url)
            redis.kill()
            without = [doors.new(32) for _ in range(rounds)]
    rows = [*_rows(kind, 8, rounds_of_8), *_rows(kind, 32, rounds_of_32), _without_redis(kind, without, rounds_of_32)]
    if kind == "postgresql":
        rows.append(Row("webhooks forged, rows left behind", str(forged), goal="none", met=forged == 0))
    return rows, doors.wrong + forged


@dataclass
class Doors:
    """The floor's door and the shop's, and how many answers of theirs were not the one expected."""

    kind: str
    floor: int
    shop: int
    events: int
    wrong: int = 0

    def all_kinds(self, connections: int) -> dict[str, load.Result]:
        """Return one round: the floor, then at the shop new events, the same again, and forged ones."""
        found = self.new(connections)
        found["again"] = self._deliver(self.shop, self.bodies, connections)
        found["forged"] = self._deliver(self.shop, fresh(self.events), connections, forge)
        return found

    def new(self, connections: int) -> dict[str, load.Result]:
        """Return one round of new events, at the floor and at the shop."""
        self.bodies = fresh(self.events)
        return {
            "floor": self._deliver(self.floor, self.bodies, connections),
            "new": self._deliver(self.shop, self.bodies, connections),
        }

    def _deliver(self, port: int, bodies: list[bytes], connections: int, by: Signer | None = None) -> load.Result:
        result = deliver(port, bodies, connections, by or sign)
        self.wrong += result.wrong(200 if by is None else 400)
        return result


def _rows(kind: str, connections: int, rounds: Rounds) -> Iterator[Row]:
    """Return the lines of one number of connections; goals are of PostgreSQL, which production runs on."""
    has_goals = kind == "postgresql"
    for name, of, least in (("new", "floor", 0.70), ("again", "new", 1.0), ("forged", "new", 2.0)):
        if name != "new" and not (has_goals and connections == 32):
            continue
        row = _row(f"webhooks {name}, {kind}, {connections} connections", name, of, rounds)
        yield row if not has_goals else replace(
            row, goal=f"{least:.2f} of {of}", met=(row.ratio or 0) >= least, because=WHY.get(name, "")
        )
    if has_goals and connections == 32:
        p99 = statistics.median(each["new"].percentile(0.99) for each in rounds)
        beside = statistics.median(each["floor"].percentile(0.99) for each in rounds)
        yield Row(
            "webhooks new, p99, 32 connections", f"{p99:.0f} ms", f"{beside:.0f} ms", beside / p99, "50 ms", p99 < 50,
            WHY["p99"],
        )  # fmt: skip


def _row(what: str, name: str, of: str, rounds: Rounds) -> Row:
    rates, beside = ([each[which].rate for each in rounds] for which in (name, of))
    p99 = statistics.median(each[name].percentile(0.99) for each in rounds)
    measured = f"{table.rate(statistics.median(rates))}, p99 {p99:.0f} ms"
    return Row(what, measured, table.rate(statistics.median(beside)), table.median_ratio(rates, beside))


def _without_redis(kind: str, without: Rounds, with_it: Rounds) -> Row:
    """Return the line of new events while Redis is down: beside the floor it is to be what it is with Redis up."""
    row = _row(f"webhooks new, {kind}, Redis down", "new", "floor", without)
    up = _row("", "new", "floor", with_it)
    if kind != "postgresql":
        return row
    goal = f"as with Redis: {up.ratio:.2f}"
    return replace(row, goal=goal, met=(row.ratio or 0) >= 0.9 * (up.ratio or 0))  # rounds differ by a tenth


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
