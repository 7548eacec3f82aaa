"""Faults in front of the API, as the official SDK meets them."""

import time
from typing import Any

import pytest
import requests
import stripe

from sandbox.running import Sandbox


def set_fault(sandbox: Sandbox, **fault: Any) -> None:
    """Switch a fault on through the control plane."""
    answer = requests.post(f"{sandbox.console}/_sandbox/faults", json={"provider": "stripe", **fault}, timeout=5)
    assert answer.status_code == 200, answer.text


def executed(sandbox: Sandbox) -> int:
    """Return how many requests reached the API."""
    rows = requests.get(f"{sandbox.console}/_sandbox/requests", timeout=5).json()["requests"]
    return len(rows)


def test_down_is_a_503_and_nothing_is_done(server: Any, sandbox: Sandbox) -> None:
    set_fault(sandbox, kind="down", times=1)

    answer = requests.post(f"{sandbox.stripe_api}/v1/customers", auth=("sk_test_x", ""), timeout=5)

    assert (answer.status_code, executed(sandbox)) == (503, 0)
    assert server.customers.list().data == []


def test_refused_breaks_the_connection_before_any_work(server: Any, sandbox: Sandbox) -> None:
    set_fault(sandbox, kind="refused", times=1)

    with pytest.raises(stripe.APIConnectionError):
        server.customers.create({})

    assert executed(sandbox) == 0


def test_slow_waits_first(server: Any, sandbox: Sandbox) -> None:
    set_fault(sandbox, kind="slow", seconds=0.3, times=1)
    began = time.monotonic()

    server.customers.list()

    assert time.monotonic() - began >= 0.3


def test_an_answer_is_lost_after_the_work(server: Any, sandbox: Sandbox) -> None:
    set_fault(sandbox, kind="answer_lost", times=1, method="POST")

    with pytest.raises(stripe.APIConnectionError):
        server.customers.create({})

    assert len(server.customers.list().data) == 1


def test_a_fault_may_be_for_one_kind_of_request(server: Any, sandbox: Sandbox) -> None:
    set_fault(sandbox, kind="refused", path_prefix="/v1/payment_intents", method="post")

    server.customers.create({})
    server.payment_intents.list()
    with pytest.raises(stripe.APIConnectionError):
        server.payment_intents.create({"amount": 2000, "currency": "eur"})


def test_a_fault_lasts_until_it_is_cleared(server: Any, sandbox: Sandbox) -> None:
    set_fault(sandbox, kind="refused")
    for _ in range(3):
        with pytest.raises(stripe.APIConnectionError):
            server.customers.list()

    requests.delete(f"{sandbox.console}/_sandbox/faults", params={"provider": "stripe"}, timeout=5)

    assert server.customers.list().data == []


def test_an_unknown_fault_is_refused(sandbox: Sandbox) -> None:
    answer = requests.post(
        f"{sandbox.console}/_sandbox/faults", json={"provider": "stripe", "kind": "sleepy"}, timeout=5
    )

    assert answer.status_code == 400
