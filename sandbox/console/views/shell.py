"""What stands around every page: the menu with its counts, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, request, url_for

from sandbox.console import words
from sandbox.mailbox import messages
from sandbox.world import World


@dataclass(frozen=True)
class Entry:
    """One line of the menu."""

    section: str
    label: str
    endpoint: str
    icon: str
    count: int = 0


def add_context(pages: Blueprint, world: World) -> None:
    """Give every template of the app, the mailbox's too, what the frame needs."""

    @pages.app_context_processor
    def frame() -> dict[str, Any]:
        return {
            "pages": menu(world),
            "section": section_of(request.endpoint or ""),
            "now": world.clock.now(),
            "offset_words": words.offset(world.clock.offset),
            "settings": world.settings,
        }


def menu(world: World) -> list[Entry]:
    """Return the menu; a count says how much waits behind an entry, 0 shows none."""
    unsettled = sum(1 for d in world.dispatcher.deliveries() if d["state"] in ("retrying", "failed"))
    return [
        Entry("overview", "Overview", "console.overview", "overview"),
        Entry("objects", "Objects", "console.objects", "objects"),
        Entry("cards", "Test cards", "console.cards", "cards"),
        Entry("webhooks", "Webhooks", "console.webhooks", "webhooks", unsettled),
        Entry("requests", "Requests", "console.requests", "requests"),
        Entry("faults", "Faults", "console.faults", "faults", len(world.faults.active())),
        Entry("clock", "Clock", "console.clock", "clock"),
        Entry("mailbox", "Mailbox", "mailbox.index", "mailbox", messages.count(world)),
    ]


SECTIONS: dict[str, Callable[[str], bool]] = {
    "mailbox": lambda name: name.startswith("mailbox."),
    "objects": lambda name: "object" in name,
    "webhooks": lambda name: "webhook" in name or "deliver" in name or "knob" in name,
    "requests": lambda name: "request" in name,
    "cards": lambda name: "card" in name,
    "faults": lambda name: "fault" in name,
    "clock": lambda name: "clock" in name,
}


def section_of(endpoint: str) -> str:
    """Return which menu entry an endpoint stands under."""
    return next((section for section, holds in SECTIONS.items() if holds(endpoint)), "overview")


def back(fallback: str) -> str:
    """Return the page a form was sent from, if it is one of this console, else the fallback endpoint's address."""
    asked = request.form.get("back", "")
    parts = urlsplit(asked)
    own = asked.startswith("/") and not asked.startswith(("//", "/\\")) and not parts.netloc
    return asked if own else url_for(fallback)
