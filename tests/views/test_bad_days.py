"""The database away: a page in the shop's look all the same, for whoever comes, and open again by itself."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from shop.extensions import db
from shop.services import seed
from tests.shop_app import Shop
from tests.views.visitor import Visitor, words


@contextmanager
def database_away(shop: Shop) -> Iterator[None]:
    """Let nobody connect to the database."""
    with shop.app.app_context():
        engine = db.engine

    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("secret insides")

    engine.dispose()
    event.listen(engine, "do_connect", refuse)
    try:
        yield
    finally:
        event.remove(engine, "do_connect", refuse)


@pytest.fixture
def member(shop: Shop, alice: Visitor) -> Visitor:
    """Alice, signed in, with something in her cart."""
    with shop.app.app_context():
        seed.seed()
    alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)
    alice.put_in_cart()
    return alice


@pytest.mark.parametrize("path", ["/", "/cart", "/login"])
def test_without_the_database_everybody_gets_a_page_that_says_so(
    shop: Shop, member: Visitor, bob: Visitor, path: str
) -> None:
    with database_away(shop):
        pages = [member.get(path), bob.get(path)]

    for page in pages:
        assert page.status_code == 503
        assert "Closed for a moment" in words(page)
        assert page.headers["Retry-After"] == "30"
        assert "tokens.css" in page.text
        assert "insides" not in page.text


def test_without_the_database_what_is_not_there_is_still_told_in_the_shops_look(shop: Shop, member: Visitor) -> None:
    with database_away(shop):
        page = member.get("/nothing")

    assert page.status_code == 404
    assert "Not in our books" in words(page)
    assert "tokens.css" in page.text


def test_the_shop_opens_again_by_itself(shop: Shop, member: Visitor) -> None:
    with database_away(shop):
        member.get("/cart")

    assert member.get("/cart").status_code == 200
