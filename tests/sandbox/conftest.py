"""The sandbox that the tests talk to: one per session, on free ports, emptied before every test."""

from collections.abc import Iterator

import pytest

from sandbox.running import Sandbox
from sandbox.world import Settings


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    """A sandbox with short delivery retries, so that a test need not wait for seconds."""
    settings = Settings(stripe_port=0, paypal_port=0, console_port=0, smtp_port=0, retry_seconds=(0.05, 0.1, 0.2, 0.4))
    with Sandbox(settings) as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """The running sandbox, empty."""
    running_sandbox.reset()
    return running_sandbox
