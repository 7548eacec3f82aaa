"""The paypal application."""

from flask import Flask

from sandbox.world import World


def create_app(world: World) -> Flask:
    """Build the application."""
    app = Flask(__name__)
    return app
