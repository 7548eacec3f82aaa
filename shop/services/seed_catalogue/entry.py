"""What one product of the demo's catalogue is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Item:
    """A variant: its weight with packaging in grams, its stock, and its prices in EUR, USD, GBP and JPY."""

    sku: str
    label: str
    weight: int
    stock: int
    eur: int
    usd: int
    gbp: int
    jpy: int

    @property
    def prices(self) -> Mapping[str, int]:
        """Return the price list, minor units by currency."""
        return {"EUR": self.eur, "USD": self.usd, "GBP": self.gbp, "JPY": self.jpy}

    @property
    def net(self) -> int | None:
        """Return the grams of the goods alone, where the label says how many."""
        found = re.fullmatch(r"(\d+) g", self.label)
        return int(found[1]) if found else None


@dataclass(frozen=True)
class Text:
    """A product in another language: its name, what is said of it, and the facts that are words."""

    name: str
    summary: str
    description: str
    facts: Mapping[str, str]


@dataclass(frozen=True)
class Entry:
    """A product. `facts` has water in °C, minutes to draw, grams to 200 ml, altitude in metres, volume in ml.

    `country` is ISO 3166-1 alpha-2; `caffeine` is none, low, medium or high; `with` names slugs that it goes with.
    """

    slug: str
    name: str
    category: str
    summary: str
    description: str
    facts: Mapping[str, Any]
    items: tuple[Item, ...] = field(default=())
    available_from: date | None = None
