"""The catalogue: products, their variants with stock, prices per currency, and how things are shipped."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.extensions import Model
from shop.money import Money


class Product(Model):
    """A tea or a piece of teaware. `facts` are what its table and its tin are drawn from (origin, harvest, ...)."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(40), index=True)
    summary: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    position: Mapped[int] = mapped_column(default=0)  # the order of the catalogue, ascending
    is_listed: Mapped[bool] = mapped_column(default=True)
    available_from: Mapped[date | None]  # the day a pre-order ships and is charged; None: it ships now

    texts: Mapped[list[ProductText]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")
    variants: Mapped[list[Variant]] = relationship(
        back_populates="product", order_by="Variant.position", lazy="selectin", cascade="all, delete-orphan"
    )


class ProductText(Model):
    """What a product is called and said of it in one more language; the product's own words are the fallback.

    `facts` holds only the facts that are words (origin, taste, ...): they are laid over the product's own.
    """

    __tablename__ = "product_text"
    __table_args__ = (UniqueConstraint("product_id", "locale"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), index=True)
    locale: Mapped[str] = mapped_column(String(12))  # "de"
    name: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Variant(Model):
    """What is bought in fact: a product in one weight or size, with its own stock and price."""

    __tablename__ = "variant"
    __table_args__ = (CheckConstraint("stock >= 0", name="stock_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), index=True)
    sku: Mapped[str] = mapped_column(String(40), unique=True)
    label: Mapped[str] = mapped_column(String(60))  # "100 g", "0.6 l"
    weight: Mapped[int] = mapped_column(default=0)  # grams, packaging included: what shipping is priced by
    net: Mapped[int | None]  # grams of the goods alone, where they are sold by weight
    stock: Mapped[int] = mapped_column(default=0)  # units free to sell; what an order holds is taken off already
    position: Mapped[int] = mapped_column(default=0)

    product: Mapped[Product] = relationship(back_populates="variants", lazy="joined")
    prices: Mapped[list[Price]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    def price_in(self, currency: str) -> Money | None:
        """Return the list price in a currency; None where the variant is not sold in it."""
        return next((price.money for price in self.prices if price.currency == currency), None)


class Price(Model):
    """One entry of a price list; there is no conversion between currencies.

    Whether a list includes tax is a setting (PRICES_WITHOUT_TAX).
    """

    __tablename__ = "price"
    __table_args__ = (
        UniqueConstraint("variant_id", "currency"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id", ondelete="CASCADE"), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int]  # minor units

    @property
    def money(self) -> Money:
        """Return the price as Money."""
        return Money(self.amount, self.currency)


class ShippingRate(Model):
    """What one way of shipping costs to one group of countries, with or without tax as the currency's prices.

    A way with several steps of weight is several rows: the lightest that carries the parcel counts.
    """

    __tablename__ = "shipping_rate"
    __table_args__ = (UniqueConstraint("code", "currency", "zone", "max_weight"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))  # "standard", "express"
    name: Mapped[str] = mapped_column(String(60))
    zone: Mapped[str] = mapped_column(String(20))  # "home", "eu", "world"
    countries: Mapped[list[str]] = mapped_column(JSON)  # ISO 3166-1 alpha-2
    currency: Mapped[str] = mapped_column(String(3))
    max_weight: Mapped[int] = mapped_column(default=31_500, server_default="31500")  # grams, the heaviest it carries
    amount: Mapped[int]  # minor units
    free_from: Mapped[int | None]  # minor units of goods, from which on it costs nothing; None for never
    days_least: Mapped[int]
    days_most: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)

    @property
    def money(self) -> Money:
        """Return the price as Money."""
        return Money(self.amount, self.currency)


class TaxRate(Model):
    """A merchant's own rate for a country, or a region of it, used where no tax provider has spoken.

    Such tax is marked as estimated. A rate of the region goes before one of the country.
    """

    __tablename__ = "tax_rate"
    __table_args__ = (UniqueConstraint("country", "region", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[str] = mapped_column(String(3), default="", server_default="")  # a state: "CA"; "" for all of it
    kind: Mapped[str] = mapped_column(String(20))  # "standard", "food"
    basis_points: Mapped[int]  # 1900 is 19 %
