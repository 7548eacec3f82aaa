"""How much a refund gives back: all that is left, the share of some lines, or an amount that somebody typed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _

from shop.errors import InvalidInput
from shop.models import Order, OrderLine, Payment
from shop.money import Money


def left(payment: Payment) -> Money:
    """Return what may still be given back of a payment."""
    return Money(max(0, payment.captured - payment.refunded), payment.currency)


def of_lines(order: Order, quantities: Mapping[int, int], *, with_shipping: bool = False) -> Money:
    """Return what was paid for so many of each line (by its id): its discount taken off, its tax put on top.

    All of them with the shipping come to the order's total. Raises InvalidInput for none at all, or for more than were
    bought.
    """
    amount = of_shipping(order) if with_shipping else Money(0, order.currency)
    for line in order.lines:
        count = quantities.get(line.id, 0)
        if not 0 <= count <= line.quantity:
            raise InvalidInput(_("Only %(count)d of these were bought.", count=line.quantity), f"line-{line.id}")
        amount += _paid_for(order, line, count)
    if not amount:
        raise InvalidInput(_("Choose how many of which item are refunded."), "lines")
    return amount


def of_shipping(order: Order) -> Money:
    """Return what was paid for the shipping: its discount taken off, its tax put on top."""
    discount = order.discount - sum(line.discount for line in order.lines)
    return order.money(order.shipping - discount + (0 if order.prices_include_tax else order.shipping_tax))


def _paid_for(order: Order, line: OrderLine, count: int) -> Money:
    """Return the line's price less its own discount, with the tax on top of it, for a part of its pieces."""
    whole = line.amount - line.discount + (0 if order.prices_include_tax else line.tax)
    return Money(whole * count // line.quantity, order.currency)


def typed(text: str, currency: str) -> Money:
    """Return an amount that somebody typed, such as 12.50 or 12,50; raise InvalidInput where it is none."""
    plain = text.strip().replace(",", ".")
    try:
        value = Decimal(plain)
        if not value.is_finite() or len(plain) > 14 or value <= 0:
            raise ValueError
        return Money.from_decimal(value, currency)
    except (InvalidOperation, ValueError) as exc:
        words = _("Write the amount in figures, such as %(example)s.", example=_example(currency))
        raise InvalidInput(words, "amount") from exc


def _example(currency: str) -> str:
    return f"{Money(1250, currency).to_decimal():f}"
