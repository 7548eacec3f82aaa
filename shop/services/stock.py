"""Stock: taken aside when an order is placed, given back when it ends unpaid, sold when the money is there."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.errors import OutOfStock
from shop.models import Order, OrderLine, StockState, Variant


def hold(session: Session, order: Order) -> None:
    """Take the order's units off the shelves; raise OutOfStock, naming the line, when one is short.

    The condition is in the statement itself, so that two orders cannot take the same unit.
    """
    for line in _in_order(order):
        taken = session.execute(
            update(Variant)
            .where(Variant.id == line.variant_id, Variant.stock >= line.quantity)
            .values(stock=Variant.stock - line.quantity)
        )
        if not taken.rowcount:  # type: ignore[attr-defined]
            left = session.get(Variant, line.variant_id, populate_existing=True)
            raise OutOfStock(_words(line.name, left.stock if left else 0), line.sku, left.stock if left else 0)
    order.stock_state = StockState.HELD


def release(session: Session, order: Order) -> None:
    """Put the units back; a repeat, or an order that was paid, changes nothing."""
    if order.stock_state is not StockState.HELD:
        return
    for line in _in_order(order):
        session.execute(
            update(Variant).where(Variant.id == line.variant_id).values(stock=Variant.stock + line.quantity)
        )
    order.stock_state = StockState.RELEASED


def sell(session: Session, order: Order) -> None:
    """Count the units as sold; take them again first if they had been given back (raises OutOfStock)."""
    if order.stock_state is StockState.RELEASED:
        hold(session, order)
    order.stock_state = StockState.SOLD


def _in_order(order: Order) -> list[OrderLine]:
    """Return the lines in the order in which everybody locks the shelves, so that no two wait for each other."""
    return sorted(order.lines, key=lambda line: line.variant_id or 0)


def _words(name: str, left: int) -> str:
    if left == 0:
        return f"{name} has just sold out."
    return f"Only {left} of {name} left."
