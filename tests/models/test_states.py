"""Every table of legal moves: what it allows happens once, what it does not raises, a repeat is nothing."""

from enum import StrEnum
from itertools import product

import pytest

from shop.errors import IllegalTransition
from shop.gateways.base import AttemptState, PaymentState, RefundState
from shop.models import inbox, order, outbox, payment, promotion, refund
from shop.models.base import Moves, check_move
from shop.models.inbox import InboxState
from shop.models.order import OrderState
from shop.models.outbox import OutboxState
from shop.models.promotion import RedemptionState

TABLES: dict[str, tuple[type[StrEnum], Moves[StrEnum], dict[str, str]]] = {
    "order": (
        OrderState,
        order.TRANSITIONS,
        {
            "pending": "paid cancelled expired",
            "paid": "fulfilled",
            "fulfilled": "",
            "cancelled": "paid",
            "expired": "paid",
        },
    ),
    "payment": (
        PaymentState,
        payment.TRANSITIONS,
        {
            "created": "requires_action processing authorized captured cancelled",
            "requires_action": "created processing authorized captured cancelled",
            "processing": "created requires_action authorized captured cancelled",
            "authorized": "captured cancelled",
            "captured": "",
            "cancelled": "authorized captured",
        },
    ),
    "attempt": (
        AttemptState,
        payment.ATTEMPT_TRANSITIONS,
        {
            "pending": "succeeded declined",
            "succeeded": "declined",
            "declined": "",
        },
    ),
    "refund": (
        RefundState,
        refund.TRANSITIONS,
        {"requested": "pending succeeded failed", "pending": "succeeded failed", "succeeded": "failed", "failed": ""},
    ),
    "inbox": (
        InboxState,
        inbox.TRANSITIONS,
        {
            "received": "processed retrying parked ignored",
            "retrying": "processed parked ignored",
            "parked": "retrying",
            "processed": "retrying",
            "ignored": "retrying",
        },
    ),
    "redemption": (
        RedemptionState,
        promotion.TRANSITIONS,
        {"held": "used released", "used": "", "released": "used"},
    ),
    "outbox": (OutboxState, outbox.TRANSITIONS, {"pending": "done parked", "parked": "pending", "done": ""}),
}
MOVES = [(name, old, new) for name, (states, _, _) in TABLES.items() for old, new in product(states, states)]


@pytest.mark.parametrize(("name", "old", "new"), MOVES, ids=[f"{name}-{old}-{new}" for name, old, new in MOVES])
def test_a_move_is_legal_exactly_where_the_drawing_has_an_arrow(name: str, old: StrEnum, new: StrEnum) -> None:
    _, table, drawn = TABLES[name]

    if old == new:
        assert check_move(table, name, old, new) is False
    elif new in drawn[old].split():
        assert check_move(table, name, old, new) is True
    else:
        with pytest.raises(IllegalTransition, match=f"a {name} does not go from {old} to {new}"):
            check_move(table, name, old, new)


@pytest.mark.parametrize("name", TABLES)
def test_every_state_has_a_row_in_its_table(name: str) -> None:
    states, table, drawn = TABLES[name]

    assert set(table) == set(states)
    assert set(drawn) == {str(state) for state in states}
