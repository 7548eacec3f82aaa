"""The shelf: the whole catalogue, read with two statements and kept in the process for a few seconds.

Everything a visitor looks at comes from here, so a page costs no statement while the shelf is fresh. What it shows of
stock and prices may be as old as the lifetime; what is put into a cart or charged is always looked up anew, under lock,
so nothing hangs on it. There is no version number in the database: every order changes stock, and a row that every
order writes would make them queue. A short lifetime needs no such row and cannot be forgotten by whoever writes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.models import Price, Product, ProductText, Variant
from shop.services.unit_of_work import unit_of_work

MOST_PAGES = 400  # rendered pages kept at once: addresses are the visitor's to choose, memory is ours


@dataclass(frozen=True)
class Words:
    """What a product is called and said of it in one language, the facts of its table included."""

    name: str
    summary: str
    description: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Size:
    """A variant: `net` in grams where it is sold by weight, `prices` in minor units by currency, tax included."""

    sku: str
    label: str
    stock: int
    net: int | None
    prices: Mapping[str, int]


@dataclass(frozen=True)
class Goods:
    """A product that is listed, in all its languages, with its sizes in the merchant's order."""

    id: int
    slug: str
    category: str
    available_from: date | None
    own: Words
    texts: Mapping[str, Words]
    sizes: tuple[Size, ...]

    def words(self, locale: str) -> Words:
        """Return the texts in a language ("de", "de_AT"); its own where there are none."""
        return self.texts.get(locale) or self.texts.get(locale.replace("-", "_").split("_")[0]) or self.own


@dataclass(frozen=True)
class Shelf:
    """Everything that is listed, in the catalogue's order.

    What is made from it is kept with it, and goes with it: `listings` by currency and language, `pages` by what they
    hang on.
    """

    goods: tuple[Goods, ...]
    currencies: tuple[str, ...]
    listings: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False)
    pages: dict[tuple[str, ...], str] = field(default_factory=dict, compare=False)

    def keep(self, key: tuple[str, ...], page: str) -> None:
        """Keep a rendered page for as long as this shelf is fresh; nothing happens where too many are kept already."""
        if len(self.pages) < MOST_PAGES:
            self.pages[key] = page


class Shelves:
    """The shelf of this process, read again when it is older than `lifetime` seconds; 0 reads it every time."""

    def __init__(self, lifetime: float) -> None:
        self.lifetime = lifetime
        self._lock = threading.Lock()
        self._shelf: Shelf | None = None
        self._until = 0.0

    def current(self) -> Shelf:
        """Return the shelf; when it has aged, one thread reads it and the others go on with the old one."""
        old = self._shelf
        if old is not None and time.monotonic() < self._until:
            return old
        if not self._lock.acquire(blocking=old is None):
            assert old is not None
            return old
        try:
            if self._shelf is not old and self._shelf is not None:
                return self._shelf  # another thread read it while this one waited
            with unit_of_work() as session:
                found = read(session)
            if self.lifetime > 0:
                self._shelf, self._until = found, time.monotonic() + self.lifetime
            return found
        finally:
            self._lock.release()


def read(session: Session) -> Shelf:
    """Return the whole shelf, with two statements whatever its size."""
    query = (
        select(
            *Product.__table__.columns,
            *(Variant.sku, Variant.label, Variant.stock, Variant.net),
            *(Price.currency, Price.amount),
        )
        .join(Variant, Variant.product_id == Product.id)
        .join(Price, Price.variant_id == Variant.id)
        .where(Product.is_listed)
        .order_by(Product.position, Product.id, Variant.position, Variant.id)
    )
    texts = _texts(session)
    sizes: dict[int, dict[str, Size]] = {}
    rows: dict[int, Any] = {}
    prices: dict[str, dict[str, int]] = {}
    for row in session.execute(query):
        rows.setdefault(row.id, row)
        amounts = prices.setdefault(row.sku, {})
        amounts[row.currency] = row.amount
        sizes.setdefault(row.id, {}).setdefault(row.sku, Size(row.sku, row.label, row.stock, row.net, amounts))
    goods = tuple(_goods(row, texts.get(row.id, {}), tuple(sizes[row.id].values())) for row in rows.values())
    return Shelf(goods, tuple(sorted({currency for amounts in prices.values() for currency in amounts})))


def _texts(session: Session) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in session.execute(select(*ProductText.__table__.columns)):
        found.setdefault(row.product_id, {})[row.locale] = row
    return found


def _goods(row: Any, texts: Mapping[str, Any], sizes: tuple[Size, ...]) -> Goods:
    return Goods(
        id=row.id,
        slug=row.slug,
        category=row.category,
        available_from=row.available_from,
        own=Words(row.name, row.summary, row.description, row.facts),
        texts={
            locale: Words(text.name, text.summary, text.description, {**row.facts, **text.facts})
            for locale, text in texts.items()
        },
        sizes=sizes,
    )
