"""The pages that the law wants a shop to lead to: what they say is the merchant's, and where they are, a setting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from shop.services.providers import context

# In the order in which they are shown. `Settings.legal_pages` holds the addresses, by the same names.
NAMES = {
    "imprint": _l("Imprint"),
    "terms": _l("Terms"),
    "withdrawal": _l("Right of withdrawal"),
    "privacy": _l("Privacy"),
}
OF_AN_ORDER = ("terms", "withdrawal", "privacy")  # what a customer can read before anything is ordered


@dataclass(frozen=True)
class LegalPage:
    """One of those pages: what it is called in the reader's language, and its address."""

    name: str
    url: str


def pages() -> list[LegalPage]:
    """Return the pages that the merchant has; none in a shop that sells nothing yet."""
    return _those(NAMES)


def of_an_order() -> list[LegalPage]:
    """Return those that hold for an order, to be read before it is placed."""
    return _those(OF_AN_ORDER)


def _those(names: Iterable[str]) -> list[LegalPage]:
    urls = context().settings.legal_pages
    return [LegalPage(str(NAMES[name]), urls[name]) for name in names if urls.get(name)]
