"""What Alice buys from Mara, and what Bob buys beside her."""

from __future__ import annotations

import secrets
import socket
from dataclasses import replace
from typing import Any

from shop.gateways.base import Address, Line, StartPayment, StartRefund
from shop.money import Money

ALICE_AT_HOME = Address("Alice Archer", "12 Harbour Street", "", "Portland", "ME", "04101", "US")


def eur(cents: int) -> Money:
    """Return cents as euros."""
    return Money(cents, "EUR")


def alices_order(**changes: Any) -> StartPayment:
    """Return Alice's order of two tins, 24.50 euros in all, with a reference that was never used before."""
    order = StartPayment(
        reference=secrets.token_hex(8),
        order_number=f"TT-{secrets.token_hex(3)}",
        amount=eur(2450),
        items=eur(2000),
        shipping=eur(500),
        tax=eur(0),
        discount=eur(50),
        lines=(Line("Sencha", "SEN-100", 2, eur(1000)),),
        email="alice@example.com",
        ship_to=ALICE_AT_HOME,
        capture_later=False,
        return_url="https://shop.example/return",
        cancel_url="https://shop.example/cancel",
        locale="en_US",
        brand="Tidewater Tea",
    )
    return replace(order, **changes)


def a_refund(payment: str, capture: str, amount: Money) -> StartRefund:
    """Return a refund to Alice with a reference of its own."""
    return StartRefund(secrets.token_hex(8), "TT-1", payment, capture, amount, "The tin was dented")


def a_key() -> str:
    """Return an idempotency key that was never used before."""
    return f"test-{secrets.token_hex(8)}"


def a_closed_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
