"""Money, days and methods of payment in a person's language: what pages, mails and documents have in common."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, format_decimal
from flask_babel import format_date, format_datetime, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shop.config import SellerSettings
from shop.gateways.base import Provider
from shop.models import Payment, SavedMethod
from shop.money import Money

# A provider's own word for a card's brand or a kind of method, where capitalising it is not enough.
METHOD_NAMES = {
    "amex": "American Express",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "jcb": "JCB",
    "sepa_debit": _l("Bank debit (SEPA)"),
}


# Where the post writes the code behind the place: "San Francisco, CA 94103".
CODE_LAST = frozenset({"AU", "CA", "GB", "IE", "JP", "NZ", "SG", "US"})


def town(country: str, postal_code: str, city: str, region: str = "") -> str:
    """Return the line of an address with the place, as the post of that country (ISO 3166-1 alpha-2) writes it."""
    if country in CODE_LAST:
        return f"{', '.join(filter(None, (city, region)))} {postal_code}".strip()
    return ", ".join(filter(None, (f"{postal_code} {city}".strip(), region)))


def money(amount: Money) -> str:
    """Return an amount as the reader's language writes it: "€24.50", "24,50 €"."""
    return _written(amount, get_locale() or Locale("en"))


@lru_cache(maxsize=4096)
def _written(amount: Money, locale: Locale) -> str:
    """Write an amount, and keep it: a shop has few prices, and its pages write them over and over."""
    return format_currency(amount.to_decimal(), amount.currency, locale=locale)


def percent(basis_points: int) -> str:
    """Return a rate as the reader's language writes it: "7%", "5,5 %"."""
    locale = get_locale()
    figure = format_decimal(Decimal(basis_points) / 100, format="0.##", locale=locale)
    return locale.percent_formats[None].pattern.replace("#,##0", figure) if locale else f"{figure}%"


def day(value: date) -> str:
    """Return a day in words: "21 November 2026", "21. November 2026". Its pattern is a text like any other."""
    text: str = format_date(value, _("d MMMM y"))
    return text


def moment(value: datetime) -> str:
    """Return a day and a time of day with its zone, for receipts."""
    text: str = format_datetime(value, _("d MMMM y, HH:mm z"))
    return text


def country(code: str) -> str:
    """Return a country's name in the reader's language; the code itself where it has none."""
    locale = get_locale()
    return str(locale.territories.get(code, code)) if locale else code


def countries(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return codes with the countries' names, in the order of the alphabet: an Ö stands among the o's."""
    named = [(code, country(code)) for code in codes]
    return sorted(named, key=lambda found: unicodedata.normalize("NFKD", found[1]).casefold())


def seller(settings: SellerSettings) -> str:
    """Return who sells, in one line: what stands at the foot of receipts and mails."""
    return ", ".join((settings.name, *settings.address, country(settings.country)))


def paid_with(payment: Payment | SavedMethod) -> str:
    """Return what was paid with, as far as a receipt may show it: "Visa ending in 4242", "PayPal, a•••@example.com"."""
    if isinstance(payment, SavedMethod):
        return method(payment.provider, payment.kind, payment.brand, payment.last4, "")
    kind, brand, last4 = payment.method_kind, payment.method_brand, payment.method_last4
    return method(payment.provider, kind, brand, last4, payment.method_payer)


def method(provider: str, kind: str, brand: str, last4: str, payer: str) -> str:
    """Return the same for a method that is not a payment's any more, but a document's."""
    if kind == "paypal" or (not kind and provider == Provider.PAYPAL):
        return ", ".join(part for part in ("PayPal", payer) if part)
    name = METHOD_NAMES.get(brand or kind)
    words = str(name or (brand or kind or _("Card")).replace("_", " ").capitalize())
    return _("%(name)s ending in %(last4)s", name=words, last4=last4) if last4 else words
