"""What becomes of an order when money comes, fails to come, or comes too late."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from flask_babel import gettext as _
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from shop.errors import NotFound, OutOfStock
from shop.models import Cart, Order, OrderState, Payment, ReviewState
from shop.models.order import ERASED, TRANSITIONS
from shop.models.payment import OPEN_STATES
from shop.services import (
    documents,
    installation,
    locks,
    metrics,
    outbox,
    promotions,
    record,
    stock,
    tax_records,
    tokens,
)
from shop.services.carts.ordered import put_back, take_out
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

PAGE = 10  # orders on one page of the history
REPLACED = "replaced by a new order"


def lock(session: Session, order_id: int) -> Order:
    """Return the order with its row locked until the transaction ends; orders are locked before their payments."""
    return session.get_one(Order, order_id, with_for_update=locks.kept(Order), populate_existing=True)


def lock_payment(session: Session, payment_id: int) -> Payment:
    """Return the payment with its order's row and its own locked, in that order, until the transaction ends.

    The order is locked by its number alone and read with the payment, after both locks: once, and not twice.
    """
    order_id = select(Payment.order_id).where(Payment.id == payment_id).scalar_subquery()
    session.execute(select(Order.id).where(Order.id == order_id).with_for_update(**locks.kept(Order)))
    payment = session.get_one(Payment, payment_id, with_for_update=locks.kept(Payment), populate_existing=True)
    session.expire(payment.order, ["payments"])
    len(payment.order.payments)  # which reads them anew: the other payments of the order count as well
    return payment


def replace_earlier(session: Session, cart_id: int) -> list[Order]:
    """End the unpaid orders that were placed from a cart before: it makes one order at a time.

    One that nobody has begun to pay is cancelled at once, and gives its stock back as that order takes its own. One
    that has is called back at its provider by a worker, or the next sweep, which frees its stock on that word. Either
    gives the use of its promotion code to the order that takes its place. Returns those that ended, for that order to
    be named in them.
    """
    ended = []
    query = select(Order.id).where(Order.cart_id == cart_id, Order.state == OrderState.PENDING).order_by(Order.id)
    earlier = [lock(session, order_id) for order_id in session.scalars(query).all()]
    if earlier:
        promotions.lock_for_cart(session, cart_id)
    for order in earlier:
        if order.state is not OrderState.PENDING or order.expires_at is None:
            continue  # paid in this very moment, or a bank is at work
        promotions.release(session, order, REPLACED)
        ended.append(order)
        if open_payments(session, order.id):
            order.expires_at = context().clock.now()
            key = f"order.replaced:{order.id}"
            outbox.owe(session, "order.replaced", key, order_id=order.id, order=order.id)
            continue
        record.move(session, TRANSITIONS, "order", order, OrderState.CANCELLED, REPLACED)
    return ended


def successor(order: Order) -> Order | None:
    """Return the order that has taken the place of one, where the same person placed it; None otherwise.

    Two people may have used one cart in one browser: the second's order is not shown to the first.
    """
    if order.replaced_by_id is None:
        return None
    with unit_of_work() as session:
        newer = session.get_one(Order, order.replaced_by_id)
    is_theirs = newer.user_id == order.user_id and newer.email.lower() == order.email.lower()
    return newer if is_theirs else None


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


def of_user(user_id: int, page: int = 1) -> tuple[list[Order], bool]:
    """Return one page of a customer's orders, newest first, and whether there are older ones."""
    query = select(Order).where(Order.user_id == user_id).order_by(Order.id.desc())
    with unit_of_work() as session:
        found = list(session.scalars(query.offset((page - 1) * PAGE).limit(PAGE + 1)))
    return found[:PAGE], len(found) > PAGE


def begun(cart_token: str | None, user_id: int | None) -> Order | None:
    """Return the order placed last from a cart by this account, or this guest, while it waits to be paid; or None."""
    if cart_token is None:
        return None
    now = context().clock.now()
    query = (
        select(Order)
        .join(Cart, Cart.id == Order.cart_id)
        .where(Cart.token == cart_token, Order.user_id == user_id, Order.replaced_by_id.is_(None))
        .where(Order.state == OrderState.PENDING, Order.expires_at > now)
        .order_by(Order.id.desc())
        .limit(1)
    )
    with unit_of_work() as session:
        return session.scalars(query).unique().one_or_none()


def own(token: str, user_id: int) -> Order:
    """Return the order a token names if it is this customer's; raise NotFound otherwise."""
    return _one(Order.public_id == tokens.read_order(token), Order.user_id == user_id)


def by_number(number: str, email: str) -> Order:
    """Return the order with this number and mail address; raise NotFound when either is wrong.

    The number may be typed as it is read out: in small letters, and with spaces or none where its hyphens are.
    """
    with unit_of_work() as session:
        written = installation.as_order_number(session, number)
    try:
        return _one(Order.number == written, func.lower(Order.email) == email.strip().lower())
    except NotFound as exc:
        raise NotFound(_("There is no order with this number and this mail address.")) from exc


def _one(*conditions: object) -> Order:
    with unit_of_work() as session:
        order = session.scalars(select(Order).where(*conditions)).unique().one_or_none()  # type: ignore[arg-type]
    if order is None:
        raise NotFound(_("There is no such order."))
    structlog.contextvars.bind_contextvars(order=order.number)
    return order


