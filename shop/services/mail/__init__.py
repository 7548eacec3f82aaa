"""Mails to customers: composed when they are sent, once for each reason.

Each family of mails is a module with its KINDS and a `letter` that says what one of them holds; `sending` does the
rest for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from shop.models import OutboxMessage
from shop.services.mail import orders, sending
from shop.services.mail.sending import Letter
from shop.services.outbox import Handler


@dataclass(frozen=True)
class Family:
    """Mails of one subject: their kinds, and what says what a mail of a kind holds, or None for nobody."""

    kinds: tuple[str, ...]
    letter: Callable[[str, OutboxMessage], Letter | None]


FAMILIES = (Family(orders.KINDS, orders.letter),)


def handlers() -> dict[str, Handler]:
    """Return the outbox's handlers of mails, by kind: "mail.receipt" and its like."""
    return {f"mail.{kind}": partial(_deliver, family, kind) for family in FAMILIES for kind in family.kinds}


def _deliver(family: Family, kind: str, message: OutboxMessage) -> None:
    letter = family.letter(kind, message)
    if letter is not None:
        sending.send(message, letter)
