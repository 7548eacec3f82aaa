"""The migrations make what the models say, on both databases, and can be taken back."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from shop import create_app
from shop.config import Settings
from shop.extensions import db
from tests.shop_app import ENVIRONMENT


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
