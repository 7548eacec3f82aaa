"""A town for each database, whose processes are killed and started again by the tests of one module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.running import Sandbox
from sandbox.world import Settings
from tests.crash.town import Town
from tests.processes import free_port
from tests.valkey import ValkeyServer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, valkey_server: ValkeyServer
) -> Iterator[Town]:
    """Everything up and running; the log of all processes is shown when web does not come up."""
    folder: Path = tmp_path_factory.mktemp("town")
    url = f"sqlite:///{folder / 'shop.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_server").create_database()
    valkey_server.clear()
    port = free_port()
    settings = Settings(
        stripe_port=0,
        paypal_port=0,
        console_port=0,
        smtp_port=0,
        stripe_webhook_urls=(f"http://127.0.0.1:{port}/webhooks/stripe",),
        paypal_webhook_urls=(f"http://127.0.0.1:{port}/webhooks/paypal",),
        retry_seconds=(0.1, 0.2, 0.5, 1, 2),
    )
    with Sandbox(settings) as sandbox:
        found = Town(url, valkey_server, sandbox, port, folder / "log")
        try:
            found.start()
            yield found
        finally:
            found.close()
