"""HTTP only: parse, call one service, answer."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from shop.extensions import csrf
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
    sessions,
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
INTERFACES = (preferences.blueprint, payments.blueprint, reports.blueprint, health.blueprint)
# The only request to a page that changes something without a form's token: browsers report on their own. Webhooks have
# a door of their own, with nothing behind it that a token could protect.
UNTOKENED = (reports.csp,)


def register(app: Flask) -> None:
    """Put every page on the map."""
    requests.init_app(app)
    gate.init_app(app)
    presentation.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    app.after_request(sessions.renew_device)
    for blueprint in PAGES + INTERFACES:
        app.register_blueprint(blueprint)
    if app.extensions["shop"].settings.environment == "development":
        app.register_blueprint(preview.blueprint)
    for view in UNTOKENED:
        csrf.exempt(view)
    door = webhooks.door(app)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {webhooks.PREFIX: door})  # type: ignore[method-assign]
