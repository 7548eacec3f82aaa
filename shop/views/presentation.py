"""What every template may say: money and dates in the visitor's language, tins, the cart's count, the currency."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask, session
from flask_babel import format_date, get_locale
from flask_babel import lazy_gettext as _l

from shop.models import Product
from shop.services import carts, catalogue
from shop.services.formats import country, day, moment, money, paid_with, percent
from shop.services.providers import context
from shop.views.illustrations import Tin, tin

CATEGORY_NAMES = {
    "black": _l("Black"),
    "green": _l("Green"),
    "oolong": _l("Oolong"),
    "white": _l("White"),
    "herbal": _l("Herbal"),
    "teaware": _l("Teaware"),
}


def init_app(app: Flask) -> None:
    """Give the app's templates their filters and values."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.add_template_filter(money, "money")
    app.add_template_filter(month, "month")
    app.add_template_filter(day, "day")
    app.add_template_filter(moment, "moment")
    app.add_template_filter(country, "country")
    app.add_template_filter(drawn, "tin")
    app.add_template_filter(paid_with, "paid_with")
    app.add_template_filter(percent, "percent")
    app.context_processor(_values)


def currency() -> str:
    """Return the visitor's currency: the one they chose, or the shop's own."""
    chosen: str = session.get("currency", context().settings.currency)
    return chosen


def month(value: str) -> str:
    """Return a month ("2026-04") in words: "April 2026"."""
    year, number = value.split("-")
    text: str = format_date(date(int(year), int(number), 1), "MMMM y")
    return text


def drawn(product: Product) -> Tin:
    """Return the measures of a product's tin."""
    return tin(product.name, product.facts)


def _values() -> dict[str, Any]:
    return {
        "brand": context().settings.brand,
        "test_mode": context().settings.mode == "test",
        "locale": str(get_locale() or "en").replace("_", "-"),
        "cart_count": carts.count(session.get("cart")) if session else 0,
        "category_names": CATEGORY_NAMES,
        "currencies": catalogue.currencies,
        "currency": currency,
    }
