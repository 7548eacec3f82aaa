"""Whose cart it is: a browser's until somebody signs in, then their account's, on every device of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shop.errors import NotFound
from shop.models import Cart, CartLine, Order
from shop.models.base import public_id
from shop.models.cart import MOST_OF_ONE
from shop.services import catalogue, locks
from shop.services.carts.change import count_in, line_of, lock
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

BATCH = 1000


@dataclass(frozen=True)
class Cut:
    """What did not go into the account's cart as a whole: so many are in it now."""

    name: str
    label: str
    quantity: int


@dataclass(frozen=True)
class Belongings:
    """The cart of an account after signing in. `was_waiting` tells whether something was in it before."""

    token: str
    currency: str
    was_waiting: bool
    cut: tuple[Cut, ...]


def belong_to(token: str | None, user_id: int, currency: str | None = None) -> Belongings:
    """Give what is in the visitor's cart to the account they signed in to; return the account's one cart.

    Quantities add up, to the stock and to 99. The cart is counted in `currency` from now on, if one is given, else
    as it was. The visitor's own cart is gone afterwards, and a repeat changes nothing; a cart of another account
    stays where it is. The account's cart never has a token that a browser without the account knew.
    """
    with unit_of_work(write=True) as session:
        # One sign-in at a time: two devices must not make two carts.
        if locks.account(session, user_id) is None:
            raise NotFound(_("There is no such account."))
        account = next(iter(locks.carts_of(session, user_id)), None)
        visitor = lock(session, token)
        if visitor is not None and visitor.user_id is not None:
            visitor = None  # the account's own, or another's
        was_waiting = bool(account and account.lines)
        if account is None and visitor is not None:
            account = visitor
            account.token, visitor = public_id(24), None
        elif account is None:
            account = Cart(currency=currency or context().settings.currency, promotion_code="", lines=[])
        account.user_id = user_id
        session.add(account)
        session.flush()
        cut = _merge(session, visitor, account) if visitor is not None else ()
        count_in(account, currency or account.currency)
        return Belongings(account.token, account.currency, was_waiting, cut)


def purge(older_than: timedelta) -> int:
    """Delete carts of no account that nobody has touched for so long; return how many.

    They go a thousand at a time, so that nobody waits long for the table.
    """
    before = context().clock.now() - older_than
    forgotten = select(Cart.id).where(Cart.user_id.is_(None), Cart.updated_at < before).limit(BATCH)
    gone = 0
    while True:
        with unit_of_work(write=True) as session:
            ids = session.scalars(forgotten).all()
            session.execute(delete(Cart).where(Cart.id.in_(ids), Cart.updated_at < before))
        if not ids:
            return gone
        gone += len(ids)


def _merge(session: Session, visitor: Cart, account: Cart) -> tuple[Cut, ...]:
    """Move everything from a visitor's cart to the account's, its code and its unpaid order too; delete the first."""
    waiting = locks.order_ids(session, Order.cart_id == visitor.id)
    session.execute(update(Order).where(Order.id.in_(waiting)).values(cart_id=account.id))
    count_in(visitor, account.currency)
    found = [_put(session, account, line) for line in visitor.lines]
    account.promotion_code = visitor.promotion_code or account.promotion_code
    session.delete(visitor)
    session.flush()
    return tuple(cut for cut in found if cut is not None)


def _put(session: Session, account: Cart, more: CartLine) -> Cut | None:
    """Add a line to the account's cart; return what was cut of it."""
    variant, line = more.variant, line_of(account, more.variant)
    if line is None:
        account.lines.append(CartLine(variant=variant, quantity=more.quantity, seen_amount=more.seen_amount))
        return None
    wanted = line.quantity + more.quantity
    # What was in the cart before stays in it, even if it is more than is left by now: the cart's page tells of that.
    line.quantity = min(wanted, MOST_OF_ONE, max(line.quantity, variant.stock))
    if line.quantity == wanted:
        return None
    name = catalogue.names_here(session, [variant.product_id])[variant.product_id]
    return Cut(name, variant.label, line.quantity)
