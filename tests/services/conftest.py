"""The shop on each of its databases."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from shop.models import User
from shop.services import wallets
from shop.services.unit_of_work import unit_of_work
from tests.postgres import PostgresServer
from tests.shop_app import STRIPE, Shop

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def sqlite_shop() -> Iterator[Shop]:
    """The shop on SQLite, in a file, as the demo runs it; a file in memory, where there is such a place."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with TemporaryDirectory(prefix="tidewater-", dir=memory if memory.is_dir() else None) as folder:
        shop = Shop(f"sqlite:///{folder}/shop.db")
        yield shop
        shop.close()


@pytest.fixture(scope="session")
def postgresql_shop(postgres_server: PostgresServer) -> Iterator[Shop]:
    """The shop on PostgreSQL, as production runs it."""
    shop = Shop(postgres_server.create_database())
    yield shop
    shop.close()


@pytest.fixture(params=DATABASES)
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """The shop with an empty database of either kind, inside its application context; its books balance at the end."""
    found: Shop = request.getfixturevalue(f"{request.param}_shop")
    found.reset()
    with found.app.app_context():
        yield found
        found.assert_books_balance()
        found.assert_bob_is_left_alone()


@pytest.fixture
def lasting_shop(sqlite_shop: Shop) -> Iterator[Shop]:
    """The shop on SQLite for a property test: emptied once, and filled by all its examples."""
    sqlite_shop.reset()
    with sqlite_shop.app.app_context():
        yield sqlite_shop
        sqlite_shop.assert_books_balance()
        sqlite_shop.assert_bob_is_left_alone()


@pytest.fixture
def alice(shop: Shop) -> User:
    """Alice, with an account; Bob has one too, with a customer at Stripe and a card there, as noise."""

    def made(email: str) -> User:
        with unit_of_work(write=True) as session:
            user = User(email=email, name=email.split("@")[0].title(), password_hash="-")
            session.add(user)
            session.flush()
            return user

    bob = made("bob@example.com")
    shop.wallet.save(wallets.ensure(bob.id, STRIPE).external_id or "", "1111")
    wallets.look(bob.id, STRIPE)
    return made("alice@example.com")
