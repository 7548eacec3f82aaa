"""A shop that can be started again with other secrets, and the sandbox that some of them are tried against."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.running import Sandbox
from sandbox.world import Settings
from shop.extensions import limiter
from tests.rotation.running import Running


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The shop on SQLite, in a file, not started yet. Nobody is slowed down by what other tests did before."""
    monkeypatch.setattr(limiter, "enabled", False)
    shop = Running(f"sqlite:///{tmp_path}/shop.db")
    yield shop
    shop.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def running_on_both(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    """The same on either database."""
    monkeypatch.setattr(limiter, "enabled", False)
    url = f"sqlite:///{tmp_path}/shop.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    shop = Running(url)
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Both providers, whose webhooks lead nowhere."""
    with Sandbox(Settings(stripe_port=0, paypal_port=0, console_port=0, smtp_port=0)) as started:
        yield started
