"""What a document says, frozen from the order at the moment it is issued: plain data, amounts in minor units.

Rates are basis points. Where prices carry their tax, each net amount is what is left when the tax is taken out; where
they do not, each gross amount is the price with the tax put on top.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shop.config import EU, SellerSettings
from shop.models import Order, OrderLine, Refund
from shop.money import Money
from shop.services import figures
from shop.services.formats import town

SHARED = ("version", "seller", "buyer", "order", "currency", "note", "payment")  # with what a credit note corrects
Snapshot = dict[str, Any]
Line = dict[str, Any]

# Where a sale to a person, sent from abroad or at home, needs an invoice or is so used to one that every shop gives it.
INVOICE_COUNTRIES = EU | frozenset(("CH", "GB", "NO"))


def demands_invoice(snapshot: Mapping[str, Any]) -> bool:
    """Tell whether the sale needs an invoice: by the country it went to, or because the buyer is a business."""
    buyer = snapshot["buyer"]
    return buyer["country"] in INVOICE_COUNTRIES or bool(buyer["vat_id"])


def of_order(order: Order, seller: SellerSettings, paid_at: datetime) -> Snapshot:
    """Return everything that stands on the document of a paid order.

    This is the one place that maps the order's columns: what a document says is what stands here.
    """
    lines = _lines(order)
    shipping = _shipping(order, lines)
    released = _released(order)
    taxes = _charged(order, [*lines, shipping], released)
    return {
        "version": 1,
        "seller": _seller(seller),
        "buyer": _buyer(order),
        "order": {"number": order.number, "placed_at": order.placed_at.isoformat()},
        "currency": order.currency,
        "delivered_at": _supplied_at(order, paid_at),
        "lines": lines,
        "shipping": shipping,
        "discount": order.discount,
        "promotion": order.promotion_code if order.discount else "",
        "tax_added": order.tax_added,
        "released": released,
        "taxes": taxes,
        "net": sum(row["net"] for row in taxes),
        "tax": sum(row["tax"] for row in taxes),
        "total": order.total - released,
        "note": _note(order, seller),
        "payment": _payment(order, paid_at),
    }


def _supplied_at(order: Order, paid_at: datetime) -> str:
    """Return the day of supply: paid goods leave with the next post, a pre-order on the day that it was sold for."""
    later = [line.ships_from for line in order.lines if line.ships_from is not None]
    day = max(later, default=paid_at.date())
    return day.isoformat() if day > paid_at.date() else paid_at.isoformat()


def of_refund(
    order_snapshot: Snapshot, credited: Sequence[Snapshot], refund: Refund, original: Mapping[str, str]
) -> Snapshot:
    """Return a credit note's content: the refund spread over the rates of what it corrects, as negative amounts.

    `credited` are the credit notes that count already. The shares are taken from what they have left, so that
    all of them together take back the original to the last cent, at each rate.
    """
    left = {row["rate"]: dict(row) for row in order_snapshot["taxes"]}
    for earlier in credited:
        for row in earlier["taxes"]:
            for part in ("gross", "tax"):
                left[row["rate"]][part] += row[part]
    taxes = _take(left, refund.money)
    return {
        **{name: order_snapshot[name] for name in SHARED},
        "corrects": dict(original),
        "refund": {"reference": refund.external_id or refund.public_id, "reason": refund.reason},
        "lines": [],
        "taxes": taxes,
        "net": sum(row["net"] for row in taxes),
        "tax": sum(row["tax"] for row in taxes),
        "total": -refund.amount,
    }


def reversed_(credit: Snapshot, original: Mapping[str, str]) -> Snapshot:
    """Return what takes a credit note back: the same figures with the other sign."""
    taxes = [{"rate": row["rate"], **{part: -row[part] for part in ("net", "tax", "gross")}} for row in credit["taxes"]]
    figures = {name: -credit[name] for name in ("net", "tax", "total")}
    return {**credit, **figures, "taxes": taxes, "corrects": dict(original)}


def taxes(order: Order) -> list[dict[str, int]]:
    """Return what a document of the order would say of its tax."""
    lines = _lines(order)
    return _charged(order, [*lines, _shipping(order, lines)], _released(order))


def by_rate(lines: Sequence[Line]) -> list[dict[str, int]]:
    """Return net, tax and gross for each rate, the highest rate first."""
    sums: dict[int, dict[str, int]] = defaultdict(lambda: {"net": 0, "tax": 0, "gross": 0})
    for line in lines:
        for part in ("net", "tax", "gross"):
            sums[line["rate"]][part] += line[part]
    return [{"rate": rate, **sums[rate]} for rate in sorted(sums, reverse=True) if sums[rate]["gross"]]


def _seller(seller: SellerSettings) -> dict[str, Any]:
    return {
        "name": seller.name,
        "address": list(seller.address),
        "country": seller.country,
        "vat_id": seller.vat_id,
    }


def _buyer(order: Order) -> dict[str, Any]:
    """Return whom the document is for: at the invoice's address, where that is another than the parcel's."""
    street, last = [order.line1, order.line2], town(order.country, order.postal_code, order.city, order.region)
    if order.billing_country:
        street, place = [order.billing_line1], (order.billing_postal_code, order.billing_city, order.billing_region)
        last = town(order.billing_country, *place)
    return {
        "name": order.name,
        "company": order.company,
        "vat_id": order.vat_id,
        "address": [*filter(None, street), last],
        "country": order.billing_country or order.country,
        "email": order.email,
    }


def _lines(order: Order) -> list[Line]:
    return [_line(order, line) for line in order.lines]


def _line(order: Order, line: OrderLine) -> Line:
    return {
        "name": line.name,
        "label": line.label,
        "sku": line.sku,
        "quantity": line.quantity,
        "unit": line.unit_amount,
        "amount": line.amount,
        "rate": line.tax_basis_points,
        **_parts(order, line.amount - line.discount, line.tax),
    }


def _shipping(order: Order, lines: Sequence[Line]) -> Line:
    """Return the post as a line. An order keeps the post's tax and not its rate, so that is found from the tax."""
    parts = _parts(order, order.shipping, order.shipping_tax)
    rate = _rate_of(order, parts, sorted({line["rate"] for line in lines}, reverse=True))
    return {"name": order.shipping_name, "rate": rate, "amount": order.shipping, **parts}


