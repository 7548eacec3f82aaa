"""What every table shares: times in UTC, public ids, and the table of legal moves."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

from shop.errors import IllegalTransition

# No 0/O, 1/I/L: a public id may be read over the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

S = TypeVar("S", bound=StrEnum)
Moves = Mapping[S, frozenset[S]]


def public_id(length: int = 16) -> str:
    """Return a random id that may be shown; 16 characters carry 79 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def utc_now() -> datetime:
    """Return wall time in UTC, for columns that record when a row was made."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC, on databases with and without time zones; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time; SQLite stores what it is given, so it is given UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone was about to be stored; use an aware one")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(TypeDecorator[Any]):
    """A StrEnum stored as its text, so that a new state needs no change of type in the database."""

    impl = String(24)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__(24)
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Accept the enum or its text; refuse any other word."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Return the enum."""
        return None if value is None else self.kind(value)


def check_move(moves: Moves[S], kind: str, old: S, new: S) -> bool:
    """Return False for a repeat and True for a legal move; raise IllegalTransition for any other."""
    if old == new:
        return False
    if new not in moves[old]:
        raise IllegalTransition(f"a {kind} does not go from {old} to {new}")
    return True
