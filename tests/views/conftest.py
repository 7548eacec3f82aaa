"""The shop behind its pages, on SQLite: what the database does is tested below, in tests/services."""

from collections.abc import Iterator
from typing import Any

import pytest

from shop.extensions import limiter
from shop.models import Payment, User
from shop.models.base import utc_now
from shop.services import accounts
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop
from tests.views.desk import PASSWORD
from tests.views.visitor import Visitor

PUBLIC = "https://tea.example"


@pytest.fixture(scope="session")
def paged_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One application for all tests of pages."""
    shop = Shop(f"sqlite:///{tmp_path_factory.mktemp('views') / 'shop.db'}")
    yield shop
    shop.close()


@pytest.fixture
def shop(paged_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """The shop with an empty database. No application context is held: a request brings its own, as in life.

    Nobody is slowed down by what other tests did before; a test of the limits switches them on again.
    """
    monkeypatch.setattr(limiter, "enabled", False)
    paged_shop.reset()
    yield paged_shop
    with paged_shop.app.app_context():
        paged_shop.assert_books_balance()
        paged_shop.assert_bob_is_left_alone()


@pytest.fixture(scope="session")
def shop_in_public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One application as the public reaches it: over HTTPS, with the providers' own hosts, which nobody asks."""
    hosts = {"PAYPAL_API_BASE": "https://api-m.sandbox.paypal.com", "PUBLIC_URL": PUBLIC}
    shop = Shop(f"sqlite:///{tmp_path_factory.mktemp('public') / 'shop.db'}", **hosts)
    yield shop
    shop.close()


@pytest.fixture
def public_shop(shop_in_public: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """That shop with an empty database."""
    monkeypatch.setattr(limiter, "enabled", False)
    shop_in_public.reset()
    return shop_in_public


@pytest.fixture
def customer(public_shop: Shop) -> Visitor:
    """Somebody who comes over HTTPS."""
    return Visitor(public_shop.app, PUBLIC)


@pytest.fixture
def alice(shop: Shop) -> Visitor:
    """Alice's browser."""
    return Visitor(shop.app)


@pytest.fixture
def bob(shop: Shop) -> Visitor:
    """Bob's browser."""
    return Visitor(shop.app)


@pytest.fixture
def mara(shop: Shop) -> Visitor:
    """Mara, signed in; Alice has an account beside her."""
    with shop.app.app_context(), unit_of_work(write=True) as session:
        password = accounts.hash_password(PASSWORD)
        known: dict[str, Any] = {"password_hash": password, "email_confirmed_at": utc_now()}
        session.add(User(email="mara@example.com", name="Mara", is_merchant=True, **known))
        session.add(User(email="alice@example.com", name="Alice", **known))
    visitor = Visitor(shop.app)
    answer = visitor.sign_in("mara@example.com", PASSWORD)
    assert answer.location == "/merchant/"
    return visitor


@pytest.fixture
def paid(shop: Shop) -> Payment:
    """Alice's order, paid."""
    with shop.app.app_context():
        return shop.paid()
