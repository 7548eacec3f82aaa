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
    gate,
    health,
    merchant,
    orders,
    pay,
    payments,
    preferences,
    presentation,
    preview,
    reports,
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
INTERFACES = (preferences.blueprint, payments.blueprint, webhooks.blueprint, reports.blueprint, health.blueprint)
# The only requests that change something without a form's token: providers sign theirs, browsers only report.
UNTOKENED = (webhooks.receive, reports.csp)


def register(app: Flask) -> None:
    """Put every page on the map."""
    requests.init_app(app)
    gate.init_app(app)
    presentation.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    for blueprint in PAGES + INTERFACES:
        app.register_blueprint(blueprint)
    if app.extensions["shop"].settings.environment == "development":
        app.register_blueprint(preview.blueprint)
    for view in UNTOKENED:
        csrf.exempt(view)
    limiter.request_filter(webhooks.is_delivery)
