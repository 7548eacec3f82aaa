"""The unit of work: where a transaction begins and ends.

The entry function of a use case opens one; every step inside takes the session and never commits. When it
ends the rows are detached: what a page needs was loaded with them, and no attribute opens a transaction
behind anybody's back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Executable, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from shop.errors import DatabaseAway, TransactionOpen
from shop.extensions import BEGIN_IMMEDIATE, Model, db

T = TypeVar("T")

# SQLite has one writer; waiting here is fair and short, where its own busy handler sleeps and starves.
_one_writer = threading.Lock()
_AFTERWARDS = "after_commit"


def _current() -> Session:
    return db.session()


def _is_open() -> bool:
    """Tell whether a transaction is open here; to find out, no session is made where there is none."""
    return db.session.registry.has() and _current().in_transaction()


@contextmanager
def unit_of_work(*, write: bool = False) -> Iterator[Session]:
    """Open a transaction; commit at the end, roll back on any exception. Units of work do not nest.

    Raises DatabaseAway where there is no connection, or it breaks; whoever comes later gets a new one.

    With `write`, SQLite begins the transaction IMMEDIATE behind one lock per process; reads wait for nobody.
    """
    session = _current()
    if session.in_transaction():
        raise TransactionOpen("a unit of work was opened inside another; pass the session down instead")
    sqlite = db.engine.dialect.name == "sqlite"
    with _one_writer if write and sqlite else nullcontext():
        try:
            _connect(session, write=write)
            yield session
            session.commit()
            afterwards = session.info.pop(_AFTERWARDS, {})
        except BaseException as exc:
            session.info.pop(_AFTERWARDS, None)
            session.rollback()
            if isinstance(exc, DBAPIError) and exc.connection_invalidated:
                raise DatabaseAway("the connection to the database broke") from exc
            raise
        finally:
            session.close()
    for action in afterwards.values():
        action()


def ask_alone(query: Select[T]) -> T | None:
    """Return the first column of the first row that a query finds, in a transaction of its own.

    For what every page asks: without a session, and on PostgreSQL in one exchange where a unit of work takes three.
    """
    if _is_open():
        raise TransactionOpen("a question was to be asked by itself inside an open transaction; pass the session down")
    engine = db.engine
    alone = {} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    with engine.connect().execution_options(**alone) as connection:
        return connection.scalar(query)


def _connect(session: Session, *, write: bool) -> None:
    """Begin the transaction; where not even that can be done, the database is away."""
    try:
        session.connection(execution_options={BEGIN_IMMEDIATE: write})
    except OperationalError as exc:
        raise DatabaseAway("the database does not answer") from exc


def insert_alone(model: type[Model], key: Sequence[str], values: Mapping[str, Any]) -> bool:
    """Insert one row as a transaction of its own; False where a row with the same unique `key` stands already.

    For what comes hundreds of times a second: on PostgreSQL it costs one exchange, where a unit of work costs three.
    Raises DatabaseAway where it cannot be stored.
    """
    if _is_open():
        raise TransactionOpen("a row was to be inserted by itself inside an open transaction")
    engine = db.engine
    insert = _insert_or_ignore(engine.dialect.name, model, tuple(key))
    try:
        if engine.dialect.name == "sqlite":
            with _one_writer, engine.connect().execution_options(**{BEGIN_IMMEDIATE: True}) as connection:
                touched = connection.execute(insert, values).rowcount
                connection.commit()
                return bool(touched == 1)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return bool(connection.execute(insert, values).rowcount == 1)
    except OperationalError as exc:
        raise DatabaseAway("the database does not answer, or cannot store anything") from exc


def insert_unless_there(session: Session, model: type[Model], key: Sequence[str], values: Mapping[str, Any]) -> bool:
    """Insert one row inside a transaction; False where a row with the same unique `key` stands, or came first just now.

    For a key that several orders share, so that no lock of theirs covers it: the transaction goes on either way.
    """
    insert = _insert_or_ignore(session.get_bind().dialect.name, model, tuple(key))
    return cast(CursorResult[Any], session.execute(insert, values)).rowcount == 1


@cache
def _insert_or_ignore(dialect: str, model: type[Model], key: tuple[str, ...]) -> Executable:
    """Return the statement, kept, since making it anew costs more than running it; `inline` asks for no new id."""
    table = cast(Table, model.__table__)
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return insert.inline().on_conflict_do_nothing(index_elements=key).execution_options(preserve_rowcount=True)


def after_commit(session: Session, name: str, action: Callable[[], object]) -> None:
    """Have `action` run once the transaction is committed, and not at all if it is rolled back; once per name.

    For wake-ups only: what must not be lost is a row.
    """
    session.info.setdefault(_AFTERWARDS, {})[name] = action


def assert_no_transaction() -> None:
    """Raise TransactionOpen if a transaction is open: a provider is about to be called."""
    if _is_open():
        raise TransactionOpen("a provider was about to be called inside an open transaction")
