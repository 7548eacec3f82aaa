"""The one order in which rows are locked, so that no two ever wait for each other.

    account ─> cart ─> counter of order numbers ─> orders, by id ─> payment ─> promotions, by id ─> shelves, by id
       └─────> customer at the provider ─> saved cards                                                  │
                                                                        numbers of invoices <───────────┘

Whoever needs several of these takes them from left to right, and shelves in one set: those that an earlier order gives
back to together with those that the next one takes from. What was noted at the till comes last, by id. A row that is
locked to be changed is locked FOR NO KEY UPDATE: writing a row that refers to it (an order of the account, a message
about the order) asks PostgreSQL for KEY SHARE, which goes beside that and not beside FOR UPDATE. What does change a
key, the account's mail address or its end, comes last in its transaction, when nothing else is left to lock.
Rows that nobody refers to (leases, the inbox, the outbox) are locked in the same way, so that there is one rule, which
tests/test_architecture.py enforces.
https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shop.models import Cart, Order, User


def account(session: Session, user_id: int) -> User | None:
    """Return an account with its row locked until the transaction ends, as it is now; None for one that is gone."""
    return session.get(User, user_id, with_for_update=kept(User), populate_existing=True)


def carts_of(session: Session, user_id: int) -> Sequence[Cart]:
    """Return an account's carts, one as a rule, with their rows locked."""
    query = select(Cart).where(Cart.user_id == user_id).order_by(Cart.id)
    return session.scalars(query.with_for_update(**kept(Cart))).all()


def order_ids(session: Session, *which: ColumnElement[bool]) -> list[int]:
    """Lock orders, in the order of their ids as everybody does, and return these."""
    query = select(Order.id).where(*which).order_by(Order.id)
    return list(session.scalars(query.with_for_update(**kept(Order))))


def kept(model: type[Any]) -> dict[str, Any]:
    """Return how a row is locked that is changed and stays: FOR NO KEY UPDATE, and this table's rows only."""
    return {"of": model, "key_share": True}
