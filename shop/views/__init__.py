"""HTTP only: parse, call one service, answer."""

from __future__ import annotations

from flask import Flask

from shop.extensions import csrf
from shop.views import (
    auth,
    cart,
    catalogue,
    checkout,
    errors,
    health,
    merchant,
    orders,
    pay,
    payments,
    presentation,
    requests,
    security,
    webhooks,
)

PAGES = (
    catalogue.blueprint,
    cart.blueprint,
    checkout.blueprint,
    pay.blueprint,
    orders.blueprint,
    auth.blueprint,
    merchant.blueprint,
)
INTERFACES = (payments.blueprint, webhooks.blueprint, health.blueprint)


def register(app: Flask) -> None:
    """Put every page on the map."""
    requests.init_app(app)
    presentation.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    for blueprint in PAGES + INTERFACES:
        app.register_blueprint(blueprint)
    csrf.exempt(webhooks.blueprint)
