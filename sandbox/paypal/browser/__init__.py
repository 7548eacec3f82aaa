"""PayPal's browser side: the web SDK's script and the approval window."""

from __future__ import annotations

from flask import Blueprint

from sandbox.paypal.browser import scripts, window
from sandbox.world import World


def blueprint(world: World) -> Blueprint:
    """Return the routes under `/web-sdk/v6/` and `/checkoutnow`, for PayPal's app; none of them asks for a token."""
    pages = Blueprint("browser", __name__, template_folder="templates")
    scripts.add_routes(pages)
    window.add_routes(pages, world)
    return pages
