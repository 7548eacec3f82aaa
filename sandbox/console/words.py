"""How values are written on the pages: times, money, sizes, JSON with links between objects."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, url_for
from markupsafe import Markup, escape

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)')

TONES = {
    "good": ("succeeded", "completed", "captured", "approved", "active", "enabled", "paid", "available"),
    "wait": ("requires_action", "requires_confirmation", "requires_capture", "processing", "pending", "created",
             "payer_action_required", "partially_refunded", "partially_captured"),
    "bad": ("failed", "declined", "requires_payment_method", "denied", "disabled"),
}  # fmt: skip


def register(app: Flask, now: Callable[[], datetime]) -> None:
    """Add the filters to an app's templates; `now` tells which day is today."""
    app.add_template_filter(iso, "iso")
    app.add_template_filter(lambda at: stamp(at, now()), "stamp")
    app.add_template_filter(size, "size")
    app.add_template_filter(pretty, "pretty")
    app.add_template_filter(pretty_text, "pretty_text")
    app.add_template_filter(spaced, "spaced")
    app.add_template_filter(capitalize_first, "capitalize_first")
    app.add_template_filter(breakable, "breakable")
    app.add_template_global(tone, "tone")


def iso(at: float) -> str:
    """Write a unix time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat()


def stamp(at: float, now: datetime) -> str:
    """Write a unix time for reading, in UTC: `10:04:09` for today, `20 Nov, 10:04` for another day."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.strftime("%H:%M:%S" if moment.date() == now.date() else "%-d %b, %H:%M")


def size(count: int) -> str:
    """Write a number of bytes: `812 B`, `14 kB`, `2.1 MB`."""
    if count < 1_000:
        return f"{count} B"
    return f"{count / 1_000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def span(seconds: float) -> str:
    """Write a duration: `2 d 3 h`, `4 min`, `now`."""
    left = int(seconds)
    parts = [(left // 86_400, "d"), (left % 86_400 // 3_600, "h"), (left % 3_600 // 60, "min"), (left % 60, "s")]
    named = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(named[:2]) or "now"


def offset(seconds: float) -> str:
    """Write how far the simulated clock is ahead of wall time."""
    return "real time, UTC" if seconds < 1 else f"{span(seconds)} ahead, UTC"


def tone(status: str) -> str:
    """Return the tone of an object's status: good, wait, bad or idle."""
    word = status.lower()
    return next((name for name, words in TONES.items() if word in words), "idle")


def capitalize_first(text: str) -> str:
    """Begin a text with a capital and leave the rest, unlike Jinja's own filter."""
    return text[:1].upper() + text[1:]


def breakable(name: str) -> Markup:
    """Let a long dotted name break after its dots and underscores."""
    return Markup("").join(part + Markup("<wbr>") for part in map(escape, re.split(r"(?<=[._])", name)))


def spaced(number: str) -> str:
    """Write a card number or an IBAN in groups of four, as it is printed."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def pretty(value: Any, known: dict[str, str] | None = None) -> Markup:
    """Write a value as indented JSON with coloured parts; a string that is a key of `known` links to its address."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    parts: list[Markup] = []
    end = 0
    for match in _TOKEN.finditer(text):
        parts += [escape(text[end : match.start()]), _coloured(match, known or {})]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def pretty_text(text: str, known: dict[str, str] | None = None) -> Markup:
    """Write a body: as JSON where it is some, else as it is."""
    try:
        return pretty(json.loads(text), known)
    except ValueError:
        return escape(text)


def _coloured(match: re.Match[str], known: dict[str, str]) -> Markup:
    string, colon, other = match.groups()
    if other:
        return Markup('<span class="n">{}</span>').format(other)
    if colon:
        return Markup('<span class="k">{}</span>{}').format(string, colon)
    address = known.get(json.loads(string))
    if address:
        return Markup('<a href="{}">{}</a>').format(address, string)
    return Markup('<span class="s">{}</span>').format(string)


def object_address(table: str, object_id: str) -> str:
    """Return where the console shows one object."""
    return url_for("console.show_object", table=table, object_id=object_id)
