"""The migrations make what the models say, on both databases, and can be taken back."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, inspect, select, text

from shop import create_app, crypto
from shop.config import Settings
from shop.errors import SettingsError
from shop.extensions import db
from shop.models import Document, InboxEvent, Order
from shop.services import installation, rotation
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import ENVIRONMENT

OTHER_KEY = base64.urlsafe_b64encode(b"another key, of 32 bytes as well").decode()


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")  # PostgreSQL's
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_migrations_make_exactly_what_the_models_describe(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/shop.db" if database == "sqlite" else request.getfixturevalue("postgres_url")
    app = create_app(Settings.from_env(ENVIRONMENT | {"DATABASE_URL": url}))

    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            differences = compare_metadata(MigrationContext.configure(connection), db.metadata)
        downgrade(revision="base")
        left = inspect(db.engine).get_table_names()
        db.engine.dispose()

    assert differences == []
    assert left == ["alembic_version"]


def test_a_filled_shop_keeps_its_carts_and_each_account_the_one_it_filled_last(tmp_path: Path) -> None:
    app = create_app(Settings.from_env(ENVIRONMENT | {"DATABASE_URL": f"sqlite:///{tmp_path}/shop.db"}))
    with app.app_context():
        upgrade(revision="0001")
        with db.engine.begin() as connection:
            for statement in (
                "INSERT INTO user_account (id, email, name, password_hash, is_merchant, created_at)"
                " VALUES (1, 'alice@example.com', 'Alice', 'none', 0, '2026-01-01')",
                "INSERT INTO product (id, slug, name, category, summary, description, facts, position, is_listed)"
                " VALUES (1, 'tea', 'Tea', 'green', '', '', '{}', 0, 1)",
                "INSERT INTO variant (id, product_id, sku, label, weight, stock, position)"
                " VALUES (1, 1, 'TEA-1', 'one', 0, 5, 0)",
                "INSERT INTO cart (id, token, user_id, currency, updated_at) VALUES"
                " (1, 'old', 1, 'EUR', '2026-01-01'), (2, 'new', 1, 'EUR', '2026-01-02'),"
                " (3, 'guest', NULL, 'EUR', '2026-01-02')",
                "INSERT INTO cart_line (cart_id, variant_id, quantity) VALUES (1, 1, 1), (2, 1, 2), (3, 1, 3)",
            ):
                connection.execute(text(statement))

        upgrade()

        with db.engine.connect() as connection:
            owners = connection.execute(text("SELECT token, user_id, promotion_code FROM cart ORDER BY id")).all()
            quantities = connection.execute(text("SELECT quantity FROM cart_line ORDER BY cart_id")).scalars().all()
        db.engine.dispose()
    assert [tuple(row) for row in owners] == [("old", None, ""), ("new", 1, ""), ("guest", None, "")]
    assert quantities == [1, 2, 3]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_filled_shop_is_sealed_and_can_be_opened_again(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/shop.db" if database == "sqlite" else request.getfixturevalue("postgres_url")
    app = create_app(Settings.from_env(ENVIRONMENT | {"DATABASE_URL": url}))
    with app.app_context():
        upgrade(revision="0008")
        with db.engine.begin() as connection:
            _fill(connection)
            before = _read(connection)

        upgrade(revision="0010")
        with db.engine.connect() as connection:
            sealed = repr(_read(connection))
        with unit_of_work() as session:
            order = session.scalars(select(Order.city).where(Order.id == 1101)).one()
            snapshot = session.scalars(select(Document.snapshot)).one()
            bodies = list(session.scalars(select(InboxEvent.body).order_by(InboxEvent.id)))
        left = rotation.status().left
        installation.ensure(app.extensions["shop"].settings)
        crypto.init_app(app, [OTHER_KEY])
        with pytest.raises(SettingsError, match="ENCRYPTION_KEYS does not open this database"):
            installation.ensure(app.extensions["shop"].settings)
        crypto.init_app(app, [ENVIRONMENT["ENCRYPTION_KEYS"]])

        upgrade()
        with db.engine.connect() as connection:
            at_the_head = repr(_read(connection))
        with unit_of_work() as session:
            newest = session.scalars(select(Order).where(Order.id == 1101)).unique().one()
            told = (newest.city, newest.replaced_by_id, newest.email)

        downgrade(revision="0008")
        with db.engine.connect() as connection:
            after = _read(connection)
        db.engine.dispose()

    assert not [word for word in ("Kai 1", "Hamburg", "Altona 2", "20 457", "Alice Ashdown", '"id"') if word in sealed]
    assert at_the_head == sealed, "what came after has touched nothing of it"
    assert told == ("Hamburg", None, "alice@example.com")
    assert (order, snapshot["buyer"]["name"], left) == ("Hamburg", "Alice Ashdown", 0)
    assert bodies == [{"id": "evt_1"}, None, None], "one was purged, and one was sealed with a SECRET_KEY that is lost"
    assert after["texts"] == before["texts"]
    assert after["snapshots"] == before["snapshots"]
    assert [_unsealed(body) for body in after["bodies"]] == [b'{"id":"evt_1"}', None, None]


def _fill(connection: Connection) -> None:
    """Put so many orders and addresses into a shop of revision 0008 that they take several batches."""
    orders = [
        {"id": number, "name": f"O{number}", "line2": "" if number % 2 else "c/o Lovelace", "number": f"TT-{number}"}
        for number in range(1, 1102)
    ]
    connection.execute(
        text(
            "INSERT INTO orders (id, public_id, number, state, stock_state, review, review_reasons, reviewed_by, email,"
            " locale, currency, items, shipping, discount, promotion_code, tax, tax_is_estimated, total, shipping_name,"
            " name, line1, line2, city, region, postal_code, country, billing_line1, placed_at) VALUES (:id, :name,"
            " :number, 'paid', 'sold', 'none', '', '', 'alice@example.com', 'en', 'EUR', 1000, 490, 0, '', 100, true,"
            " 1490, 'Standard', 'Alice', 'Kai 1', :line2, 'Hamburg', '', '20 457', 'DE', 'Altona 2', '2026-01-01')"
        ),
        orders,
    )
    for statement in (
        "INSERT INTO installation (id, code, mode, order_counter, created_at)"
        " VALUES (1, 'FIRST1', 'test', 1101, '2026-01-01')",
        "INSERT INTO user_account (id, email, name, password_hash, is_merchant, created_at)"
        " VALUES (1, 'alice@example.com', 'Alice', 'none', false, '2026-01-01')",
        "INSERT INTO address (id, public_id, user_id, name, line1, line2, city, region, postal_code, country,"
        " is_default, created_at) VALUES (1, 'A', 1, 'Alice', 'Kai 1', '', 'Hamburg', '', '20 457', 'DE', true,"
        " '2026-01-01')",
        "INSERT INTO document_series (name, last) VALUES ('INV', 1)",
    ):
        connection.execute(text(statement))
    connection.execute(
        text(
            "INSERT INTO document (id, kind, key, series, sequence, number, order_id, locale, issued_at, snapshot)"
            " VALUES (1, 'invoice', 'order:1', 'INV', 1, 'INV-1', 1, 'en', '2026-01-01', :snapshot)"
        ),
        {"snapshot": '{"buyer":{"name":"Alice Ashdown"},"total":1490}'},
    )
    bodies = (_sealed(b'{"id":"evt_1"}'), None, b"sealed with a SECRET_KEY that is lost")
    connection.execute(
        text(
            "INSERT INTO inbox_event (id, provider, mode, event_id, type, kind, external_id, body_hash, body, state,"
            " attempts, received_at, next_try_at, claimed_by, verdict) VALUES (:id, 'stripe', 'test', :event, 'x',"
            " 'other', '', '', :body, 'processed', 1, '2026-01-01', '2026-01-01', '', '')"
        ),
        [{"id": number, "event": f"evt_{number}", "body": body} for number, body in enumerate(bodies, start=1)],
    )


def _read(connection: Connection) -> dict[str, list[Any]]:
    """Return what is stored, as it stands there."""
    texts = (
        "SELECT id, line1, line2, city, region, postal_code, '', '' FROM address UNION ALL "
        "SELECT id, line1, line2, city, region, postal_code, billing_line1, billing_city FROM orders ORDER BY 1, 7"
    )
    snapshots = connection.scalars(text("SELECT snapshot FROM document")).all()
    return {
        "texts": [tuple(row) for row in connection.execute(text(texts))],
        "snapshots": [json.loads(one) if isinstance(one, str) else one for one in snapshots],
        "bodies": list(connection.scalars(text("SELECT body FROM inbox_event ORDER BY id"))),
    }


def _fernet() -> Fernet:
    """Return what sealed webhooks before there were ENCRYPTION_KEYS."""
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"inbox:" + ENVIRONMENT["SECRET_KEY"].encode()).digest()))


def _sealed(body: bytes) -> bytes:
    return _fernet().encrypt(body)


def _unsealed(body: bytes | None) -> bytes | None:
    return None if body is None else _fernet().decrypt(body)


def test_an_order_that_was_placed_before_keeps_its_lines(tmp_path: Path) -> None:
    app = create_app(Settings.from_env(ENVIRONMENT | {"DATABASE_URL": f"sqlite:///{tmp_path}/shop.db"}))
    with app.app_context():
        upgrade(revision="0001")
        with db.engine.begin() as connection:
            for statement in (
                "INSERT INTO orders (id, public_id, number, state, stock_state, email, locale, currency, items,"
                " shipping, discount, tax, tax_is_estimated, total, shipping_name, name, line1, line2, city, region,"
                " postal_code, country, placed_at) VALUES (1, 'A', 'TT-1', 'paid', 'sold',"
                " 'alice@example.com', 'en', 'EUR', 1000, 490, 0, 100, 1, 1490, 'Standard',"
                " 'Alice', 'Kai 1', '', 'Hamburg', '', '20457', 'DE', '2026-01-01')",
                "INSERT INTO order_line (order_id, sku, name, label, quantity, unit_amount, tax, tax_basis_points)"
                " VALUES (1, 'TEA-1', 'Tea', 'one', 1, 1000, 65, 700)",
                "INSERT INTO payment (id, public_id, order_id, provider, mode, external_id, state, amount, currency,"
                " capture_later, method_kind, method_brand, method_last4, method_payer, ticket, applied_ticket,"
                " capture_round, needs_approval, busy_with, created_at, checks) VALUES (1, 'P', 1, 'stripe', 'test',"
                " 'pi_1', 'captured', 1490, 'EUR', 0, 'card', 'visa', '4242', '', 1, 1, 1, 0, '', '2026-01-01', 0)",
            ):
                connection.execute(text(statement))

        upgrade()

        with db.engine.connect() as connection:
            lines = connection.execute(text("SELECT order_id, unit_amount FROM order_line")).all()
            payments = connection.execute(text("SELECT order_id, amount FROM payment")).all()
        db.engine.dispose()
    assert ([tuple(row) for row in lines], [tuple(row) for row in payments]) == ([(1, 1000)], [(1, 1490)])
