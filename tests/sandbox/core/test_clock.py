"""The simulated clock."""

import time
from datetime import UTC, timedelta

import pytest
import requests

from sandbox.clock import Clock
from sandbox.running import Sandbox


def test_it_starts_at_wall_time() -> None:
    assert abs(Clock().timestamp() - time.time()) < 1
    assert Clock().now().tzinfo is UTC


def test_it_moves_forward_and_tells_who_asked() -> None:
    clock = Clock()
    told: list[bool] = []
    clock.on_advance(lambda: told.append(True))

    clock.advance(timedelta(days=1))

    assert abs(clock.unix() - time.time() - 86_400) < 2
    assert told == [True]


def test_it_never_moves_back() -> None:
    with pytest.raises(ValueError, match="only moves forward"):
        Clock().advance(timedelta(seconds=-1))


def test_the_date_header_follows_it(sandbox: Sandbox) -> None:
    requests.post(f"{sandbox.console}/_sandbox/clock", json={"days": 400}, timeout=5)

    for address in (sandbox.console, sandbox.stripe_api, sandbox.paypal_api):
        date = requests.get(address, timeout=5).headers["Date"]
        assert str(sandbox.world.clock.now().year) in date


def test_the_control_plane_refuses_a_step_back(sandbox: Sandbox) -> None:
    answer = requests.post(f"{sandbox.console}/_sandbox/clock", json={"seconds": -5}, timeout=5)

    assert answer.status_code == 400
