"""The page of one product, for the catalogue, and for the cart when something was wrong with what was added."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from shop.services import catalogue, preorders
from shop.services.catalogue import Listing, Offer
from shop.views.presentation import currency, language


def product_page(listing: Listing, error: str = "", sku: str = "", **values: Any) -> str:
    """Return the page; with `error` said beside the quantity, and the variant `sku` still chosen."""
    companions = catalogue.companions(listing, currency(), language())
    shown = {"listing": listing, "companions": companions, "data": _data(listing), "error": error, "chosen": sku}
    day = listing.product.available_from
    shown["charged"] = preorders.charged(day) if day else None
    return render_template("catalogue/product.html", **shown, **values)


def _data(listing: Listing) -> dict[str, Any]:
    """Return what search engines read of a product, as schema.org/Product has it."""
    product = listing.product
    address = url_for("catalogue.product", slug=product.slug, _external=True)
    offers = [
        {
            "@type": "Offer",
            "sku": offer.variant.sku,
            "name": offer.variant.label,
            "price": str(offer.price.to_decimal()),
            "priceCurrency": offer.price.currency,
            "availability": f"https://schema.org/{_availability(listing, offer)}",
            "url": address,
        }
        for offer in listing.offers
    ]
    words = {"name": product.name, "description": product.summary, "category": product.category}
    return {"@context": "https://schema.org", "@type": "Product", **words, "url": address, "offers": offers}


def _availability(listing: Listing, offer: Offer) -> str:
    if not offer.in_stock:
        return "OutOfStock"
    return "PreOrder" if listing.product.available_from else "InStock"
