"""Orders a person has to look at before their money is taken: the rules that hold one, and the two answers.

A held order is authorized, not charged. Approving it takes the money; rejecting it gives the money free.
"""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shop.errors import NotFound
from shop.models import Order, OrderState, ReviewState
from shop.models.order import REVIEW_TRANSITIONS
from shop.money import exponent
from shop.services import orders, record
from shop.services.providers import context

STRANGERS_SHARE = 3  # tenths of the setting that an address may spend which has not paid anything here yet


def judge(session: Session, order: Order) -> None:
    """Hold a new order where a rule asks for it; the reasons stand on the order for the merchant."""
    reasons = _reasons(session, order)
    if reasons:
        order.review_reasons = " ".join(reasons)
        _move(session, order, ReviewState.HELD, "rules: " + ", ".join(reasons))


def holds(order: Order) -> bool:
    """Tell whether an order's money may only be set aside."""
    return order.review is ReviewState.HELD


def held(session: Session, limit: int = 100) -> list[Order]:
    """Return the orders that wait for an answer, the oldest first."""
    query = select(Order).where(Order.review == ReviewState.HELD, Order.state == OrderState.PENDING)
    return list(session.scalars(query.order_by(Order.id).limit(limit)).unique())


def _reasons(session: Session, order: Order) -> list[str]:
    settings = context().settings
    most = settings.review_above.get(order.currency)
    limit = None if most is None else most * 10 ** exponent(order.currency)
    reasons = []
    if limit is not None and order.total > limit:
        reasons.append("large_total")
    elif limit is not None and order.total > limit * STRANGERS_SHARE // 10 and not _has_paid_before(session, order):
        reasons.append("first_order_of_an_address")
    if _placed_lately(session, order) >= settings.review_orders_per_hour:
        reasons.append("many_orders")
    return reasons


def _has_paid_before(session: Session, order: Order) -> bool:
    paid = (OrderState.PAID, OrderState.FULFILLED)
    query = select(Order.id).where(_same_address(order), Order.state.in_(paid), Order.id != order.id)
    return session.scalar(query.limit(1)) is not None


def _placed_lately(session: Session, order: Order) -> int:
    since = context().clock.now() - timedelta(hours=1)
    query = select(func.count()).where(_same_address(order), Order.placed_at > since, Order.id != order.id)
    return session.scalar(query) or 0


def _same_address(order: Order) -> ColumnElement[bool]:
    return func.lower(Order.email) == order.email.lower()


def _move(session: Session, order: Order, state: ReviewState, cause: str) -> bool:
    """Set an order's review by its table and write it down; False for a repeat."""
    return record.move(session, REVIEW_TRANSITIONS, "review", order, state, cause, column="review")


def answer(session: Session, order_id: int, state: ReviewState, by: str) -> Order:
    """Write a person's answer down, once, under the order's lock; a repeat changes nothing.

    Raises NotFound for an order that no rule holds, and IllegalTransition for the opposite of an answer given before.
    """
    order = orders.lock(session, order_id)
    if order.review is ReviewState.NONE:
        raise NotFound(_("This order is not under review."))
    if _move(session, order, state, by):
        order.reviewed_by = by[:80]
    return order

