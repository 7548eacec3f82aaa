"""Run migrations against the app's database, on SQLite in batch mode (it cannot alter a column in place)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

db = current_app.extensions["migrate"].db
metadata = db.metadatas[None]


def plain(kind: str, item: Any, autogen: Any) -> str | bool:
    """Write our own column types as the plain ones they are stored in: a migration imports nothing of the shop."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


@contextmanager
def foreign_keys_at_rest(connection: Connection) -> Iterator[None]:
    """Let SQLite build a table anew without emptying those that refer to it, and check afterwards that all still fit.

    It alters by copying: dropping the old table would delete, by cascade, what hangs on its rows. The switch does
    nothing inside a transaction, so it goes past SQLAlchemy, which would begin one.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None, "it is connected"
    driver.execute("PRAGMA foreign_keys=OFF")
    yield
    broken = driver.execute("PRAGMA foreign_key_check").fetchall()
    driver.execute("PRAGMA foreign_keys=ON")
    if broken:
        raise RuntimeError(f"the migration left {len(broken)} rows that refer to nothing: {broken[:5]}")


def run() -> None:
    """Bring the database to the revision asked for, each revision in one transaction."""
    with db.engine.connect() as connection, foreign_keys_at_rest(connection):
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=plain,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    context.configure(
        url=str(db.engine.url), target_metadata=metadata, literal_binds=True, dialect_opts={"paramstyle": "named"}
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    run()
