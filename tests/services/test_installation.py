"""The installation: made once, however many processes start together, and never run with another's keys."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, delete, insert, text

from shop import crypto
from shop.config import Settings
from shop.crypto import ring
from shop.errors import SettingsError
from shop.extensions import db
from shop.gateways.base import Mode
from shop.models import Installation
from shop.services import installation
from shop.services.unit_of_work import unit_of_work
from tests.processes import wait_until
from tests.shop_app import ENVIRONMENT, Shop, errors
from tests.test_crypto import made

ALICES = "sk_test_51" + "AliceAliceAlice1" + "x" * 40
BOBS = "sk_test_51" + "BobBobBobBobBob1" + "x" * 40
LIVE = {
    "SELLER_NAME": "Mara\'s Teas",
    "SELLER_ADDRESS": "Hafenstraße 1, 20457 Hamburg",
    "SELLER_VAT_ID": "DE123456788",
    "SHOP_ENV": "production",
    "STRIPE_SECRET_KEY": "sk_live_mara",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_mara",
    "PAYPAL_CLIENT_ID": "",
    "PUBLIC_URL": "https://tidewater.example",
    "DATABASE_URL": "postgresql://mara@db.example/shop?sslmode=verify-full",
    "REDIS_URL": "rediss://redis.example/0",
    "SMTP_URL": "smtps://mail.example",
}


def test_processes_that_start_together_make_one_installation(shop: Shop) -> None:
    _forget()

    results = shop.at_once(lambda _: installation.ensure(shop.context.settings), 8)

    assert errors(results) == []
    assert len(shop.rows(Installation)) == 1


def test_a_process_that_finds_the_row_half_made_waits_for_it_and_takes_it(postgresql_shop: Shop) -> None:
    postgresql_shop.reset()
    with postgresql_shop.app.app_context(), ThreadPoolExecutor(1) as pool:
        _forget()
        with db.engine.connect() as first:
            first.execute(insert(Installation).values(id=1, code="FIRST1", mode="test"))
            second = pool.submit(postgresql_shop.at_once, lambda _: installation.ensure(_settings()), 1)
            wait_until(lambda: _waits_for_a_lock(first), "the second process waits for the first one's row")
            first.commit()
        results = second.result(30)

        assert errors(results) == []
        assert [row.code for row in postgresql_shop.rows(Installation)] == ["FIRST1"]


def test_a_database_of_test_payments_refuses_live_keys(shop: Shop) -> None:
    with pytest.raises(SettingsError, match="use a database of its own for each mode"):
        installation.ensure(_settings(**LIVE))

    assert [row.mode for row in shop.rows(Installation)] == [Mode.TEST]


def test_a_database_refuses_the_keys_of_another_account(shop: Shop) -> None:
    installation.ensure(_settings(STRIPE_SECRET_KEY=ALICES))
    installation.ensure(_settings(STRIPE_SECRET_KEY=ALICES + "rolled"))

    with pytest.raises(SettingsError, match="STRIPE_SECRET_KEY belongs to another account"):
        installation.ensure(_settings(STRIPE_SECRET_KEY=BOBS))

    [row] = shop.rows(Installation)
    assert row.stripe_account is not None
    assert row.stripe_account.startswith("acct_1")


def test_a_key_that_the_database_is_sealed_with_is_missed_at_the_start(shop: Shop) -> None:
    right, order = ring(), shop.order()
    try:
        crypto.init_app(shop.app, [made("n")])

        with pytest.raises(SettingsError, match=f"ENCRYPTION_KEYS .*{right.ids[0]}, .* add it at the end") as told:
            installation.ensure(shop.context.settings)
    finally:
        crypto.init_app(shop.app, shop.context.settings.encryption_keys)

    assert made("n") not in str(told.value)
    installation.ensure(shop.context.settings)
    assert shop.placed(order.id).city == "Hamburg"


def _forget() -> None:
    with unit_of_work(write=True) as session:
        session.execute(delete(Installation))


def _waits_for_a_lock(connection: Connection) -> bool:
    return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def _settings(**changes: str) -> Settings:
    return Settings.from_env(ENVIRONMENT | changes)
