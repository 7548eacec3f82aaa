"""The figures of an order and of a quote as rows of a list: what stands between the articles and the total."""

from __future__ import annotations

from flask_babel import gettext as _

from shop.models import Order
from shop.money import Money
from shop.services.quote import Quote, TaxState

Row = tuple[str, Money | None, str | None]  # the words, the amount or None for a dash, a note


def order_rows(order: Order) -> list[Row]:
    """Return shipping, discount, and tax where it comes on top."""
    rows: list[Row] = [(_("Shipping"), order.money(order.shipping), order.shipping_name)]
    if order.discount:
        rows.append((_("Discount"), order.money(-order.discount), order.promotion_code or None))
    if order.tax_added:
        note = _("by our own table of rates") if order.tax_is_estimated else None
        rows.append((_("Sales tax") if order.country == "US" else _("Tax"), order.money(order.tax_added), note))
    return rows


def quote_rows(quote: Quote) -> list[Row]:
    """Return the same for a quote; what is not known yet is a dash with the reason beside it."""
    sums = quote.figures
    shipping = sums.shipping if quote.chosen else None
    rows: list[Row] = [(_("Shipping"), shipping, quote.chosen.name if quote.chosen else None)]
    if sums.discount:
        rows.append((_("Discount"), -sums.discount, quote.discount.code if quote.discount else None))
    if not quote.includes_tax and not quote.note:
        known = quote.tax_state in (TaxState.KNOWN, TaxState.ESTIMATED)
        note = _("by our own table of rates") if quote.tax_state is TaxState.ESTIMATED else None
        if not known:
            note = _("once we know the address")
        rows.append((_("Sales tax"), sums.tax_added if known else None, note))
    return rows
