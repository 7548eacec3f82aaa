"""What the shop asked of the emulated APIs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from sandbox.console.catalogue import PROVIDERS
from sandbox.world import World

SHOWN = 200


def add_routes(pages: Blueprint, world: World) -> None:
    """Add `/requests` and its rows alone, which the page asks for again and again."""

    @pages.get("/requests")
    def requests() -> str:
        return render_template("console/requests.html", **_context())

    @pages.get("/requests/rows")
    def request_rows() -> str:
        return render_template("console/_request_rows.html", **_context())

    def _context() -> dict[str, Any]:
        asked = request.args.get("provider", "")
        provider = asked if asked in PROVIDERS else ""
        return {"provider": provider, "rows": newest(world, provider), "shown": SHOWN}


def newest(world: World, provider: str = "") -> list[dict[str, Any]]:
    """Return the newest requests of one provider or of both, newest first."""
    with world.store.lock:
        found = [
            {**row, "provider": name}
            for name in PROVIDERS
            if provider in ("", name)
            for row in world.store.table(f"{name}.request_log").values()
        ]
    # The sort is stable and the log is in order, so requests of one second keep theirs.
    return sorted(found, key=lambda row: row["at"])[: -SHOWN - 1 : -1]
