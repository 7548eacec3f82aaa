"""The console's pages; every action is a form that works without JavaScript."""

from __future__ import annotations

from flask import Blueprint

from sandbox.console.views import cards, clock, faults, objects, overview, requests, shell, webhooks
from sandbox.world import World


def blueprint(world: World) -> Blueprint:
    """Return all pages of the console."""
    pages = Blueprint("console", __name__)
    shell.add_context(pages, world)
    for part in (overview, objects, cards, webhooks, requests, faults, clock):
        part.add_routes(pages, world)
    return pages
