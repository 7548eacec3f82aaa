"""How many webhooks a second the shop takes in: `python -m bench.webhook_intake [--postgres]`.

Starts the Procfile's web process alone, on a database and a Valkey server of its own, and delivers signed Stripe events
over kept connections: new ones, the same ones again, and forged ones. No worker runs, so what is measured is verify,
store, commit, wake and answer. Sender and shop share this machine's cores: compare runs on one machine only.
"""

import argparse
import contextlib
import hashlib
import hmac
import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue

from sandbox.demo import environment, procfile
from sandbox.demo.environment import Ports
from sandbox.demo.log import Log
from sandbox.demo.supervisor import Command, Supervisor
from tests.postgres import PostgresServer, binaries
from tests.processes import free_port
from tests.valkey import ValkeyServer

ROOT = Path(__file__).resolve().parents[1]
SECRET = b"whsec_sandbox"  # what the demo's environment tells the shop
PATH = "/webhooks/stripe"

Sent = tuple[int, float]  # the status and the seconds of one delivery


def main() -> int:
    """Measure and print one line for each kind of delivery; 1 when an answer was not the one expected."""
    parser = argparse.ArgumentParser(prog="python -m bench.webhook_intake", description="Webhook intake, measured.")
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL instead of SQLite")
    given = parser.parse_args()
    events = [event(f"evt_{n}") for n in range(given.events)]
    kinds = (("new", 200, sign), ("again", 200, sign), ("forged", 400, forge))
    with shop(postgres=given.postgres) as (supervisor, port):
        deliver(supervisor, port, [event(f"evt_warm{n}") for n in range(100)], given.senders, sign)
        results = [(name, wanted, deliver(supervisor, port, events, given.senders, by)) for name, wanted, by in kinds]
    print(f"{given.events} of each, {given.senders} senders, {'PostgreSQL' if given.postgres else 'SQLite'}")
    wrong = [report(name, expected, *measured) for name, expected, measured in results]
    return 1 if any(wrong) else 0


def report(name: str, expected: int, sent: list[Sent], seconds: float) -> int:
    """Print rate and latencies of one kind; return how many answers were not the expected one."""
    times = sorted(took * 1000 for _, took in sent)
    wrong = sum(status != expected for status, _ in sent)
    print(
        f"{name:<7} {len(sent) / seconds:7.0f}/s   p50 {statistics.median(times):6.1f} ms   "
        f"p99 {times[int(len(times) * 0.99)]:6.1f} ms   not {expected}: {wrong}"
    )
    return wrong


@contextlib.contextmanager
def shop(*, postgres: bool) -> Iterator[tuple[Supervisor, int]]:
    """Run the web process with nothing else; gives what supervises it, and its port."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tidewater-bench-")))
        ports = {variable: str(free_port()) for variable in Ports.VARIABLES.values()}
        machine = ports | {"DEMO_DATA": str(folder), "REDIS_URL": stack.enter_context(ValkeyServer()).url}
        if postgres:
            home = binaries()
            assert home is not None, "PostgreSQL is not installed"
            machine["DATABASE_URL"] = stack.enter_context(PostgresServer(home)).create_database()
        env = environment.read(folder, machine)
        commands = {name: Command(name, argv, env.variables) for name, argv in procfile.read(ROOT / "Procfile").items()}
        supervisor = stack.enter_context(Supervisor(Log((folder / "log").open("w"))))
        assert supervisor.run_once(replace(commands["release"], restart=False)) == 0, (folder / "log").read_text()
        supervisor.start(commands["web"])
        assert supervisor.wait_until(lambda: answers(env.ports.shop), 60), (folder / "log").read_text()
        yield supervisor, env.ports.shop


def answers(port: int) -> bool:
    """Return whether the shop is ready."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.suppress(OSError), contextlib.closing(connection):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False


def event(name: str) -> bytes:
    """Return a payment_intent.succeeded as Stripe writes it, about 1.5 kB."""
    intent = {"id": f"pi_{name}", "object": "payment_intent", "amount": 1990, "currency": "eur", "status": "succeeded"}
    intent |= {"livemode": False, "metadata": {"order": name}, "description": "x" * 1000}
    body = {"id": name, "object": "event", "type": "payment_intent.succeeded", "livemode": False, "created": 1}
    return json.dumps(body | {"api_version": None, "data": {"object": intent}}).encode()


def sign(body: bytes) -> str:
    """Return the Stripe-Signature header of a body, as docs.stripe.com/webhooks describes it."""
    now = int(time.time())
    return f"t={now},v1={hmac.new(SECRET, b'%d.' % now + body, hashlib.sha256).hexdigest()}"


def forge(body: bytes) -> str:
    """Return a signature by somebody who does not hold the secret."""
    return f"t={int(time.time())},v1={hashlib.sha256(body).hexdigest()}"


def deliver(
    supervisor: Supervisor, port: int, bodies: list[bytes], senders: int, signed: Callable[[bytes], str]
) -> tuple[list[Sent], float]:
    """Send every body once over this many connections; returns what came back and the seconds all of it took."""
    queue: SimpleQueue[bytes] = SimpleQueue()
    for body in bodies:
        queue.put(body)
    sent: list[Sent] = []
    threads = [threading.Thread(target=send, args=(port, queue, sent, signed)) for _ in range(senders)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    supervisor.wait_until(lambda: not any(thread.is_alive() for thread in threads), 600)  # it also reads the shop's log
    return sent, time.perf_counter() - began


def send(port: int, queue: SimpleQueue[bytes], sent: list[Sent], signed: Callable[[bytes], str]) -> None:
    """Send bodies over one connection until none is left; a connection that fails counts as status 0."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while True:
        try:
            body = queue.get_nowait()
        except Empty:
            return connection.close()
        headers = {"Content-Type": "application/json", "Stripe-Signature": signed(body)}
        start, status = time.perf_counter(), 0
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("POST", PATH, body, headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        if status == 0:
            connection.close()
        sent.append((status, time.perf_counter() - start))


if __name__ == "__main__":
    sys.exit(main())
