"""Run migrations against the app's database, on SQLite in batch mode (it cannot alter a column in place)."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

db = current_app.extensions["migrate"].db
metadata = db.metadatas[None]


def plain(kind: str, item: Any, autogen: Any) -> str | bool:
    """Write our own column types as the plain ones they are stored in: a migration imports nothing of the shop."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def run() -> None:
    """Bring the database to the revision asked for, each revision in one transaction."""
    with db.engine.connect() as connection:
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
