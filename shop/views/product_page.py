"""The page of one product, for the catalogue, and for the cart when something was wrong with what was added."""

from __future__ import annotations

from flask import render_template

from shop.services.catalogue import Listing


def product_page(listing: Listing, error: str = "", sku: str = "") -> str:
    """Return the page; with `error` said beside the quantity, and the variant `sku` still chosen."""
    return render_template("catalogue/product.html", listing=listing, error=error, chosen=sku)
