"""addresses, documents and webhooks sealed with ENCRYPTION_KEYS

Sealed text cannot be read by the release before: let no process of it run meanwhile. Rows are rewritten a few hundred at a
time, in the one transaction of the revision. What stood there in clear leaves the files of the database with the next
VACUUM (SQLite) or VACUUM FULL (PostgreSQL), and backups never: docs/13_secrets_and_rotation.md.
"""

import base64
import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app

from shop.crypto import ring

revision = "0010"
down_revision = "0008"

log = logging.getLogger(__name__)

AT_ONCE = 500
# What is sealed, with the length it had: its parts keep the names and places they have.
TEXTS = {
    "address": {"line1": 120, "line2": 120, "city": 80, "region": 80, "postal_code": 20},
    "orders": {
        "line1": 120,
        "line2": 120,
        "city": 80,
        "region": 80,
        "postal_code": 20,
        "billing_line1": 120,
        "billing_city": 80,
        "billing_region": 80,
        "billing_postal_code": 20,
    },
}
WITH_DEFAULT = "billing_"  # columns that begin so have an empty text as the database's own default


def upgrade() -> None:
    """Apply."""
    op.add_column("installation", sa.Column("keys_known_by", sa.Text(), server_default="", nullable=False))
    _tell_the_keys()
    for table, columns in TEXTS.items():
        _change_types(table, {name: (sa.String(length), sa.Text()) for name, length in columns.items()})
        _rewrite_texts(table, columns, ring().seal)
    _rewrite_json("document", "snapshot", sa.JSON(), sa.LargeBinary(), _sealed_json)
    _rewrite_bodies(_sealed_body)


def downgrade() -> None:
    """Take back: everything stands in clear again, and webhooks under SECRET_KEY."""
    _rewrite_bodies(_body_of_before)
    _rewrite_json("document", "snapshot", sa.LargeBinary(), sa.JSON(), _opened_json)
    for table, columns in TEXTS.items():
        _rewrite_texts(table, columns, ring().open)
        _change_types(table, {name: (sa.Text(), sa.String(length)) for name, length in columns.items()})
    with op.batch_alter_table("installation") as batch:
        batch.drop_column("keys_known_by")


def _tell_the_keys() -> None:
    """Write down with which key all this is sealed, so that no start under other keys is let in from now on."""
    known = ring().seal(ring().ids[0], "installation.keys_known_by")
    op.get_bind().execute(sa.update(sa.table("installation", sa.column("keys_known_by"))).values(keys_known_by=known))


def _change_types(table: str, columns: dict[str, tuple[Any, Any]]) -> None:
    with op.batch_alter_table(table) as batch:
        for name, (old, new) in columns.items():
            default = "" if name.startswith(WITH_DEFAULT) else None
            batch.alter_column(
                name, existing_type=old, type_=new, existing_nullable=False, existing_server_default=default
            )


def _rewrite_texts(table: str, columns: dict[str, int], change: Callable[[str, str], str]) -> None:
    rows = sa.table(table, sa.column("id"), *(sa.column(name, sa.Text()) for name in columns))
    for batch in _batches(rows, *columns):
        _update(
            rows,
            [
                {
                    "row": row.id,
                    **{
                        name: change(value, f"{table}.{name}") if (value := getattr(row, name)) else value
                        for name in columns
                    },
                }
                for row in batch
            ],
            columns,
        )


def _rewrite_json(table: str, name: str, old: Any, new: Any, change: Callable[[Any, str], Any]) -> None:
    """Give a column another type by way of a second one, since no database turns JSON into sealed bytes."""
    other = f"{name}_rewritten"
    op.add_column(table, sa.Column(other, new, nullable=True))
    rows = sa.table(table, sa.column("id"), sa.column(name, old), sa.column(other, new))
    for batch in _batches(rows, name):
        changed = [{"row": row.id, other: change(getattr(row, name), f"{table}.{name}")} for row in batch]
        _update(rows, changed, [other])
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_column(name)
    with op.batch_alter_table(table) as batch_op:
        batch_op.alter_column(other, new_column_name=name, existing_type=new, nullable=False)


def _rewrite_bodies(change: Callable[[bytes], bytes | None]) -> None:
    rows = sa.table("inbox_event", sa.column("id"), sa.column("body", sa.LargeBinary()))
    lost = 0
    for batch in _batches(rows, "body"):
        changed = [{"row": row.id, "body": change(row.body)} for row in batch if row.body is not None]
        lost += sum(row["body"] is None for row in changed)
        _update(rows, changed, ["body"])
    if lost:
        log.warning("%s bodies of webhooks could be opened by no SECRET_KEY, and are gone; their rows stay", lost)


def _sealed_json(value: Any, label: str) -> bytes:
    return ring().seal_bytes(json.dumps(value, separators=(",", ":")).encode(), label)


def _opened_json(value: bytes, label: str) -> Any:
    return json.loads(ring().open_bytes(value, label))


def _sealed_body(body: bytes) -> bytes | None:
    try:
        return ring().seal_bytes(_fernet().decrypt(body), "inbox_event.body")
    except InvalidToken:
        return None


def _body_of_before(body: bytes) -> bytes:
    return _fernet().encrypt(ring().open_bytes(body, "inbox_event.body"))


def _fernet() -> MultiFernet:
    """Return what sealed webhooks until now: a key made from SECRET_KEY."""
    keys = [current_app.config["SECRET_KEY"], *(current_app.config["SECRET_KEY_FALLBACKS"] or ())]
    digests = [hashlib.sha256(b"inbox:" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def _batches(rows: Any, *names: str) -> Iterator[list[Any]]:
    """Yield the rows of a table with their id, so many at a time."""
    wanted = sa.select(rows.c.id, *(rows.c[name] for name in names)).order_by(rows.c.id).limit(AT_ONCE)
    last = 0
    while batch := list(op.get_bind().execute(wanted.where(rows.c.id > last))):
        yield batch
        last = batch[-1].id


def _update(rows: Any, changed: list[dict[str, Any]], names: Any) -> None:
    if changed:
        values = {name: sa.bindparam(name) for name in names}
        op.get_bind().execute(sa.update(rows).where(rows.c.id == sa.bindparam("row")).values(values), changed)
