"""HTTP only: parse, call one service, answer."""

from __future__ import annotations

from flask import Flask

from shop.extensions import csrf, limiter
from shop.views import (
    account,
    auth,
    cards,
    cart,
    catalogue,
    checkout,
    errors,
    health,
    merchant,
    orders,
    pay,
    payments,
    preferences,
    presentation,
    preview,
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
    account.blueprint,
    cards.blueprint,
    merchant.blueprint,
)
INTERFACES = (preferences.blueprint, payments.blueprint, webhooks.blueprint, health.blueprint)


def register(app: Flask) -> None:
    """Put every page on the map."""
    requests.init_app(app)
    presentation.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    for blueprint in PAGES + INTERFACES:
        app.register_blueprint(blueprint)
    if app.extensions["shop"].settings.environment == "development":
        app.register_blueprint(preview.blueprint)
    csrf.exempt(webhooks.blueprint)
    limiter.request_filter(webhooks.is_delivery)
