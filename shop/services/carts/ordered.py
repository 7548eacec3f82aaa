"""What becomes of a cart when what was ordered from it is paid, and when that comes to nothing after all."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, delete, or_, update
from sqlalchemy.orm import Session

from shop.models import CartLine, Order, OrderLine
from shop.models.cart import MOST_OF_ONE
from shop.services.unit_of_work import insert_unless_there

_BY_ITSELF = {"synchronize_session": False, "autoflush": False}


def take_out(session: Session, order: Order) -> None:
    """Take what was ordered out of its cart, once: what was put in since stays. The order's lock is held."""
    if order.cart_id is None or order.left_cart:
        return
    order.left_cart = True
    whole = [and_(*_here(order, line), CartLine.quantity <= line.quantity) for line in order.lines]
    gone = session.execute(delete(CartLine).where(or_(*whole)), execution_options=_BY_ITSELF)
    if gone.rowcount == len(order.lines):  # type: ignore[attr-defined]  # of a statement that changes rows
        return
    for line in order.lines:
        left = CartLine.quantity - line.quantity
        more = update(CartLine).where(*_here(order, line), CartLine.quantity > line.quantity).values(quantity=left)
        session.execute(more, execution_options=_BY_ITSELF)


def put_back(session: Session, order: Order) -> None:
    """Put what was ordered back into its cart, as far as it has room: the payment has come to nothing.

    Its prices count as not seen, so a cart in another currency by now is none the worse. The order's lock is held.
    """
    if order.cart_id is None or not order.left_cart:
        return
    order.left_cart = False
    for line in order.lines:
        if line.variant_id is None:
            continue  # it is sold no more
        new = {"cart_id": order.cart_id, "variant_id": line.variant_id, "quantity": line.quantity}
        if insert_unless_there(session, CartLine, ("cart_id", "variant_id"), new):
            continue
        both = CartLine.quantity + line.quantity
        full = case((both > MOST_OF_ONE, MOST_OF_ONE), else_=both)
        session.execute(
            update(CartLine).where(*_here(order, line)).values(quantity=full), execution_options=_BY_ITSELF
        )


def _here(order: Order, line: OrderLine) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions of the cart's line that an order's line was."""
    return CartLine.cart_id == order.cart_id, CartLine.variant_id == line.variant_id
