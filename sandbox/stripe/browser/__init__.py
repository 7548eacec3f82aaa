"""What Stripe serves to browsers."""

from flask import Blueprint

from sandbox.world import World


def blueprint(world: World) -> Blueprint:
    """Return the routes for browsers."""
    return Blueprint("browser", __name__)
