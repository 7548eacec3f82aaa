"""The objects browser."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request

from sandbox.console import catalogue
from sandbox.world import World


def add_routes(pages: Blueprint, world: World) -> None:
    """Add `/objects`, one table of it, one object, and going to an id."""

    @pages.get("/objects")
    def objects() -> str:
        """List the tables; `?id=` finds an object by its whole id or a part of it."""
        sought = request.args.get("id", "").strip()
        return render_template(
            "console/objects.html", kinds=catalogue.kinds(world), sought=sought, found=search(world, sought)
        )

    @pages.get("/objects/<table>")
    def object_table(table: str) -> str:
        kinds = catalogue.kinds(world)
        kind = next((kind for kind in kinds if kind.table == table), None)
        if kind is None:
            abort(404)
        return render_template(
            "console/object_table.html", kinds=kinds, kind=kind, rows=catalogue.rows(world, table), table=table
        )

    @pages.get("/objects/<table>/<path:object_id>")
    def show_object(table: str, object_id: str) -> str:
        found = catalogue.find(world, table, object_id)
        if found is None:
            abort(404)
        return render_template(
            "console/object.html",
            table=table,
            object_id=object_id,
            shown=found[0],
            private=found[1],
            known={key: address for key, address in catalogue.known_ids(world).items() if key != object_id},
            events=catalogue.events_of(world, object_id),
            requests=requests_about(world, object_id),
        )


def search(world: World, sought: str) -> list[tuple[str, str]]:
    """Return (id, address) of the objects whose id holds the words sought, at most 50."""
    if not sought:
        return []
    return [(key, address) for key, address in catalogue.known_ids(world).items() if sought.lower() in key.lower()][:50]


def requests_about(world: World, object_id: str) -> list[dict[str, Any]]:
    """Return the API requests whose path names an object, oldest first."""
    with world.store.lock:
        return [
            {**row, "provider": provider}
            for provider in catalogue.PROVIDERS
            for row in world.store.table(f"{provider}.request_log").values()
            if object_id in row["path"]
        ]
