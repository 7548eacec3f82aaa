"""Stripe's API at the version that the pinned stripe-python names."""

from flask import Flask

from sandbox.stripe.browser import blueprint
from sandbox.world import World


def create_app(world: World) -> Flask:
    """Build the application."""
    app = Flask(__name__)
    app.register_blueprint(blueprint(world))
    return app
