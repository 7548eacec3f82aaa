"""The demo's catalogue: one module for each kind of goods, each product with the facts its tin is drawn from.

Prices are in minor units, tax included, one per currency: there is no conversion. A third language is one more module
of texts and one more line in TEXTS.
"""

from __future__ import annotations

from collections.abc import Mapping

from shop.services.seed_catalogue import black, german, gifts, green, herbal, oolong, teaware, white
from shop.services.seed_catalogue.entry import Entry, Item, Text

ENTRIES: tuple[Entry, ...] = (
    *black.ENTRIES,
    *green.ENTRIES,
    *oolong.ENTRIES,
    *white.ENTRIES,
    *herbal.ENTRIES,
    *teaware.ENTRIES,
    *gifts.ENTRIES,
)
TEXTS: Mapping[str, Mapping[str, Text]] = {"de": german.TEXTS}

__all__ = ["ENTRIES", "TEXTS", "Entry", "Item", "Text"]
