"""Test cards, bank accounts and PayPal's funding sources, read from the tables that decide what they do."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template

from sandbox.paypal.browser.window import effect
from sandbox.paypal.funding import SOURCES
from sandbox.stripe.banks import ROWS as ACCOUNTS
from sandbox.stripe.cards import BY_NUMBER, TestCard
from sandbox.stripe.cards import ROWS as CARDS
from sandbox.world import World

GROUPS: tuple[tuple[str, Callable[[TestCard], bool]], ...] = (
    ("Declines", lambda card: card.charge is not None and card.three_ds == "optional" and not card.blocked),
    ("3-D Secure", lambda card: card.three_ds not in ("optional", "never") or "3-D Secure" in card.does),
    ("Refunds", lambda card: card.refund != "succeeds"),
    ("Risk, checks and disputes", lambda card: card.does != "succeeds" and "issued in" not in card.does),
    ("Succeeds", lambda card: True),
)
ORDER = ("Succeeds", "Declines", "3-D Secure", "Refunds", "Risk, checks and disputes")

STARTERS = ("4242424242424242", "4000000000003220", "4000000000009995", "4000008400001629")


def add_routes(pages: Blueprint, world: World) -> None:
    """Add `/cards`."""

    @pages.get("/cards")
    def cards() -> str:
        return render_template(
            "console/cards.html",
            starters=[BY_NUMBER[number] for number in STARTERS],
            groups=grouped(),
            accounts=ACCOUNTS,
            sources=[(source, effect(source) or "Capture completes.") for source in SOURCES.values()],
        )


def grouped() -> list[tuple[str, list[TestCard]]]:
    """Return every card once, under the first group that fits it."""
    groups: dict[str, list[TestCard]] = {name: [] for name in ORDER}
    for card in CARDS:
        groups[next(name for name, holds in GROUPS if holds(card))].append(card)
    return list(groups.items())
