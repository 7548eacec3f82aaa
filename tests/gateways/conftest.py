"""The sandbox that the real gateways are tried against: one per session, emptied before every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.running import Sandbox
from sandbox.world import Settings


@pytest.fixture(scope="session")
def started_sandbox() -> Iterator[Sandbox]:
    """A sandbox on free ports."""
    with Sandbox(Settings(stripe_port=0, paypal_port=0, console_port=0, smtp_port=0)) as running:
        yield running


@pytest.fixture
def sandbox(started_sandbox: Sandbox) -> Sandbox:
    """The running sandbox, empty and without faults."""
    started_sandbox.reset()
    return started_sandbox
