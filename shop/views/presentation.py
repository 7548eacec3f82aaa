"""What every template may say: money and dates in the visitor's language, tins, the cart's count, the currency."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Flask, session
from flask_babel import format_currency, format_date, format_datetime, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shop.gateways.base import Provider
from shop.models import Capture, Payment, Product
from shop.money import Money
from shop.services import carts, catalogue
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

# A provider's own word for a card's brand or a kind of method, where capitalising it is not enough.
METHOD_NAMES = {
    "amex": "American Express",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "jcb": "JCB",
    "sepa_debit": _l("Bank debit (SEPA)"),
}


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
    app.add_template_filter(paid_with, "paid_with")
    app.context_processor(_values)


def currency() -> str:
    """Return the visitor's currency: the one they chose, or the shop's own."""
    chosen: str = session.get("currency", context().settings.currency)
    return chosen


def money(amount: Money) -> str:
    """Return an amount as the visitor's language writes it: "€24.50", "24,50 €"."""
    text: str = format_currency(amount.to_decimal(), amount.currency)
    return text


def month(value: str) -> str:
    """Return a month ("2026-04") in words: "April 2026"."""
    year, number = value.split("-")
    text: str = format_date(date(int(year), int(number), 1), "MMMM y")
    return text


def day(value: datetime) -> str:
    """Return a day in words: "21 November 2026"."""
    text: str = format_date(value, "d MMMM y")
    return text


def moment(value: datetime) -> str:
    """Return a day and a time of day with its zone, for receipts."""
    text: str = format_datetime(value, "d MMMM y, HH:mm z")
    return text


def stamp(value: datetime, seconds: bool = False) -> str:
    """Return a day and a time of day as short as a column wants it: "25 Nov 2026, 12:04"."""
    text: str = format_datetime(value, "d MMM y, HH:mm:ss" if seconds else "d MMM y, HH:mm")
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


def country(code: str) -> str:
    """Return a country's name in the visitor's language; the code itself where it has none."""
    locale = get_locale()
    return str(locale.territories.get(code, code)) if locale else code


def drawn(product: Product) -> Tin:
    """Return the measures of a product's tin."""
    return tin(product.name, product.facts)


def paid_with(payment: Payment) -> str:
    """Return what was paid with, as far as a receipt may show it: "Visa ending in 4242", "PayPal, a•••@example.com"."""
    if payment.method_kind == "paypal" or (not payment.method_kind and payment.provider is Provider.PAYPAL):
        return ", ".join(part for part in ("PayPal", payment.method_payer) if part)
    name = METHOD_NAMES.get(payment.method_brand or payment.method_kind)
    words = str(name or (payment.method_brand or payment.method_kind or _("Card")).replace("_", " ").capitalize())
    return _("%(name)s ending in %(last4)s", name=words, last4=payment.method_last4) if payment.method_last4 else words


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
