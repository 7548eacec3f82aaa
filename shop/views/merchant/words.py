"""The desk's words: why money is given back, why an order is held, when a reservation lapses, what went wrong."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from shop.errors import Declined, IllegalTransition, NothingToCapture, PaymentInFlight, ShopError
from shop.models import Order, OrderState, Payment
from shop.services.formats import money


def reason_words(reason: str) -> str:
    """Return why money is given back, in words."""
    words: dict[str, str] = {
        "requested_by_customer": _("The customer asked for it"),
        "duplicate": _("Paid twice"),
        "fraudulent": _("Fraud"),
        "late_money": _("The money came too late"),
        "other": _("Another reason"),
    }
    return words.get(reason, reason)


def review_words(order: Order) -> list[str]:
    """Return why an order is, or was, held for review: a sentence for each rule."""
    words: dict[str, str] = {
        "large_total": _("The total is above the limit for review."),
        "first_order_of_an_address": _("This mail address has not paid here before, and the total is not small."),
        "many_orders": _("This mail address has placed many orders within an hour."),
    }
    return [words.get(reason, reason) for reason in order.review_reasons.split()]


def lapse_words(lapses_at: datetime, now: datetime) -> str:
    """Return how long a reservation still lasts, in whole days."""
    left = lapses_at - now
    if left.total_seconds() <= 0:
        return str(_("its time is up"))
    if left.days < 1:
        return str(_("less than a day left"))
    return str(ngettext("%(num)d day left", "%(num)d days left", left.days))


def approved_words(order: Order, reserved: Payment | None) -> str:
    """Return what follows from an approval; `reserved` is the payment whose money is still set aside."""
    if order.state in (OrderState.PAID, OrderState.FULFILLED):
        return str(_("The order is approved and the money is taken. The customer gets the receipt by mail."))
    if reserved is None:
        return str(_("The order is approved. It is charged as soon as the customer pays."))
    if reserved.capture_amount is None:
        return str(_("The pre-order is approved. Take the money when you send it, before the reservation lapses."))
    return str(_("The order is approved. The provider does not answer; the money is taken as soon as it does."))


def rejected_words(order: Order) -> str:
    """Return what follows from a rejection."""
    if order.state is OrderState.PENDING:
        return str(_("The order is rejected. Its payment is being called back, and then the customer is told by mail."))
    return str(_("The order is rejected, its money is free again, and the customer is told by mail."))


def captured_words(payment: Payment) -> str:
    """Return what was taken, and what became of the rest."""
    taken, rest = (payment.order.money(amount) for amount in (payment.captured, payment.released))
    if not rest:
        return str(_("%(taken)s was taken. The customer gets the receipt by mail.", taken=money(taken)))
    return str(
        _(
            "%(taken)s was taken. The other %(rest)s is free again, and the customer gets the receipt by mail.",
            taken=money(taken),
            rest=money(rest),
        )
    )


def refusal_words(error: ShopError) -> str:
    """Return why what was asked for cannot be done, and what then."""
    match error:
        case NothingToCapture():
            return str(_("Nothing is reserved any more: it was taken, let go, or has lapsed."))
        case PaymentInFlight():
            return str(_("The payment is being taken or let go at this moment. Look again in a minute."))
        case IllegalTransition():
            return str(_("Somebody has answered this order already. Nothing has changed."))
        case Declined():
            return str(_("The provider declined it: %(reason)s. The reservation stays as it is.", reason=error))
        case _:
            return str(_("The provider refused it: %(reason)s", reason=error))
