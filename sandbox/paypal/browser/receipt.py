"""An order as the buyer reads it in the approval window."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "AUD": "A$", "CAD": "C$", "NZD": "NZ$", "CHF": "CHF "}


@dataclass(frozen=True)
class Line:
    """One thing to pay for, its amount already written for reading."""

    name: str
    detail: str
    amount: str


@dataclass(frozen=True)
class Receipt:
    """What the window shows of an order."""

    order_id: str
    is_open: bool  # it can still be approved, or approved again with another funding source
    merchant: str
    total: str
    lines: tuple[Line, ...]
    sums: tuple[Line, ...]  # shipping, tax, discount: what stands between the lines and the total
    address: tuple[str, ...]  # one entry per line; empty when the order names none
    pays_now: bool  # PAY_NOW: the button pays; CONTINUE: the shop asks once more
    return_url: str


def read(order: dict[str, Any], context: dict[str, Any], is_open: bool) -> Receipt:
    """Read an order and its experience context."""
    units = order["purchase_units"]
    total = sum((Decimal(unit["amount"]["value"]) for unit in units), Decimal())
    return Receipt(
        order_id=order["id"],
        is_open=is_open,
        merchant=context.get("brand_name") or "Sandbox merchant",
        total=_money(units[0]["amount"]["currency_code"], total),
        lines=tuple(line for unit in units for line in _lines(unit)),
        sums=tuple(line for unit in units for line in _sums(unit["amount"].get("breakdown", {}))),
        address=_address(units[0].get("shipping", {})),
        pays_now=context.get("user_action") == "PAY_NOW",
        return_url=context.get("return_url") or "",
    )


def _lines(unit: dict[str, Any]) -> list[Line]:
    items = unit.get("items", [])
    if not items:
        amount = unit["amount"]
        return [Line(unit.get("description") or "Your purchase", "", _written(amount))]
    return [_item(item) for item in items]


def _item(item: dict[str, Any]) -> Line:
    quantity = int(item["quantity"])
    price = item["unit_amount"]
    detail = f"{quantity} × {_written(price)}" if quantity != 1 else item.get("description", "")
    return Line(item["name"], detail, _money(price["currency_code"], Decimal(price["value"]) * quantity))


def _sums(breakdown: dict[str, Any]) -> list[Line]:
    shown = (
        ("shipping", "Shipping", ""),
        ("handling", "Handling", ""),
        ("tax_total", "Tax", ""),
        ("insurance", "Insurance", ""),
        ("discount", "Discount", "−"),
        ("shipping_discount", "Shipping discount", "−"),
    )
    return [
        Line(label, "", f"{sign}{_written(breakdown[name])}")
        for name, label, sign in shown
        if name in breakdown and Decimal(breakdown[name]["value"]) != 0
    ]


def _address(shipping: dict[str, Any]) -> tuple[str, ...]:
    place = shipping.get("address", {})
    town = " ".join(place[name] for name in ("postal_code", "admin_area_2", "admin_area_1") if place.get(name))
    lines = (
        shipping.get("name", {}).get("full_name"),
        place.get("address_line_1"),
        place.get("address_line_2"),
        town,
        place.get("country_code"),
    )
    return tuple(line for line in lines if line) if place else ()


def _written(money: dict[str, Any]) -> str:
    return _money(money["currency_code"], Decimal(money["value"]))


def _money(currency: str, value: Decimal) -> str:
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{value:,}" if symbol else f"{value:,} {currency}"
