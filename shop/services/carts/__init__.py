"""Carts: what a visitor means to buy. Prices and stock are looked up whenever a cart is read."""

from shop.services.carts.change import (
    acknowledge,
    add,
    apply_code,
    change_currency,
    drop_code,
    remove,
    set_quantity,
    take_what_is_left,
)
from shop.services.carts.contents import Contents, Line, LineTrouble, contents, count
from shop.services.carts.owner import Belongings, belong_to, purge

__all__ = [
    "Belongings",
    "Contents",
    "Line",
    "LineTrouble",
    "acknowledge",
    "add",
    "apply_code",
    "belong_to",
    "change_currency",
    "contents",
    "count",
    "drop_code",
    "purge",
    "remove",
    "set_quantity",
    "take_what_is_left",
]
