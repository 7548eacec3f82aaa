"""The database goes away and comes back: pages and webhooks say so, nothing is lost, and nobody restarts anything."""

from collections.abc import Iterator

import pytest

from shop import jobs
from shop.extensions import limiter
from shop.models import InboxEvent
from shop.services import payments
from tests.postgres import PostgresServer, binaries
from tests.shop_app import STRIPE, Shop
from tests.views.visitor import Visitor, words


@pytest.fixture
def server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """A PostgreSQL server that a test may stop; the one of the other tests says whether there is any."""
    folder = binaries()
    assert folder is not None, "postgres_server has found one"
    with PostgresServer(folder) as server:
        yield server


def test_a_database_that_is_down_gives_a_503_page_and_comes_back_unaided(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    shop = Shop(server.create_database())
    alice = Visitor(shop.app)
    path = alice.order()
    with shop.app.app_context():
        payment = shop.payment(payments.start(shop.orders()[0].id, STRIPE).payment_id)
        shop.approve(payment)
        headers, body = shop.notice(payment)

    server.stop()
    pages = [alice.get(address) for address in ("/cart", path, f"{path}/return", "/login")]
    hook = alice.client.post("/webhooks/stripe", data=body, headers=headers)
    ready, alive = alice.get("/readyz"), alice.get("/healthz")
    server.start()
    again = alice.client.post("/webhooks/stripe", data=body, headers=headers)
    with shop.app.app_context():
        jobs.drain_inbox()
        shop.clock.advance(minutes=1)
        stored = shop.rows(InboxEvent)

    assert [page.status_code for page in pages] == [503] * len(pages)
    for page in pages:
        assert "Our books cannot be opened at the moment" in words(page)
        assert "Traceback" not in page.text
    assert (hook.status_code, again.status_code, len(stored)) == (503, 200, 1)
    assert (ready.status_code, alive.status_code) == (503, 200)
    assert alice.get(f"{path}/return").location.endswith("/receipt")
    shop.close()
