"""The real servers that tests may ask for: started once per run (per worker of it), emptied for each test."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import browser
from tests.postgres import PostgresServer, binaries
from tests.processes import lacking
from tests.valkey import ValkeyServer


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Which browser pytest-playwright starts, and what keeps it quiet."""
    return browser.launch_arguments()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server; skips where it is not installed, fails there when REQUIRE_POSTGRES is set."""
    folder = binaries()
    if folder is None:
        lacking("REQUIRE_POSTGRES", "PostgreSQL is not installed (Debian: apt-get install postgresql)")
        return
    with PostgresServer(folder) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty PostgreSQL database, dropped after the test."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    """A Valkey server; a test that kills it starts it again."""
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def redis_url(valkey_server: ValkeyServer) -> str:
    """The address of an empty Valkey database."""
    valkey_server.clear()
    return valkey_server.url
