"""Pre-orders: what is sold before it can be sent, and when its money is taken.

A card's authorization lasts seven days and PayPal's twenty-nine (docs.stripe.com, place a hold on a payment method;
developer.paypal.com, authorize and capture). What ships within that time, with two days to spare, is set aside and
charged when it is sent. What ships later is charged at once, and the customer is told so before paying: nobody's
money can be held for that long, and a card that was only verified may be refused on the day.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from shop.gateways.base import Provider
from shop.models import Order, Variant
from shop.services.providers import context

SPARE = timedelta(days=2)
AUTHORIZED_FOR = {Provider.STRIPE: timedelta(days=7), Provider.PAYPAL: timedelta(days=29)}


def freeze(session: Session, order: Order) -> None:
    """Write down with each line from when it can be sent, as the catalogue says when the order is placed."""
    today = context().clock.now().date()
    for line in order.lines:
        variant = session.get_one(Variant, line.variant_id)
        day: date | None = getattr(variant.product, "available_from", None)
        line.ships_from = day if day is not None and day > today else None


def ships_from(order: Order) -> date | None:
    """Return the day from which the whole order can be sent; None if it can be sent now."""
    today = context().clock.now().date()
    days = [line.ships_from for line in order.lines if line.ships_from is not None and line.ships_from > today]
    return max(days, default=None)


def charged_when_sent(order: Order, provider: Provider) -> bool:
    """Tell whether the money of a pre-order is only set aside now; False where it is charged at once."""
    day = ships_from(order)
    if day is None:
        return False
    last = context().clock.now() + AUTHORIZED_FOR[provider] - SPARE
    return day <= last.date()
