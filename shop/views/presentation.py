"""What every template may say: money and dates in the visitor's language, tins, the cart's count, the currency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol

from flask import Flask, current_app, render_template, session
from flask_babel import format_date, format_datetime, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from shop.models import Capture
from shop.money import Money
from shop.services import carts, catalogue, legal, preorders
from shop.services.formats import country, day, moment, money, paid_with, percent, town
from shop.services.providers import context
from shop.views import basket, sums
from shop.views.illustrations import Tin, tin
from shop.views.languages import available, translator
from shop.views.requests import page_address

CATEGORY_NAMES = {
    "black": _l("Black"),
    "green": _l("Green"),
    "oolong": _l("Oolong"),
    "white": _l("White"),
    "herbal": _l("Herbal"),
    "teaware": _l("Teaware"),
    "gifts": _l("Gifts"),
}
CAFFEINE_NAMES = {
    "none": _l("None"),
    "low": _l("A little"),
    "medium": _l("Some"),
    "high": _l("Much"),
}
# Where a visitor most likely is, by the price list they chose; the shop's own country for every other.
HOMES = {"GBP": "GB", "JPY": "JP", "USD": "US"}


def init_app(app: Flask) -> None:
    """Give the app's templates their filters and values."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.add_template_filter(money, "money")
    app.add_template_filter(month, "month")
    app.add_template_filter(day, "day")
    app.add_template_filter(moment, "moment")
    app.add_template_filter(stamp, "stamp")
    app.add_template_filter(provider_name, "provider_name")
    app.add_template_filter(fee_and_net, "fee_and_net")
    app.add_template_filter(country, "country")
    app.add_template_filter(drawn, "tin")
    app.add_template_filter(sums.order_rows, "order_rows")
    app.add_template_filter(sums.quote_rows, "quote_rows")
    app.add_template_filter(paid_with, "paid_with")
    app.add_template_filter(percent, "percent")
    app.add_template_global(town)
    app.context_processor(_values)


def currency() -> str:
    """Return the visitor's currency: the one they chose, or the shop's own."""
    chosen: str = session.get("currency", context().settings.currency)
    return chosen


def home() -> str:
    """Return the country a visitor is most likely in, where nothing is known of them yet."""
    return HOMES.get(currency(), context().settings.country)


def month(value: str) -> str:
    """Return a month ("2026-04") in words: "April 2026"."""
    year, number = value.split("-")
    text: str = format_date(date(int(year), int(number), 1), "MMMM y")
    return text


def stamp(value: datetime, seconds: bool = False) -> str:
    """Return a day and a time of day as short as a column wants it: "25 Nov 2026, 12:04"."""
    text: str = format_datetime(value, _("d MMM y, HH:mm:ss") if seconds else _("d MMM y, HH:mm"))
    return text


def provider_name(provider: str) -> str:
    """Return what a provider calls itself."""
    return {"stripe": "Stripe", "paypal": "PayPal"}.get(provider, provider)


def fee_and_net(capture: Capture) -> str:
    """Return what the provider kept of a capture and what it left, in the currency it settles in."""
    if capture.fee is None or capture.net is None or capture.settlement_currency is None:
        return ""
    fee, net = (Money(amount, capture.settlement_currency) for amount in (capture.fee, capture.net))
    return str(_("%(fee)s, which leaves %(net)s", fee=money(fee), net=money(net)))


def language() -> str:
    """Return the visitor's language as the services name it: "en", "de", "de_AT"."""
    return str(get_locale() or "en")


def category_names() -> dict[str, str]:
    """Return what the categories are called in the visitor's language."""
    return {code: str(name) for code, name in CATEGORY_NAMES.items()}


class Drawable(Protocol):
    """Whatever has a name and facts to draw: a row of the database, or a product as it is shown."""

    @property
    def name(self) -> str:
        """Return the name for the label."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """Return what the picture is measured from."""


def drawn(product: Drawable, key: str, small: bool = False) -> Markup:
    """Return a product's picture, `small` below 200 px; `key` keeps the ids of two drawings on one page apart."""
    return _picture(tin(product.name, product.facts), key, small)


@lru_cache(maxsize=1024)
def _picture(drawing: Tin, key: str, small: bool) -> Markup:
    """Draw a tin, and keep it: it hangs on its own measures alone, and drawing twelve took half the time of a page."""
    macros: Any = current_app.jinja_env.get_template("macros/tin.html").module
    picture: Markup = macros.tin(drawing, key, small)
    return picture


def card(listing: catalogue.Listing) -> Markup:
    """Return a product's card. It hangs on no visitor, so it is made once for as long as the shelf is fresh."""
    made = listing.drawn.get("card")
    if made is None:
        made = listing.drawn["card"] = render_template("catalogue/card.html", listing=listing)
    return Markup(made)  # noqa: S704 - rendered here, with everything in it escaped


def cart_count() -> int:
    """Return how many pieces are in the visitor's cart; asked by pages that do not show the cart itself."""
    return carts.count(basket.token())


def _values() -> dict[str, Any]:
    return {
        "_": translator(),
        "brand": context().settings.brand,
        "legal_pages": legal.pages,
        "legal_pages_of_an_order": legal.of_an_order,
        "test_mode": context().settings.mode == "test",
        "languages": available,
        "locale": str(get_locale() or "en").replace("_", "-"),
        "card": card,
        "still_to_come": preorders.still_to_come,
        "cart_count": cart_count,
        "caffeine_names": CAFFEINE_NAMES,
        "category_names": CATEGORY_NAMES,
        "currencies": catalogue.currencies,
        "currency": currency,
        "page_address": page_address,
        "includes_tax": lambda: currency() not in context().settings.prices_without_tax,
    }