def money_came(session: Session, order: Order, payment: Payment, cause: str) -> bool:
    """Finish the order by a payment that was captured; False where the money is owed back instead.

    Late money (the order had expired or was cancelled) takes stock again, if there is any and the buyer was not
    erased. Money for an order that another payment has paid is surplus. Whoever calls gives back what is owed back.
    """
    if order.state is OrderState.PENDING:
        _take_goods(session, order, cause)
        _paid(session, order, cause)
        return True
    if order.state in (OrderState.EXPIRED, OrderState.CANCELLED):
        return _paid_late(session, order, cause)
    paid_by_this = all(other.id == payment.id or not other.captures for other in order.payments)
    return paid_by_this


def _take_goods(session: Session, order: Order, cause: str) -> None:
    promotions.use(session, order, cause)
    stock.sell(session, order)


def _paid(session: Session, order: Order, cause: str) -> None:
    record.move(session, TRANSITIONS, "order", order, OrderState.PAID, cause)
    order.paid_at = context().clock.now()
    order.expires_at = None
    take_out(session, order)
    tax_records.owe_commit(session, order)
    documents.issue(session, order)
    outbox.owe(session, "mail.receipt", f"mail.receipt:{order.id}", order_id=order.id, order=order.id)


def authorized(session: Session, order: Order, payment: Payment) -> bool:
    """Keep a pending order without end: its money is set aside, and the customer is told. False for any other."""
    if order.state is not OrderState.PENDING:
        return False
    order.expires_at = None
    take_out(session, order)
    key = f"mail.authorized:{payment.id}"
    outbox.owe(session, "mail.authorized", key, order_id=order.id, order=order.id)
    return True


def lapsed(session: Session, order: Order, payment: Payment) -> None:
    """Ask the customer to pay again: the money that was set aside is free. Unpaid, the order then expires."""
    if order.state is not OrderState.PENDING:
        return
    reopen(session, order)
    key = f"mail.authorization_lapsed:{payment.id}"
    outbox.owe(session, "mail.authorization_lapsed", key, order_id=order.id, order=order.id)


def end(session: Session, order: Order, cause: str) -> None:
    """Cancel a pending order whose money was let go, give its stock back, and tell the customer."""
    if order.state is not OrderState.PENDING:
        return
    record.move(session, TRANSITIONS, "order", order, OrderState.CANCELLED, cause)
    promotions.release(session, order, cause)
    stock.release(session, order)
    outbox.owe(session, "mail.cancelled", f"mail.cancelled:{order.id}", order_id=order.id, order=order.id)


def _paid_late(session: Session, order: Order, cause: str) -> bool:
    if order.email.endswith(ERASED):
        return False  # there is no address to send the goods to, and nobody to write to
    try:
        with session.begin_nested():
            _take_goods(session, order, cause)
    except OutOfStock:
        outbox.owe(session, "mail.late_refund", f"mail.late_refund:{order.id}", order_id=order.id, order=order.id)
        return False
    _paid(session, order, cause)
    return True


def processing(session: Session, order: Order, payment: Payment) -> None:
    """Keep the order open without end: a bank debit takes days; tell the customer of each that is under way, once.

    What was ordered leaves the cart, or it would be bought once more before the bank has answered.
    """
    order.expires_at = None
    take_out(session, order)
    key = f"mail.processing:{payment.id}:{payment.capture_round}"  # the round of one that failed is over
    outbox.owe(session, "mail.processing", key, order_id=order.id, order=order.id)


def reopen(session: Session, order: Order) -> None:
    """Give a pending order its time again, and its goods back to the cart: the payment that kept it open is over."""
    if order.state is OrderState.PENDING:
        put_back(session, order)
        order.expires_at = context().clock.now() + timedelta(seconds=context().settings.order_lifetime)


def payment_failed(session: Session, order: Order, payment: Payment, attempt_id: int) -> None:
    """Tell the customer, who has long left the page, that the order may be paid in another way."""
    if order.state is not OrderState.PENDING:
        return
    key = f"mail.payment_failed:{payment.id}:{attempt_id}"
    outbox.owe(session, "mail.payment_failed", key, order_id=order.id, order=order.id)


def due_to_expire(
    session: Session, now: datetime, limit: int, past: tuple[datetime, int] | None = None
) -> list[tuple[datetime, int]]:
    """Return pending orders whose time is up: since when, and the id; those that follow on `past`, the oldest first."""
    query = select(Order.expires_at, Order.id).where(Order.state == OrderState.PENDING, Order.expires_at < now)
    if past is not None:
        query = query.where(tuple_(Order.expires_at, Order.id) > past)
    rows = session.execute(query.order_by(Order.expires_at, Order.id).limit(limit))
    return [(since, order_id) for since, order_id in rows if since is not None]


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
        if order.review is ReviewState.REJECTED:
            end(session, order, cause)  # it was to be paid when it was turned down: its customer is told as any other
            return True
        if order.replaced_by_id is not None:  # and only waited for its payment to be called back
            record.move(session, TRANSITIONS, "order", order, OrderState.CANCELLED, REPLACED)
        else:
            record.move(session, TRANSITIONS, "order", order, OrderState.EXPIRED, cause)
        promotions.release(session, order, cause)
        stock.release(session, order)
        metrics.payments.labels("none", "expired").inc()
        return True
