"""The database goes away and comes back: pages and webhooks say so, nothing is lost, and nobody restarts anything."""

from collections.abc import Iterator

import pytest

from shop import jobs
from shop.extensions import limiter
from shop.models import InboxEvent, OrderState
from shop.services import payments
from tests.postgres import PostgresServer, binaries
from tests.shop_app import PAYPAL, STRIPE, Shop, eur, seen
from tests.views.visitor import Visitor, form_token, words


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


def test_money_that_was_taken_as_the_database_went_away_is_noted_once_when_it_is_back(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    shop = Shop(server.create_database())
    alice = Visitor(shop.app)
    path = alice.order()
    with shop.app.app_context():
        payment = shop.payment(payments.start(shop.orders()[0].id, PAYPAL).payment_id)
        shop.approve(payment)
        headers, body = shop.notice(payment)
    by_script = {"X-CSRFToken": form_token(alice), "Accept": "application/json"}
    shop.paypal.afterwards = server.stop

    told = alice.client.post(f"{path}/paypal/approved", json={}, headers=by_script)
    looked = alice.get(f"{path}/return")
    taken = seen(shop, payment)
    server.start()
    with shop.app.app_context():
        before = shop.placed(payment.order_id).state
        for _ in range(3):
            shop.clock.advance(minutes=2)
            jobs.sweep()
        swept = shop.placed(payment.order_id).state
        alice.client.post("/webhooks/paypal", data=body, headers=headers)
        jobs.drain_inbox()
        shop.clock.advance(minutes=2)
        jobs.sweep()

    assert taken.captured == eur(1740), "PayPal has the money, and the shop has not heard of it"
    assert (told.status_code, told.headers["Retry-After"], looked.status_code) == (503, "30", 503)
    for said in (told.get_json()["message"], words(looked)):
        assert "Our books cannot be opened at the moment. Nothing is lost." in said
        assert "Nothing was charged" not in said
    assert (before, swept) == (OrderState.PENDING, OrderState.PAID)
    with shop.app.app_context():
        assert [one.amount for one in shop.payment(payment.id).captures] == [1740]
        assert [count for key, count in shop.paypal.executed.items() if "-capture-" in key] == [1]
        assert len(shop.owed("mail.receipt")) == 1
        assert shop.balances()["paypal.balance"] == 1740 - 82
        assert shop.alarms() == []
        shop.assert_books_balance()
    assert alice.get(f"{path}/return").location.endswith("/receipt")
    shop.close()
