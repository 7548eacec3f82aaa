"""The catalogue as a visitor sees it: what is listed, in one currency."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from shop.errors import NotFound
from shop.models import Price, Product, Variant
from shop.money import Money
from shop.services.unit_of_work import unit_of_work

CATEGORIES = ("black", "green", "oolong", "white", "herbal", "teaware")


@dataclass(frozen=True)
class Offer:
    """A variant that is sold in the visitor's currency, tax included."""

    variant: Variant
    price: Money

    @property
    def in_stock(self) -> bool:
        """Tell whether at least one can be bought now."""
        return self.variant.stock > 0


@dataclass(frozen=True)
class Listing:
    """A product with what can be bought of it in the visitor's currency, cheapest first; `offers` is never empty."""

    product: Product
    offers: tuple[Offer, ...]

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


def listings(currency: str, category: str | None = None) -> list[Listing]:
    """Return what is listed and sold in a currency, in the catalogue's order; of one category, if one is named."""
    query = select(Product).where(Product.is_listed).order_by(Product.position, Product.id)
    if category is not None:
        query = query.where(Product.category == category)
    with unit_of_work() as session:
        products = session.scalars(query).all()
    found = (_listing(product, currency) for product in products)
    return [listing for listing in found if listing.offers]


def listing(slug: str, currency: str) -> Listing:
    """Return one product; raise NotFound where it is not listed, or not sold in the currency."""
    with unit_of_work() as session:
        product = session.scalar(select(Product).where(Product.slug == slug, Product.is_listed))
    found = _listing(product, currency) if product is not None else None
    if found is None or not found.offers:
        raise NotFound("We have no such tea.")
    return found


def listing_with(sku: str, currency: str) -> Listing:
    """Return the product that has a variant; the same errors as `listing`."""
    with unit_of_work() as session:
        slug = session.scalar(select(Product.slug).join(Variant).where(Variant.sku == sku))
    return listing(slug or "", currency)


def currencies() -> list[str]:
    """Return the currencies that anything has a price in, in alphabetical order."""
    with unit_of_work() as session:
        return sorted(session.scalars(select(Price.currency).distinct()))


def _listing(product: Product, currency: str) -> Listing:
    priced = ((variant, variant.price_in(currency)) for variant in product.variants)
    offers = [Offer(variant, price) for variant, price in priced if price is not None]
    return Listing(product, tuple(sorted(offers, key=lambda offer: offer.price.amount)))
