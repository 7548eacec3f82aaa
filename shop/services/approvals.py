"""The merchant's two answers to an order under review; the rules that hold one stand in `review`."""

from __future__ import annotations

from contextlib import suppress

from shop.errors import TryLater
from shop.gateways.base import BACKGROUND, Patience
from shop.models import Order, OrderState, Payment, ReviewState
from shop.money import Money
from shop.services import orders, payments, preorders, receipts, review
from shop.services.mail import sending
from shop.services.mail.orders import about
from shop.services.unit_of_work import unit_of_work


def approve(order_id: int, by: str, patience: Patience = BACKGROUND) -> Order:
    """Let a held order through and take its money; a pre-order whose money stays set aside until then when it is sent.

    An order whose money is not set aside yet is charged as soon as it is. A repeat changes nothing. Raises NotFound
    for an order that is not under review, and IllegalTransition for one that was rejected. What the provider does
    not answer in time is finished in the background.
    """
    with unit_of_work(write=True) as session:
        order = review.answer(session, order_id, ReviewState.APPROVED, by)
        authorized = payments.authorized(order)
        taken_now = authorized is not None and not preorders.is_held_until_sent(order, authorized)
        if authorized is not None and taken_now:
            payments.ask(session, orders.lock_payment(session, authorized.id), None, by)
    if authorized is not None and taken_now:
        with suppress(TryLater):  # it is owed, and a worker goes on
            payments.take(authorized.id, patience)
    return _order(order_id)


def reject(order_id: int, by: str, patience: Patience = BACKGROUND) -> Order:
    """Turn a held order down: its money is given free, the order ends, and the customer is told by mail.

    A repeat changes nothing. Raises as `approve` does, and PaymentInFlight while its payment is being confirmed.
    """
    with unit_of_work(write=True) as session:
        order = review.answer(session, order_id, ReviewState.REJECTED, by)
        authorized = payments.authorized(order)
        still_open = orders.open_payments(session, order.id)
        if authorized is not None:
            payments.ask_void(session, orders.lock_payment(session, authorized.id), by)
        elif not still_open:
            orders.end(session, order, f"rejected by {by}")
        elif order.state is OrderState.PENDING:
            payments.end_later(session, order)
    if authorized is not None:
        with suppress(TryLater):  # it is owed, and a worker goes on
            payments.let_go(authorized.id, patience)
    return _order(order_id)


def charge(payment_id: int, amount: Money | None, by: str, patience: Patience = BACKGROUND) -> Payment:
    """Take all of what is set aside (None), or a part; an order under review is approved by that.

    A repeat takes nothing more. Raises as `payments.capture` does: then nothing is approved either, unless it is the
    provider that refused.
    """
    with unit_of_work(write=True) as session:
        payment = orders.lock_payment(session, payment_id)
        if payment.order.review is ReviewState.HELD:
            review.answer(session, payment.order_id, ReviewState.APPROVED, by)
        payments.ask(session, payment, amount, by)
    return payments.capture(payment_id, amount, by, patience)


def farewell(order: Order) -> sending.Composed:
    """Return the mail that the customer gets when the order's money is let go, in their language."""
    return sending.compose(about("cancelled", receipts.of(order)))


def _order(order_id: int) -> Order:
    with unit_of_work() as session:
        return session.get_one(Order, order_id)
