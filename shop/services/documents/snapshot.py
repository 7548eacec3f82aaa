"""What a document says, frozen from the order at the moment it is issued: plain data, amounts in minor units.

Rates are basis points. Prices carry their tax, so each net amount is what is left when the tax is taken out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shop.config import SellerSettings
from shop.models import Order, OrderLine, Payment, Refund
from shop.money import Money
from shop.services import tax

SHARED = ("version", "seller", "buyer", "order", "currency", "note", "payment")  # with what a credit note corrects
Snapshot = dict[str, Any]
Line = dict[str, Any]

# The member states of the EU, whose common VAT rules (Directive 2006/112/EC) bind who sells from one of them.
EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
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
    taxes = by_rate([*lines, shipping])
    return {
        "version": 1,
        "seller": _seller(seller),
        "buyer": _buyer(order),
        "order": {"number": order.number, "placed_at": order.placed_at.isoformat()},
        "currency": order.currency,
        "delivered_at": paid_at.isoformat(),  # paid goods leave with the next post: the day of supply
        "lines": lines,
        "shipping": shipping,
        "discount": order.discount,
        "taxes": taxes,
        "net": sum(row["net"] for row in taxes),
        "tax": sum(row["tax"] for row in taxes),
        "total": order.total,
        "note": _note(order, seller),
        "payment": _payment(order, paid_at),
    }


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
    return by_rate([*lines, _shipping(order, lines)])


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
    street = [line for line in (order.line1, order.line2) if line]
    town = " ".join(part for part in (order.postal_code, order.city) if part)
    return {
        "name": order.name,
        "company": "",
        "vat_id": "",
        "address": [*street, ", ".join(part for part in (town, order.region) if part)],
        "country": order.country,
        "email": order.email,
    }


def _lines(order: Order) -> list[Line]:
    """Return the lines with the order's discount taken off in proportion, as the tax of each was worked out."""
    shares = [0] * len(order.lines)
    if order.discount:
        whole = order.money(order.discount)
        shares = [share.amount for share in whole.split([line.amount for line in order.lines])]
    return [_line(line, line.amount - share) for line, share in zip(order.lines, shares, strict=True)]


def _line(line: OrderLine, gross: int) -> Line:
    return {
        "name": line.name,
        "label": line.label,
        "sku": line.sku,
        "quantity": line.quantity,
        "unit": line.unit_amount,
        "amount": line.amount,
        "rate": line.tax_basis_points,
        "net": gross - line.tax,
        "tax": line.tax,
        "gross": gross,
    }


def _shipping(order: Order, lines: Sequence[Line]) -> Line:
    """Return the post as a line: its tax is what the lines leave of the order's, its rate the one that makes it so."""
    own_tax = order.tax - sum(line["tax"] for line in lines)
    known = sorted({line["rate"] for line in lines}, reverse=True)
    rate = next((rate for rate in known if _included(order, rate) == own_tax), None)
    if rate is None:
        net = order.shipping - own_tax
        rate = round(own_tax * tax.WHOLE / net / 50) * 50 if net else 0  # every rate of the EU is a multiple of 0.5 %
    return {
        "name": order.shipping_name,
        "rate": rate,
        "net": order.shipping - own_tax,
        "tax": own_tax,
        "gross": order.shipping,
    }


def _included(order: Order, rate: int) -> int:
    return tax.included(order.money(order.shipping), rate).amount


def _note(order: Order, seller: SellerSettings) -> str:
    """Return why no tax was charged, as a word that the document has a sentence for; empty where it was."""
    return "export" if not order.tax and seller.country in EU and order.country not in EU else ""


def _payment(order: Order, paid_at: datetime) -> dict[str, str]:
    payment = paying(order)
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


def paying(order: Order) -> Payment | None:
    """Return the payment that took the money for the order: the first to do so, where a second was given back."""
    took = [payment for payment in order.payments if payment.captures]
    return min(took, key=lambda payment: payment.captures[0].at, default=None)


def _take(left: Mapping[int, Mapping[str, int]], money: Money) -> list[dict[str, int]]:
    """Take an amount from what is left at each rate, in proportion; the tax with it, and the last of it exactly."""
    rates = [rate for rate in left if left[rate]["gross"]]
    shares = money.split([left[rate]["gross"] for rate in rates])
    rows = []
    for rate, share in zip(rates, shares, strict=True):
        whole = share.amount == left[rate]["gross"]
        own_tax = left[rate]["tax"] if whole else min(left[rate]["tax"], tax.included(share, rate).amount)
        rows.append({"rate": rate, "net": own_tax - share.amount, "tax": -own_tax, "gross": -share.amount})
    return [row for row in rows if row["gross"]]
