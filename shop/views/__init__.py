"""HTTP only: parse, call one service, answer."""

from __future__ import annotations

from flask import Flask

from shop.extensions import csrf
from shop.views import health, payments, webhooks

BLUEPRINTS = (health.blueprint, payments.blueprint, webhooks.blueprint)


def register(app: Flask) -> None:
    """Put every page on the map."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    csrf.exempt(webhooks.blueprint)
