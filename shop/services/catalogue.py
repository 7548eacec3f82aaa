"""The catalogue as a visitor sees it: what is listed, in one language and one currency."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.errors import NotFound
from shop.models import Product, ProductText
from shop.money import Money
from shop.services import search
from shop.services.providers import context
from shop.services.shelf import Goods, Shelf, Size

CATEGORIES = ("black", "green", "oolong", "white", "herbal", "teaware", "gifts")
CAFFEINE = ("none", "low", "medium", "high")
SORTS = ("catalogue", "price", "price-down", "name", "newest")
PER_PAGE = 12
LOW_STOCK = 5  # units: from here on a page says how many are left


@dataclass(frozen=True)
class Shown:
    """A product in the visitor's language."""

    id: int
    slug: str
    category: str
    name: str
    summary: str
    description: str
    facts: Mapping[str, Any]
    available_from: date | None


@dataclass(frozen=True)
class Offer:
    """A variant that is sold in the visitor's currency, tax included."""

    variant: Size
    price: Money

    @property
    def in_stock(self) -> bool:
        """Tell whether at least one can be bought now."""
        return self.variant.stock > 0

    @property
    def is_low(self) -> bool:
        """Tell whether only a few are left."""
        return 0 < self.variant.stock <= LOW_STOCK

    @property
    def per_kilogram(self) -> Money | None:
        """Return the price of a kilogram, rounded half up; None where it is not sold by weight.

        Packed goods name it by the kilogram in Germany, whatever the pack weighs (PAngV, sections 4 and 5).
        """
        net = self.variant.net
        return Money((self.price.amount * 2000 + net) // (2 * net), self.price.currency) if net else None


@dataclass(frozen=True)
class Listing:
    """A product with what can be bought of it in the visitor's currency, cheapest first; `offers` is never empty.

    `drawn` is what has been made of it, by what for; it goes with the listing when the shelf is read anew.
    """

    product: Shown
    offers: tuple[Offer, ...]
    drawn: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def lowest(self) -> Money:
        """Return the price to show as "from"."""
        return self.offers[0].price

    @property
    def in_stock(self) -> bool:
        """Tell whether any variant can be bought now."""
        return any(offer.in_stock for offer in self.offers)

    @property
    def preferred(self) -> Offer:
        """Return what a visitor most likely wants: the first offer that is in stock, else the first."""
        return next((offer for offer in self.offers if offer.in_stock), self.offers[0])


@dataclass(frozen=True)
class Wanted:
    """What a visitor looks for; prices in whole units of their currency, both ends included."""

    query: str = ""
    category: str = ""
    in_stock: bool = False
    least: int | None = None
    most: int | None = None
    country: str = ""
    caffeine: str = ""
    sort: str = "catalogue"
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        """Tell whether anything but a category, an order or a page was asked for."""
        narrowed = (self.query, self.in_stock, self.country, self.caffeine)
        return any(narrowed) or self.least is not None or self.most is not None


@dataclass(frozen=True)
class Found:
    """One page of what was found. `near` is what comes closest, filled only where nothing was found."""

    listings: tuple[Listing, ...]
    total: int
    page: int
    pages: int
    countries: tuple[str, ...]
    near: tuple[Listing, ...] = ()


def browse(wanted: Wanted, currency: str, locale: str, category_names: Mapping[str, str]) -> Found:
    """Return one page of what meets every wish; a page past the last is the last."""
    everything = listings(currency, locale)
    has_wishes = wanted.is_filtered or wanted.category
    met = [listing for listing in everything if _meets(listing, wanted)] if has_wishes else list(everything)
    if wanted.query:
        met = _searched(met, wanted.query, category_names)
    if wanted.sort != "catalogue":
        met = sorted(met, key=_ORDERS[wanted.sort])
    pages = max(1, -(-len(met) // PER_PAGE))
    page = min(wanted.page, pages)
    return Found(
        listings=tuple(met[(page - 1) * PER_PAGE : page * PER_PAGE]),
        total=len(met),
        page=page,
        pages=pages,
        countries=tuple(sorted({str(found.product.facts.get("country", "")) for found in everything} - {""})),
        near=() if met else _near(everything, wanted, category_names),
    )


_ORDERS: Mapping[str, Any] = {
    "price": lambda listing: listing.lowest.amount,
    "price-down": lambda listing: -listing.lowest.amount,
    "name": lambda listing: sorted(search.spellings(listing.product.name)),
    "newest": lambda listing: -listing.product.id,
}


def _meets(listing: Listing, wanted: Wanted) -> bool:
    """Tell whether a product meets every wish but the words; a price is met by any of its variants."""
    product, facts = listing.product, listing.product.facts
    return (
        wanted.category in ("", product.category)
        and wanted.country in ("", facts.get("country"))
        and wanted.caffeine in ("", facts.get("caffeine"))
        and any(_is_priced(offer, wanted) for offer in listing.offers if offer.in_stock or not wanted.in_stock)
    )


def _is_priced(offer: Offer, wanted: Wanted) -> bool:
    return (wanted.least is None or offer.price.to_decimal() >= wanted.least) and (
        wanted.most is None or offer.price.to_decimal() <= wanted.most
    )


def _searched(among: Sequence[Listing], query: str, names: Mapping[str, str], *, every: bool = True) -> list[Listing]:
    """Return what the words of a query are found in, the best first; equals stay in the catalogue's order."""
    asked = search.words(query)
    scored = [(search.score(asked, _index(listing.product, names), every=every), listing) for listing in among]
    return [listing for points, listing in sorted(scored, key=lambda pair: -pair[0]) if points > 0]


def _index(product: Shown, names: Mapping[str, str]) -> search.Index:
    facts = product.facts
    return search.index(
        (
            (product.name, search.NAME),
            (product.slug, search.NAME / 2),
            (names.get(product.category, product.category), search.KIND),
            (str(facts.get("taste", "")), search.TASTE),
            (" ".join(str(facts.get(part, "")) for part in ("origin", "place", "material")), search.REST),
            (product.summary, search.REST / 2),
        )
    )


def _near(everything: Sequence[Listing], wanted: Wanted, names: Mapping[str, str]) -> tuple[Listing, ...]:
    """Return what comes closest: the words without the filters, then any of the words, then the kind, then anything."""
    for every in (True, False):
        if wanted.query and (found := _searched(everything, wanted.query, names, every=every)):
            return tuple(found[:3])
    of_kind = [found for found in everything if found.product.category == wanted.category and found.in_stock]
    return tuple((of_kind or [found for found in everything if found.in_stock])[:3])


def listings(currency: str, locale: str) -> tuple[Listing, ...]:
    """Return what is listed and sold in a currency, in the catalogue's order; made once for each shelf."""
    shown, key = shelf(), (currency, locale)
    if key not in shown.listings:
        found = (_listing(goods, currency, locale) for goods in shown.goods)
        shown.listings[key] = tuple(listing for listing in found if listing.offers)
    made: tuple[Listing, ...] = shown.listings[key]
    return made


def listing(slug: str, currency: str, locale: str) -> Listing:
    """Return one product; raise NotFound where it is not listed, or not sold in the currency."""
    for found in listings(currency, locale):
        if found.product.slug == slug:
            return found
    raise NotFound(_("We have no such tea."))


def listing_with(sku: str, currency: str, locale: str) -> Listing:
    """Return the product that has a variant; the same errors as `listing`."""
    for found in listings(currency, locale):
        if any(offer.variant.sku == sku for offer in found.offers):
            return found
    raise NotFound(_("We have no such tea."))


def companions(of: Listing, currency: str, locale: str) -> list[Listing]:
    """Return what goes well with a product and can be bought now: what it names, then others of its kind."""
    named = list(of.product.facts.get("with", ()))
    others = [other for other in listings(currency, locale) if other.in_stock and other.product.slug != of.product.slug]
    chosen = [other for slug in named for other in others if other.product.slug == slug]
    same = [other for other in others if other.product.category == of.product.category and other not in chosen]
    return (chosen + same)[:3]


def currencies() -> list[str]:
    """Return the currencies that anything has a price in, in alphabetical order."""
    return list(shelf().currencies)


def shelf() -> Shelf:
    """Return what is listed, as old as the shelf's lifetime at most."""
    return context().shelves.current()


def language_of(locale: str) -> str:
    """Return the language that products are told in, of a locale: "de" of "de_AT"."""
    return locale.replace("-", "_").split("_")[0]


def names(session: Session, product_ids: Collection[int], locale: str) -> dict[int, str]:
    """Return what products are called in a language, by id, with one statement; an order's lines keep these names."""
    text = (ProductText.product_id == Product.id) & (ProductText.locale == language_of(locale))
    query = (
        select(Product.id, func.coalesce(ProductText.name, Product.name).label("name"))
        .outerjoin(ProductText, text)
        .where(Product.id.in_(product_ids))
    )
    return {row.id: row.name for row in session.execute(query)}


def names_here(session: Session, product_ids: Collection[int]) -> dict[int, str]:
    """Return what products are called in the language of whoever is reading."""
    return names(session, product_ids, str(get_locale() or "en"))


def _listing(goods: Goods, currency: str, locale: str) -> Listing:
    said = goods.words(locale)
    shown = Shown(
        goods.id, goods.slug, goods.category, said.name, said.summary, said.description, said.facts,
        goods.available_from,
    )  # fmt: skip
    offers = [
        Offer(size, Money(size.prices[currency], currency)) for size in goods.sizes if currency in size.prices
    ]
    return Listing(shown, tuple(sorted(offers, key=lambda offer: offer.price.amount)))
