"""What becomes of an order when money comes, fails to come, or comes too late."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shop.errors import NotFound, OutOfStock
from shop.models import CartLine, Order, OrderState, Payment
from shop.models.order import TRANSITIONS
from shop.models.payment import OPEN_STATES
from shop.services import documents, metrics, outbox, record, stock, tokens
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work


def lock(session: Session, order_id: int) -> Order:
    """Return the order with its row locked until the transaction ends; orders are locked before their payments."""
    return session.get_one(Order, order_id, with_for_update={"of": Order}, populate_existing=True)


def lock_payment(session: Session, payment_id: int) -> Payment:
    """Return the payment with its order's row and its own locked, in that order, until the transaction ends."""
    order_id = session.scalars(select(Payment.order_id).where(Payment.id == payment_id)).one()
    lock(session, order_id)
    return session.get_one(Payment, payment_id, with_for_update={"of": Payment}, populate_existing=True)


def replace_earlier(session: Session, cart_id: int) -> None:
    """End the unpaid orders that were placed from a cart before: it makes one order at a time.

    One that nobody has begun to pay gives its stock back at once. One that has is called back at its provider
    by the next sweep, which frees its stock on that word.
    """
    query = select(Order.id).where(Order.cart_id == cart_id, Order.state == OrderState.PENDING).order_by(Order.id)
    for order_id in session.scalars(query).all():
        order = lock(session, order_id)
        if order.state is not OrderState.PENDING or order.expires_at is None:
            continue  # paid in this very moment, or a bank is at work
        if open_payments(session, order.id):
            order.expires_at = context().clock.now()
            continue
        record.move(session, TRANSITIONS, "order", order, OrderState.CANCELLED, "replaced by a new order")
        stock.release(session, order)


def by_token(token: str) -> Order:
    """Return the order a guest's token names; raise NotFound for any other."""
    return _one(Order.public_id == tokens.read_order(token))


def seen_by(reference: str, user_id: int | None) -> Order:
    """Return the order that a token names, or the number of one of the customer's own; raise NotFound for any other."""
    try:
        return by_token(reference)
    except NotFound:
        if user_id is None:
            raise
    return _one(Order.number == reference, Order.user_id == user_id)


def of_user(user_id: int) -> list[Order]:
    """Return a customer's orders, newest first."""
    with unit_of_work() as session:
        return list(session.scalars(select(Order).where(Order.user_id == user_id).order_by(Order.id.desc())))


def by_number(number: str, email: str) -> Order:
    """Return the order with this number and mail address; raise NotFound when either is wrong."""
    return _one(Order.number == number.strip().upper(), func.lower(Order.email) == email.strip().lower())


def _one(*conditions: object) -> Order:
    with unit_of_work() as session:
        order = session.scalars(select(Order).where(*conditions)).unique().one_or_none()  # type: ignore[arg-type]
    if order is None:
        raise NotFound("There is no such order.")
    return order


def money_came(session: Session, order: Order, payment: Payment, cause: str) -> bool:
    """Finish the order by a payment that was captured; False where the money is owed back instead.

    Late money (the order had expired or was cancelled) takes stock again, if there is any. Money for an order
    that another payment has paid is surplus. Whoever calls gives back what is owed back.
    """
    if order.state is OrderState.PENDING:
        _paid(session, order, cause)
        return True
    if order.state in (OrderState.EXPIRED, OrderState.CANCELLED):
        return _paid_late(session, order, cause)
    paid_by_this = all(other.id == payment.id or not other.captures for other in order.payments)
    return paid_by_this


def _paid(session: Session, order: Order, cause: str) -> None:
    stock.sell(session, order)
    record.move(session, TRANSITIONS, "order", order, OrderState.PAID, cause)
    order.paid_at = context().clock.now()
    order.expires_at = None
    documents.issue(session, order)
    if order.cart_id is not None:
        bought = [line.variant_id for line in order.lines]
        session.execute(delete(CartLine).where(CartLine.cart_id == order.cart_id, CartLine.variant_id.in_(bought)))
    outbox.owe(session, "mail.receipt", f"mail.receipt:{order.id}", order_id=order.id, order=order.id)


def _paid_late(session: Session, order: Order, cause: str) -> bool:
    try:
        with session.begin_nested():
            stock.sell(session, order)
    except OutOfStock:
        outbox.owe(session, "mail.late_refund", f"mail.late_refund:{order.id}", order_id=order.id, order=order.id)
        return False
    _paid(session, order, cause)
    return True


def processing(session: Session, order: Order) -> None:
    """Keep the order open without end: a bank debit takes days; tell the customer that it is under way, once."""
    order.expires_at = None
    outbox.owe(session, "mail.processing", f"mail.processing:{order.id}", order_id=order.id, order=order.id)


def reopen(order: Order) -> None:
    """Give a pending order its time again: the payment that kept it open without end has come to nothing."""
    if order.state is OrderState.PENDING:
        order.expires_at = context().clock.now() + timedelta(seconds=context().settings.order_lifetime)


def payment_failed(session: Session, order: Order, payment: Payment, attempt_id: int) -> None:
    """Tell the customer, who has long left the page, that the order may be paid in another way."""
    if order.state is not OrderState.PENDING:
        return
    key = f"mail.payment_failed:{payment.id}:{attempt_id}"
    outbox.owe(session, "mail.payment_failed", key, order_id=order.id, order=order.id)


def due_to_expire(session: Session, now: datetime, limit: int) -> list[int]:
    """Return the ids of pending orders whose time is up."""
    return list(
        session.scalars(
            select(Order.id)
            .where(Order.state == OrderState.PENDING, Order.expires_at < now)
            .order_by(Order.expires_at)
            .limit(limit)
        )
    )


def open_payments(session: Session, order_id: int) -> list[int]:
    """Return the ids of an order's payments by which money may still come; one at most, by a unique index."""
    return list(session.scalars(select(Payment.id).where(Payment.order_id == order_id, Payment.state.in_(OPEN_STATES))))


def expire(order_id: int, cause: str) -> bool:
    """End an unpaid order and free its stock, once every payment of it is called back; False if it is not time.

    Call it after the provider has agreed to the cancellation: stock is freed on its word only.
    """
    with unit_of_work(write=True) as session:
        order = lock(session, order_id)
        now = context().clock.now()
        still_open = open_payments(session, order.id)
        if order.state is not OrderState.PENDING or still_open or order.expires_at is None or order.expires_at > now:
            return False
        record.move(session, TRANSITIONS, "order", order, OrderState.EXPIRED, cause)
        stock.release(session, order)
        metrics.payments.labels("none", "expired").inc()
        return True
