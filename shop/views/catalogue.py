"""The catalogue's pages: everything, one kind, one product."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from shop.errors import NotFound
from shop.services import catalogue
from shop.views.presentation import currency
from shop.views.product_page import product_page

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/")
def home() -> str:
    """Show the catalogue, or one kind of it (`?kind=green`)."""
    kind = request.args.get("kind")
    if kind is not None and kind not in catalogue.CATEGORIES:
        raise NotFound("We have no such kind of tea.")
    found = catalogue.listings(currency(), kind)
    return render_template("catalogue/home.html", listings=found, category=kind)


@blueprint.get("/teas/<slug>")
def product(slug: str) -> str:
    """Show one product with its variants and facts."""
    return product_page(catalogue.listing(slug, currency()))
