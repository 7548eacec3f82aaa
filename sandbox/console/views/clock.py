"""The clock's page, and moving it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.console import words
from sandbox.console.views.shell import back
from sandbox.world import World

LARGEST_STEP = 24 * 366 * 5  # hours; further than any test needs, and short of what a datetime can hold


def add_routes(pages: Blueprint, world: World) -> None:
    """Add `/clock` and its actions."""

    @pages.get("/clock")
    def clock() -> str:
        return render_template("console/clock.html", agenda=planned(world))

    @pages.post("/clock/advance")
    def advance() -> ResponseReturnValue:
        hours = request.form.get("hours", type=float)
        if hours is None or not 0 < hours <= LARGEST_STEP:
            flash("Say how many hours, more than 0 and at most five years.", "error")
        else:
            ran = move(world, timedelta(hours=hours))
            flash(f"The clock moved on by {words.span(hours * 3600)}; {_count(ran)} planned for that time ran.")
        return redirect(back("console.clock"), 303)


def move(world: World, by: timedelta) -> int:
    """Move the clock and run what became due before answering, so that the next page shows its results.

    Returns how many planned actions left the agenda.
    """
    before = len(planned(world))
    world.clock.advance(by)
    world.agenda.run_due()
    return max(0, before - len(planned(world)))


def planned(world: World) -> list[dict[str, Any]]:
    """Return the agenda, next first, each entry with the seconds until it is due."""
    with world.store.lock:
        entries = [dict(entry) for entry in world.store.table("sandbox.agenda").values()]
    now = world.clock.unix()
    return [
        {**entry, "wait": words.span(max(0, entry["at"] - now))} for entry in sorted(entries, key=lambda e: e["at"])
    ]


def _count(ran: int) -> str:
    return "nothing" if ran == 0 else "one thing" if ran == 1 else f"{ran} things"
