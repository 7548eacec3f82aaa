"""Pre-orders: what is sold before it can be sent, and when its money is taken.

A card's authorization lasts seven days and PayPal's twenty-nine (docs.stripe.com, place a hold on a payment method;
developer.paypal.com, authorize and capture). What ships within that time, with two days to spare, is set aside and
charged when it is sent. What ships later is charged at once, and the customer is told so before paying: nobody's
money can be held for that long, and a card that was only verified may be refused on the day.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from shop.gateways.base import PaymentState, Provider
from shop.models import Order, Payment
from shop.services.providers import context

SPARE = timedelta(days=2)
AUTHORIZED_FOR = {Provider.STRIPE: timedelta(days=7), Provider.PAYPAL: timedelta(days=29)}


class Charged(StrEnum):
    """When the money of what ships on a later day is taken, over the ways to pay that this shop has."""

    WHEN_SENT = "when_sent"
    BY_WAY = "by_way"  # one way can set it aside for so long, another cannot
    AT_ONCE = "at_once"


def still_to_come(day: date | None) -> date | None:
    """Return the day from which something can be sent, as an order's line freezes it; None where that is now."""
    return day if day is not None and day > context().clock.now().date() else None


def ships_from(order: Order) -> date | None:
    """Return the day from which the whole order can be sent; None if it can be sent now."""
    today = context().clock.now().date()
    days = [line.ships_from for line in order.lines if line.ships_from is not None and line.ships_from > today]
    return max(days, default=None)


def charged_when_sent(order: Order, provider: Provider) -> bool:
    """Tell whether the money of a pre-order is only set aside now; False where it is charged at once."""
    day = ships_from(order)
    return day is not None and provider in reserved_by(day)


def is_held_until_sent(order: Order, payment: Payment) -> bool:
    """Tell whether what is set aside for a pre-order stays so until it is sent.

    False where it would lapse before: it was set aside only because a person had to look at the order, and is taken
    when they let it through, as its customer was told.
    """
    day = ships_from(order)
    if day is None or payment.expires_at is None:
        return day is not None and charged_when_sent(order, payment.provider)
    return day <= (payment.expires_at - SPARE).date()


def is_charged_before_sent(order: Order) -> bool:
    """Tell whether the money of a pre-order is set aside only until a person has looked at it, and taken then."""
    held = [payment for payment in order.payments if payment.state is PaymentState.AUTHORIZED]
    return ships_from(order) is not None and not any(is_held_until_sent(order, payment) for payment in held)


def charged(day: date) -> Charged:
    """Return when the money of what ships on that day is taken."""
    held = reserved_by(day)
    if not held:
        return Charged.AT_ONCE
    return Charged.WHEN_SENT if len(held) == len(context().gateways) else Charged.BY_WAY


def reserved_by(day: date) -> frozenset[Provider]:
    """Return the ways to pay, of those this shop has, by which the money can be set aside until that day."""
    now = context().clock.now()
    return frozenset(
        provider for provider in context().gateways if day <= (now + AUTHORIZED_FOR[provider] - SPARE).date()
    )