def _rate_of(order: Order, parts: Mapping[str, int], known: Sequence[int]) -> int:
    """Return the rate that gives this tax: one of the articles', or else the roundest: whole, half, tenth per cents.

    A small amount fits many rates, and the roundest of them is the one that a law has.
    """
    if not parts["net"] or not parts["tax"]:
        return 0
    exact = parts["tax"] * figures.WHOLE / parts["net"]
    candidates = [*known, *(round(exact / step) * step for step in (100, 50, 10))]
    fitting = (rate for rate in candidates if _included(order, parts["gross"], rate) == parts["tax"])
    return next(fitting, candidates[-1])


def _parts(order: Order, price: int, own_tax: int) -> dict[str, int]:
    """Return net, tax and gross of a price that carries its tax, or does not, as the order says."""
    net = price - own_tax if order.prices_include_tax else price
    return {"net": net, "tax": own_tax, "gross": net + own_tax}


def _included(order: Order, gross: int, rate: int) -> int:
    return figures.included(order.money(gross), rate).amount


def _note(order: Order, seller: SellerSettings) -> str:
    """Return why no tax was charged, as a word that the document has a sentence for; empty where it was."""
    if order.tax_note == "reverse_charge":
        return order.tax_note
    is_export = not order.tax and seller.country in EU and order.country not in EU
    return "export" if is_export else ""


def _released(order: Order) -> int:
    """Return what was set aside for the order and never taken: a part of the goods could not be sent."""
    payment = order.paying
    return payment.released if payment else 0


def _charged(order: Order, lines: Sequence[Line], released: int) -> list[dict[str, int]]:
    """Return the sums at each rate without what was released, which is taken from all rates in proportion."""
    rates = by_rate(lines)
    if not released:
        return rates
    return by_rate([*rates, *_take({row["rate"]: row for row in rates}, order.money(released))])


def _payment(order: Order, paid_at: datetime) -> dict[str, str]:
    payment = order.paying
    if payment is None:
        return {}
    return {
        "provider": str(payment.provider),
        "kind": payment.method_kind,
        "brand": payment.method_brand,
        "last4": payment.method_last4,
        "payer": payment.method_payer,
        "transaction": payment.captures[-1].external_id,
        "paid_at": paid_at.isoformat(),
    }


def _take(left: Mapping[int, Mapping[str, int]], money: Money) -> list[dict[str, int]]:
    """Take an amount from what is left at each rate, in proportion; the tax with it, and the last of it exactly."""
    rates = [rate for rate in left if left[rate]["gross"]]
    shares = money.split([left[rate]["gross"] for rate in rates])
    rows = []
    for rate, share in zip(rates, shares, strict=True):
        whole = share.amount == left[rate]["gross"]
        own_tax = left[rate]["tax"] if whole else min(left[rate]["tax"], figures.included(share, rate).amount)
        rows.append({"rate": rate, "net": own_tax - share.amount, "tax": -own_tax, "gross": -share.amount})
    return [row for row in rows if row["gross"]]
