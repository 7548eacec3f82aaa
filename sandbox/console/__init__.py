"""The console: pages on what the sandbox holds and does, the mailbox, and the control plane, on one port."""

from __future__ import annotations

import secrets

from flask import Flask

from sandbox import control, mailbox
from sandbox.console import guard, words
from sandbox.console.views import blueprint
from sandbox.world import World


def create_app(world: World) -> Flask:
    """Build the console's application for a world whose settings already hold the real ports."""
    app = Flask(__name__)
    app.config.update(
        # The key signs only the one-line notices between a POST and the page after it, so it may die with the process.
        SECRET_KEY=secrets.token_hex(32),
        # Cookies are shared by all ports of a host: a name of its own keeps the shop's session apart.
        SESSION_COOKIE_NAME="sandbox_console",
        SESSION_COOKIE_SAMESITE="Strict",
        TEMPLATES_AUTO_RELOAD=False,
    )
    guard.protect(app)
    words.register(app, world.clock.now)
    app.register_blueprint(blueprint(world))
    app.register_blueprint(mailbox.blueprint(world))
    app.register_blueprint(control.blueprint(world))
    return app
