"""Stock: taken aside when an order is placed, given back when it ends unpaid, sold when the money is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, case, select, update
from sqlalchemy.orm import Session

from shop.errors import OutOfStock
from shop.models import Order, OrderLine, StockState, Variant
from shop.services import locks


def hold(session: Session, order: Order) -> None:
    """Take the order's units off the shelves; raise OutOfStock, naming the line, when one is short.

    The shelves are locked before they are looked at, so that two orders cannot take the same unit. Two statements,
    however many lines there are.
    """
    lines = sorted(order.lines, key=lambda line: line.variant_id or 0)
    wanted = _units(lines)
    left = _locked(session, wanted)
    for line in lines:
        there = left.get(line.variant_id or 0, 0)
        if there < line.quantity:
            raise OutOfStock(_words(line.name, there), line.sku, there)
    _change(session, wanted, Variant.stock - case(wanted, value=Variant.id))
    order.stock_state = StockState.HELD


def exchange(session: Session, ended: Sequence[Order], order: Order) -> None:
    """Put the units of ended orders back and take those of the order in their place; raise OutOfStock as `hold` does.

    The shelves of all of them are locked at once: set by set, a low one would be locked after a high one.
    """
    if ended:
        _locked(session, _units([line for each in (*ended, order) for line in each.lines]))
    for each in ended:
        release(session, each)
    hold(session, order)


def release(session: Session, order: Order) -> None:
    """Put the units back, with two statements; a repeat, or an order that was paid, changes nothing."""
    if order.stock_state is not StockState.HELD:
        return
    wanted = _units(order.lines)
    if _locked(session, wanted):  # an article may be gone since
        _change(session, wanted, Variant.stock + case(wanted, value=Variant.id))
    order.stock_state = StockState.RELEASED


def sell(session: Session, order: Order) -> None:
    """Count the units as sold; take them again first if they had been given back (raises OutOfStock)."""
    if order.stock_state is StockState.RELEASED:
        hold(session, order)
    order.stock_state = StockState.SOLD


def _units(lines: Sequence[OrderLine]) -> dict[int, int]:
    return {line.variant_id: line.quantity for line in lines if line.variant_id is not None}


def _locked(session: Session, wanted: Mapping[int, int]) -> dict[int, int]:
    """Lock the shelves, in the order in which everybody locks them; return what is left on each."""
    shelves = select(Variant.id, Variant.stock).where(Variant.id.in_(wanted)).order_by(Variant.id)
    return {row.id: row.stock for row in session.execute(shelves.with_for_update(**locks.kept(Variant)))}


def _change(session: Session, wanted: Mapping[int, int], stock: ColumnElement[int]) -> None:
    statement = update(Variant).where(Variant.id.in_(wanted)).values(stock=stock)
    session.execute(statement, execution_options={"synchronize_session": False})


def _words(name: str, left: int) -> str:
    if left == 0:
        return str(_("%(name)s has just sold out.", name=name))
    return str(_("Only %(left)d of %(name)s left.", left=left, name=name))
