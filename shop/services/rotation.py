"""Changing the keys that seal: everything is sealed anew with the first of them, and then the old ones may go.

It may run while the shop sells: a row is changed only where it still reads as it was read, so that a customer's own
change is never overwritten. It may be broken off and begun again: what is done already is not looked at. The
installation's own value comes last, and only once nothing else is left: the shop refuses to start without its key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Column, ColumnElement, Integer, and_, bindparam, func, or_, select, table, update
from sqlalchemy import column as plain
from sqlalchemy.orm import Session

from shop.crypto import BINARY_HEAD, TEXT_HEAD, TEXT_MARK, KeyRing, binary_head, ring, text_head
from shop.errors import Unreadable
from shop.extensions import db
from shop.models import Installation
from shop.models.sealed import SealedJson, SealedText
from shop.services.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

AT_ONCE = 200
UNSEALED = "none"


@dataclass(frozen=True)
class Held:
    """How many values of one column are sealed with one key; `key` is "none" where something stands unsealed."""

    column: str
    key: str
    count: int


@dataclass(frozen=True)
class Report:
    """What is sealed with which key."""

    first: str
    ring: tuple[str, ...]
    held: tuple[Held, ...]

    @property
    def by_key(self) -> Counter[str]:
        """Return how many values each key is needed for."""
        counted: Counter[str] = Counter()
        for held in self.held:
            counted[held.key] += held.count
        return counted

    @property
    def left(self) -> int:
        """Return how many values are not sealed with the first key yet."""
        return sum(count for key, count in self.by_key.items() if key != self.first)

    @property
    def lacking(self) -> list[str]:
        """Return the keys that something is sealed with and the ring has not: that cannot be read."""
        return sorted(key for key in self.by_key if key not in (*self.ring, UNSEALED))

    @property
    def idle(self) -> list[str]:
        """Return the keys that nothing in the database needs any longer."""
        return [key for key in self.ring[1:] if not self.by_key[key]]


@dataclass(frozen=True)
class _Kind:
    """How one kind of sealed column is told apart and sealed anew, on what is stored and not on what it says."""

    stored: Any
    head: Callable[[str], Any]
    head_length: int
    again: Callable[[KeyRing, Any, str], Any]


_KINDS: dict[type[Any], _Kind] = {
    SealedText: _Kind(
        SealedText.impl(), text_head, TEXT_HEAD, lambda keys, old, label: keys.seal(keys.open(old, label), label)
    ),
    SealedJson: _Kind(
        SealedJson.impl(),
        binary_head,
        BINARY_HEAD,
        lambda keys, old, label: keys.seal_bytes(keys.open_bytes(old, label), label),
    ),
}


def sealed_columns() -> dict[str, list[Column[Any]]]:
    """Return every sealed column, by table."""
    found = {
        one.name: [column for column in one.columns if type(column.type) in _KINDS]
        for one in db.metadata.sorted_tables
    }
    return {name: columns for name, columns in found.items() if columns}


def status() -> Report:
    """Count what is sealed with which key. It reads every sealed column: seconds, where there are many orders."""
    with unit_of_work() as session:
        held = [one for columns in sealed_columns().values() for column in columns for one in _held(session, column)]
    return Report(ring().ids[0], ring().ids, tuple(held))


def rotate(tell: Callable[[str, int], None] = lambda table, count: None) -> Report:
    """Seal with the first key whatever is not, and tell what is left; a repeat changes nothing.

    `tell` is called for each table with how many rows were changed. A value that cannot be read, since its key is not
    in the ring or it stands unsealed, is left as it is and logged; the report counts it.
    """
    columns = sealed_columns()
    own = columns.pop(Installation.__tablename__)
    for name in columns:
        count = sum(_rotated(columns[name]))
        log.info("sealed_anew", table=name, rows=count)
        tell(name, count)
    report = status()
    if all(held.key == report.first or held.column == _label(own[0]) for held in report.held):
        sum(_rotated(own))
        report = status()
    return report


def _rotated(columns: Sequence[Column[Any]]) -> Iterator[int]:
    """Seal a table's rows anew, so many at a time, each time in a transaction of its own; yield how many."""
    rows = _as_stored(columns)
    needed = or_(*(_needs_key(rows.c[column.name], column) for column in columns))
    wanted = select(rows).where(needed).order_by(rows.c.id).limit(AT_ONCE)
    last = 0
    while True:
        with unit_of_work() as session:
            batch = session.execute(wanted.where(rows.c.id > last)).mappings().all()
        if not batch:
            return
        changes = [(row, {column.name: _again(column, row) for column in columns}) for row in batch]
        with unit_of_work(write=True) as session:
            count = sum(_rewrite(session, rows, old, new) for old, new in changes)
        yield count
        last = batch[-1]["id"]


def _rewrite(session: Session, rows: Any, old: Mapping[Any, Any], new: Mapping[str, Any]) -> int:
    """Store one row as it is sealed anew, unless it has changed since it was read; return how many were changed."""
    values = {name: value for name, value in new.items() if value is not None}
    if not values:
        return 0
    same = and_(rows.c.id == old["id"], *(rows.c[name] == bindparam(f"old_{name}", old[name]) for name in values))
    return int(session.execute(update(rows).where(same).values(values)).rowcount)  # type: ignore[attr-defined]


def _again(column: Column[Any], row: Mapping[Any, Any]) -> Any:
    """Return what a column is to hold; None where it holds nothing, is sealed with the first key, or does not open."""
    kind, old = _KINDS[type(column.type)], row[column.name]
    if not old or old[: kind.head_length] == kind.head(ring().ids[0]):
        return None
    try:
        return kind.again(ring(), old, _label(column))
    except Unreadable as exc:
        log.error("not_sealed_anew", column=_label(column), row=row["id"], error=str(exc))
        return None


def _held(session: Session, column: Column[Any]) -> Iterator[Held]:
    kind, rows = _KINDS[type(column.type)], _as_stored([column])
    stored = rows.c[column.name]
    head = func.substr(stored, 1, kind.head_length, type_=kind.stored)
    counted = select(head, func.count()).where(_holds_something(stored)).group_by(head)
    found: Counter[str] = Counter()
    for value, count in session.execute(counted):
        found[_key_of(value)] += count
    for key, count in sorted(found.items()):
        yield Held(_label(column), key, count)


def _key_of(head: str | bytes) -> str:
    """Return the key that the beginning of a value names."""
    if isinstance(head, str):
        key = head[len(TEXT_MARK) : -1]
        return key if head == text_head(key) and len(head) == TEXT_HEAD else UNSEALED
    key = bytes(head)[1:].hex()
    return key if bytes(head) == binary_head(key) else UNSEALED


def _needs_key(stored: ColumnElement[Any], column: Column[Any]) -> ColumnElement[bool]:
    kind = _KINDS[type(column.type)]
    head = func.substr(stored, 1, kind.head_length, type_=kind.stored)
    return and_(_holds_something(stored), head != kind.head(ring().ids[0]))


def _holds_something(stored: ColumnElement[Any]) -> ColumnElement[bool]:
    return func.length(stored, type_=Integer()) > 0  # NULL is not


def _as_stored(columns: Sequence[Column[Any]]) -> Any:
    """Return a table's sealed columns as the database sees them."""
    stored = (plain(column.name, _KINDS[type(column.type)].stored) for column in columns)
    return table(_label(columns[0]).partition(".")[0], plain("id"), *stored)


def _label(column: Column[Any]) -> str:
    return str(column.type.label)  # type: ignore[attr-defined]
