"""The servers and the program as a whole."""

import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import pytest
import requests

from sandbox.__main__ import parse
from sandbox.running import Sandbox
from sandbox.world import Settings

FREE = {"stripe_port": 0, "paypal_port": 0, "console_port": 0, "smtp_port": 0}


def test_connections_are_kept_alive(sandbox: Sandbox) -> None:
    connection = HTTPConnection("127.0.0.1", sandbox.settings.stripe_port, timeout=5)
    connection.request("GET", "/v1/customers")
    connection.getresponse().read()
    line = connection.sock

    connection.request("POST", "/v1/customers", body="a=" + "b" * 5000)
    status = connection.getresponse().status

    assert (status, connection.sock is line) == (401, True)
    connection.close()


def test_a_body_that_nobody_read_does_not_spoil_the_next_request(sandbox: Sandbox) -> None:
    with requests.Session() as session:
        for _ in range(3):
            assert session.post(f"{sandbox.stripe_api}/nowhere", data=b"x" * 100_000, timeout=5).status_code == 404


def test_both_families_answer(sandbox: Sandbox) -> None:
    port = sandbox.settings.stripe_port

    assert requests.get(f"http://127.0.0.1:{port}/v1/x", timeout=5).status_code == 401
    try:
        with socket.create_connection(("::1", port), timeout=5):
            pass
    except OSError as error:
        if error.errno not in (97, 99):
            raise
        pytest.skip("This machine has no IPv6 loopback.")


def test_it_listens_on_loopback_only(sandbox: Sandbox) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing; only asks which address would be used
        outside = probe.getsockname()[0]
    if outside.startswith("127."):
        pytest.skip("This machine has no address but loopback.")

    with pytest.raises(OSError, match=r"refused|timed out"):
        socket.create_connection((outside, sandbox.settings.stripe_port), timeout=2)


def test_many_at_once_are_served(sandbox: Sandbox) -> None:
    address = f"{sandbox.stripe_api}/v1/customers"

    def create(_: int) -> int:
        return requests.post(address, auth=("sk_test_x", ""), timeout=10).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(create, range(40)))

    assert statuses == [200] * 40
    tables = requests.get(f"{sandbox.console}/_sandbox/objects", timeout=5).json()["tables"]
    assert tables["stripe.customer"] == 40


def test_a_port_that_is_taken_is_an_error_and_leaves_nothing_behind() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]

        with pytest.raises(OSError, match="in use"):
            Sandbox(Settings(**{**FREE, "paypal_port": taken})).start()


def test_the_objects_can_be_looked_at(sandbox: Sandbox) -> None:
    requests.post(f"{sandbox.stripe_api}/v1/customers", auth=("sk_test_x", ""), data={"name": "Alice"}, timeout=5)

    rows = requests.get(f"{sandbox.console}/_sandbox/objects/stripe.customer", timeout=5).json()["objects"]

    assert [row["name"] for row in rows] == ["Alice"]


def test_knobs_are_turned_by_name(sandbox: Sandbox) -> None:
    address = f"{sandbox.console}/_sandbox/knobs"

    turned = requests.post(address, json={"provider": "paypal", "drop": True, "delay_seconds": 2}, timeout=5).json()
    wrong = requests.post(address, json={"provider": "paypal", "explode": True}, timeout=5)

    assert (turned["drop"], turned["delay_seconds"], wrong.status_code) == (True, 2.0, 400)
    knobs = requests.get(address, timeout=5).json()
    assert (knobs["paypal"]["drop"], knobs["stripe"]["drop"]) == (True, False)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"provider": "strpe", "kind": "down"}),
        ("faults", {"provider": "stripe", "kind": "down", "times": 0}),
        ("faults", {"provider": "stripe", "kind": "slow", "seconds": [5]}),
        ("knobs", {"provider": "strpe", "drop": True}),
        ("knobs", {"provider": "stripe", "delay_seconds": None}),
        ("clock", {"days": None}),
    ],
)
def test_the_control_plane_refuses_what_would_do_nothing(sandbox: Sandbox, path: str, body: dict[str, Any]) -> None:
    answer = requests.post(f"{sandbox.console}/_sandbox/{path}", json=body, timeout=5)

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert sandbox.world.faults.active() == []


def test_webhook_urls_go_to_the_provider_in_their_path() -> None:
    given = parse(["--webhook-url", "http://x/webhooks/stripe", "--webhook-url", "http://x/webhooks/paypal"])

    assert given.stripe_webhook_urls == ("http://x/webhooks/stripe",)
    assert given.paypal_webhook_urls == ("http://x/webhooks/paypal",)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_program_starts_says_where_and_stops(number: signal.Signals) -> None:
    flags = [f"--{name}-port=0" for name in ("stripe", "paypal", "console", "smtp")]
    with subprocess.Popen([sys.executable, "-m", "sandbox", *flags], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        line = program.stdout.readline()

        program.send_signal(number)

        assert program.wait(timeout=10) == 0
    assert line.startswith("Stripe http://127.0.0.1:")


def test_a_taken_port_is_told_with_the_cure() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        flags = [f"--{name}-port=0" for name in ("paypal", "console", "smtp")]
        flags.append(f"--stripe-port={holder.getsockname()[1]}")

        ended = subprocess.run(
            [sys.executable, "-m", "sandbox", *flags], capture_output=True, text=True, timeout=20, check=False
        )

    assert ended.returncode == 1
    assert "choose another" in ended.stderr
