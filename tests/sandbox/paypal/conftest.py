"""Mara's client, and patience."""

import time
from collections.abc import Callable

import pytest

from sandbox.running import Sandbox
from tests.sandbox.paypal.merchant import Merchant, Until


@pytest.fixture
def merchant(sandbox: Sandbox) -> Merchant:
    """Mara's client at an empty sandbox."""
    return Merchant(sandbox)


@pytest.fixture
def until() -> Until:
    """Wait for a condition, up to twenty seconds: the machine may be busy with other tests."""

    def wait(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end, "The condition did not come true in twenty seconds."
            time.sleep(0.02)

    return wait
