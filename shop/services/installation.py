"""Which installation this database is, and the refusal to run it with another's keys."""

from __future__ import annotations

from sqlalchemy import ScalarSelect, inspect, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shop.config import Settings, stripe_account
from shop.crypto import ring
from shop.errors import SettingsError, Unreadable
from shop.extensions import db
from shop.models import Installation
from shop.services.unit_of_work import unit_of_work


def ensure(settings: Settings) -> None:
    """Make the installation's row on the first start; afterwards check that the mode is still the same.

    Raises SettingsError when the database was made with keys of the other mode or of another account: its
    payments would be looked for where they never were; and when it is sealed with a key that ENCRYPTION_KEYS lacks.
    Before its migrations there is nothing to check. A repeat changes nothing; processes that start together make
    one row.
    """
    there = inspect(db.engine)
    if not there.has_table(Installation.__tablename__):
        return
    if not any(column["name"] == "keys_known_by" for column in there.get_columns(Installation.__tablename__)):
        return
    try:
        _ensure(settings)
    except IntegrityError:
        # Another process has made the row between our look and our insert.
        _ensure(settings)


def _ensure(settings: Settings) -> None:
    with unit_of_work(write=True) as session:
        row = session.get(Installation, 1)
        if row is None:
            row = Installation(id=1, mode=settings.mode, keys_known_by=ring().ids[0])
            session.add(row)
        problems = [*_disagreements(row, settings), *_key_problems(session)]
        if problems:
            raise SettingsError(problems)
        row.stripe_account = _stripe_account(settings) or row.stripe_account
        row.paypal_account = _paypal_account(settings) or row.paypal_account


def code(session: Session) -> str:
    """Return the installation's id: six characters, part of every key and order number."""
    row = session.get_one(Installation, 1)
    return row.code


def next_order_number(session: Session) -> str:
    """Return the next order number, such as TT-7K3XQ2-00042; call it inside the transaction that uses it."""
    statement = update(Installation).where(Installation.id == 1).values(order_counter=Installation.order_counter + 1)
    code, counter = session.execute(statement.returning(Installation.code, Installation.order_counter)).one()
    return f"TT-{code}-{counter:05d}"


def as_order_number(session: Session, typed: str) -> str:
    """Return an order number as it is written, from one that was typed without its hyphens, with spaces, or small."""
    compact = "".join(char for char in typed.upper() if char.isascii() and char.isalnum())
    own = f"TT{code(session)}"
    counter = compact.removeprefix(own)
    return f"TT-{code(session)}-{counter}" if compact.startswith(own) else typed.strip().upper()


def order_number(counter: int) -> ScalarSelect[str]:
    """Return the order number that ends with a counter, as an expression for a query."""
    number = literal("TT-") + Installation.code + literal(f"-{counter:05d}")
    return select(number).where(Installation.id == 1).scalar_subquery()


def _disagreements(row: Installation, settings: Settings) -> list[str]:
    found = []
    if row.mode != settings.mode:
        found.append(
            f"DATABASE_URL names a database of {row.mode} payments, but the keys are {settings.mode} keys; "
            f"use a database of its own for each mode"
        )
    for name, old, new in (
        ("STRIPE_SECRET_KEY", row.stripe_account, _stripe_account(settings)),
        ("PAYPAL_CLIENT_ID", row.paypal_account, _paypal_account(settings)),
    ):
        if old and new and old != new:
            found.append(
                f"{name} belongs to another account ({new}) than the payments in this database ({old}); "
                f"use that account's keys, or a database of its own"
            )
    return found


def _key_problems(session: Session) -> list[str]:
    """Return what is wrong where the database was sealed with a key that we do not hold: nothing could be read.

    What that is told by is written with the row, or by the migration that sealed an older database; afterwards
    `shop.services.rotation` alone seals it anew.
    """
    try:
        session.scalar(select(Installation.keys_known_by))
    except Unreadable as exc:
        return [f"ENCRYPTION_KEYS does not open this database: {exc}"]
    return []


def _stripe_account(settings: Settings) -> str | None:
    """Return the account of the secret key; None where there is no key, or one that does not tell."""
    return (stripe_account(settings.stripe.secret_key) or None) if settings.stripe else None


def _paypal_account(settings: Settings) -> str | None:
    return settings.paypal.client_id[:12] if settings.paypal else None
