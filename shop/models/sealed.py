"""Columns that are encrypted at rest: they read and write plain values, and the database sees none of them.

A new one names itself, since what is sealed opens in its own column only, and says how long its text may be:

    phone: Mapped[str] = mapped_column(SealedText("orders.phone", 40), default="")
    otp_secret: Mapped[str | None] = mapped_column(SealedText("user_account.otp_secret", 64))

`flask --app shop keys rotate` finds every such column by its type. None can be searched, sorted or compared in SQL,
and says so when it is tried; what must be, such as a country or a mail address, stays clear.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Column, Dialect, LargeBinary, Text
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator

from shop.crypto import ring

_ALLOWED = (operators.is_, operators.is_not)  # whether there is anything at all


class _Unsearchable(TypeDecorator.Comparator[Any]):
    """Refuse to compare what is never the same twice: such a query would silently find nothing."""

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        """Allow IS NULL and its opposite only, and that SQLAlchemy itself compares columns: as keys of its tables."""
        if op not in _ALLOWED and not (other and all(isinstance(one, Column) for one in other)):
            raise TypeError(f"{self.expr} is sealed: the database cannot compare it; load the rows and compare there")
        return super().operate(op, *other, **kwargs)

    reverse_operate = operate


class SealedText(TypeDecorator[str]):
    """A text of at most `length` characters, sealed. An empty one stays empty: it has nothing to hide."""

    impl = Text
    cache_ok = True
    comparator_factory = _Unsearchable

    def __init__(self, label: str, length: int) -> None:
        super().__init__()
        self.label = label
        self.length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal; refuse what is too long, as the database would."""
        if not value:
            return value
        if len(value) > self.length:
            raise ValueError(f"{self.label} holds at most {self.length} characters, not {len(value)}")
        return ring().seal(value, self.label)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what was sealed; raises Unreadable."""
        return ring().open(value, self.label) if value else value


class SealedJson(TypeDecorator[Any]):
    """Anything that JSON can say, sealed as bytes."""

    impl = LargeBinary
    cache_ok = True
    comparator_factory = _Unsearchable

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Seal; None is NULL."""
        if value is None:
            return None
        return ring().seal_bytes(json.dumps(value, separators=(",", ":")).encode(), self.label)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Return what was sealed; raises Unreadable."""
        return None if value is None else json.loads(ring().open_bytes(value, self.label))
