"""What every server that the tests start has in common: it dies with them, and it is waited for."""

import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Callable

import pytest

PATIENCE = 30.0  # seconds a condition may take on a busy machine


def die_with_tests(number: signal.Signals = signal.SIGKILL) -> Callable[[], None] | None:
    """Return a preexec function that ties a process to the life of this one; None outside Linux."""
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def tie() -> None:
        prctl(1, number)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Return when the condition holds; fail the test, naming what was awaited, when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds:g} s in vain: {what}")
        time.sleep(0.02)


def lacking(requirement: str, message: str) -> None:
    """Skip the test, or fail it where the environment variable says that this must not be missing (CI does)."""
    if os.environ.get(requirement):
        pytest.fail(f"{message} ({requirement} is set, so this is a failure)")
    pytest.skip(message)
