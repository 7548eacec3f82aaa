"""The Flask extensions, made here without an app and bound to one in `create_app`."""

from __future__ import annotations

import sqlite3
import time
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from flask import request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase

from shop.signing import RenewedLogins

# Alembic can only drop what it can name.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The declarative base of every table."""

    metadata = MetaData(naming_convention=NAMING)


# Rows outlive their unit of work: a page reads them after the transaction is over, and reading opens no new one.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
if TYPE_CHECKING:
    Model = Base  # what a type checker can follow; at run time it is Flask-SQLAlchemy's class made from it
else:
    Model = db.Model
migrate = Migrate()
login_manager = RenewedLogins()
csrf = CSRFProtect()
babel = Babel()


def network() -> str:
    """Return whose requests are counted together: an IPv4 address, or the /64 that one IPv6 customer is given whole.

    The address is the peer's, or what the proxies that TRUSTED_PROXIES counts say of it.
    """
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return str(ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)


limiter = Limiter(key_func=network)

BEGIN_IMMEDIATE = "begin_immediate"
REST = 1.0  # seconds without use after which a connection is tried before it is used


def prepare_sqlite(engine: Engine) -> None:
    """Make SQLite durable and let it say when a write begins; other databases are left alone.

    Python's driver begins transactions by itself and too late; it is told to keep out, and BEGIN is sent
    here: IMMEDIATE for a writing unit of work, so that it waits for its turn instead of failing at the end.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(BEGIN_IMMEDIATE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def prepare_postgresql(engine: Engine) -> None:
    """Try a connection that has rested before it is used, so that a restart goes unnoticed; SQLite is left alone.

    SQLAlchemy's own `pool_pre_ping` tries each time, which costs every transaction one more exchange: a tenth of what
    taking in a webhook takes. A connection that was in use a moment ago is as good as one that is in use; should it
    break all the same, that one request fails as one under way does, and all connections are made anew.
    """
    if engine.dialect.name == "sqlite":
        return

    @event.listens_for(engine, "checkin")
    def _rest(connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _try(connection: Any, record: Any, proxy: Any) -> None:
        since: float | None = record.info.get("rests_since")
        if since is None or time.monotonic() - since < REST:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as exc:
            raise InvalidatePoolError("the connection broke while it rested") from exc
