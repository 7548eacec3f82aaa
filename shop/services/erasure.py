"""Deleting an account: the person goes, and what the law makes a shop keep stays with as little of them as it can.

Gone at once: the account, addresses, carts, the mail address on every order, the masked payer of every payment, the
bodies of what was exchanged with the providers. An order that was never paid loses name and address too. A paid one
keeps them, since they stand on its invoice, for eight years from the end of the year (section 147 of the German
Fiscal Code, section 14b of the VAT Act); `purge` takes them then. Its documents stay as they were issued until that
day (section 146, paragraph 4, of the Fiscal Code), and keep their numbers and figures after it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from shop.errors import InvalidInput, PaymentInFlight, TryLater
from shop.gateways.base import INTERACTIVE
from shop.models import (
    AccountEvent,
    Address,
    Cart,
    Order,
    OrderState,
    OutboxMessage,
    OutboxState,
    User,
)
from shop.models.order import ERASED, TRANSITIONS
from shop.services import (
    account_mail,
    accounts,
    documents,
    exchanged,
    locks,
    orders,
    payments,
    promotions,
    record,
    stock,
    wallets,
)
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

YEARS_KEPT = 8
UNCONFIRMED_KEPT = timedelta(days=30)
EVENT_ADDRESS_KEPT = timedelta(days=30)


def delete_account(user_id: int, password: str) -> None:
    """Delete an account for good, and owe a mail that says so.

    Unpaid orders are ended first, at their provider too. Raises InvalidInput for a wrong password, and
    PaymentInFlight, with words for the person, while a payment is under way or cannot be called back: nothing is
    deleted then.
    """
    user = accounts.verify(user_id, password)
    if user.is_merchant:
        raise InvalidInput(_("This account runs the shop. Another one has to take that over first."), "password")
    with unit_of_work(write=True) as session:
        accounts.attach_orders(session, user)
    for order_id in _pending(user_id):
        _end(order_id)
    with unit_of_work(write=True) as session:
        row = session.get_one(User, user_id, with_for_update=locks.kept(User), populate_existing=True)
        locks.carts_of(session, user_id)
        found = [orders.lock(session, order_id) for order_id in _order_ids(session, user_id)]
        if any(order.is_payable or orders.open_payments(session, order.id) for order in found):
            raise _under_way()
        for order in found:
            _forget(session, order)
        wallets.forget(session, row.id)
        promotions.forget(session, row.email, [order.id for order in found])
        _delete(session, row)


def purge() -> None:
    """Forget whose time is up: invoices past the law's years, accounts never confirmed, addresses of old mails."""
    now = context().clock.now()
    with unit_of_work(write=True) as session:
        for order in session.scalars(select(Order).where(Order.erase_at < now)):
            _anonymise(order)
            documents.forget(session, order.id)
            order.erase_at = None
        session.execute(
            delete(User).where(User.email_confirmed_at.is_(None), User.created_at < now - UNCONFIRMED_KEPT)
        )
        session.execute(
            update(AccountEvent).where(AccountEvent.at < now - EVENT_ADDRESS_KEPT).values(email="", name="")
        )


def kept_until(paid_at: datetime) -> datetime:
    """Return when the law lets go of an invoice: the beginning of the ninth year after the one it was paid in."""
    return datetime(paid_at.year + YEARS_KEPT + 1, 1, 1, tzinfo=UTC)


def _pending(user_id: int) -> list[int]:
    query = select(Order.id).where(Order.user_id == user_id, Order.state == OrderState.PENDING).order_by(Order.id)
    with unit_of_work() as session:
        return list(session.scalars(query))


def _end(order_id: int) -> None:
    """Call an unpaid order's payment back at its provider, then end the order and free its stock on that word."""
    with unit_of_work() as session:
        still_open = orders.open_payments(session, order_id)
    try:
        for payment_id in still_open:
            payments.call_back(payment_id, "the account is deleted", INTERACTIVE, even_reserved=True)
    except (PaymentInFlight, TryLater) as exc:
        raise _under_way() from exc
    with unit_of_work(write=True) as session:
        order = orders.lock(session, order_id)
        if orders.open_payments(session, order_id):
            raise _under_way()
        if order.state is OrderState.PENDING:
            record.move(session, TRANSITIONS, "order", order, OrderState.CANCELLED, "the account is deleted")
            promotions.release(session, order, "account deleted")
            stock.release(session, order)
            order.expires_at = None


def _order_ids(session: Session, user_id: int) -> list[int]:
    return list(session.scalars(select(Order.id).where(Order.user_id == user_id).order_by(Order.id)))


def _forget(session: Session, order: Order) -> None:
    """Take the person out of an order, as far as the law lets us."""
    order.email = f"{order.public_id.lower()}{ERASED}"
    order.user_id = order.cart_id = None
    if order.paid_at is None:
        _anonymise(order)
    else:
        order.erase_at = kept_until(order.paid_at)
    exchanged.forget_calls(session, [f"order:{order.id}", *(f"payment:{payment.id}" for payment in order.payments)])
    for payment in order.payments:
        payment.method_payer = ""
        parts = [capture.external_id for capture in payment.captures]
        parts += [refund.external_id for refund in payment.refunds if refund.external_id]
        exchanged.forget_notices(session, payment.provider, [payment.external_id, *parts])
    session.execute(update(OutboxMessage).where(OutboxMessage.order_id == order.id).values(error=""))
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.order_id == order.id, OutboxMessage.state == OutboxState.PENDING)
        .where(OutboxMessage.kind.startswith("mail."))
        .values(state=OutboxState.DONE)
    )


def _anonymise(order: Order) -> None:
    """Empty what names the buyer; the countries stay, since the tax of the figures depends on them."""
    order.name = order.line1 = order.line2 = order.city = order.region = order.postal_code = ""
    order.company = order.vat_id = ""
    order.billing_line1 = order.billing_city = order.billing_region = order.billing_postal_code = ""


def _delete(session: Session, user: User) -> None:
    mine = AccountEvent.user_id == user.id
    session.execute(update(AccountEvent).where(mine).values(email="", name=""))
    for cart in session.scalars(select(Cart).where(Cart.user_id == user.id)):
        session.delete(cart)
    session.execute(delete(Address).where(Address.user_id == user.id))
    account_mail.owe(session, "account_deleted", user)
    session.delete(user)
    session.flush()


def _under_way() -> PaymentInFlight:
    words = _(
        "A payment of yours is under way, and its order would be left without an owner. Nothing was deleted. "
        "Please try again once it is settled; a bank debit takes a few days."
    )
    return PaymentInFlight(words)


def kept(user_id: int) -> int:
    """Return how many of a customer's orders the law makes us keep: those that were paid."""
    query = select(func.count()).select_from(Order).where(Order.user_id == user_id, Order.paid_at.is_not(None))
    with unit_of_work() as session:
        return session.scalar(query) or 0
