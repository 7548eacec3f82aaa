"""Webhooks: raw bytes in, 2xx out, at a door of their own.

A provider has no session, no language, no form token and no browser to protect, and may come as often as it likes.
What looks after all of that for people costs more than a delivery does, and a forgery is to cost us little: so a Flask
of their own with nothing in it answers deliveries, and the signature is the whole of its security.
`shop.views.register` puts it in front of the pages (flask.palletsprojects.com/patterns/appdispatch).
"""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from shop.errors import DatabaseAway, NoticeRejected, TryLater
from shop.gateways.base import Provider
from shop.services import webhooks
from shop.views import requests

log = structlog.get_logger(__name__)

PREFIX = "/webhooks"
MOST_BYTES = 512 * 1024


def door(shop: Flask) -> Flask:
    """Return the application that takes the deliveries for a shop: 400 for what proves nothing, 413 for what is too
    large, 5xx for what could not be stored, so that the provider tries again."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    requests.init_app(app)
    app.register_error_handler(NoticeRejected, _rejected)
    app.register_error_handler(TryLater, _later)
    app.register_error_handler(DatabaseAway, _later)
    app.register_error_handler(HTTPException, lambda error: error)
    app.register_error_handler(Exception, _unexpected)

    @app.post("/<any(stripe, paypal):provider>")
    def receive(provider: str) -> Response:
        headers, body = dict(request.headers), request.get_data(cache=False)  # here: within, the shop's own limit holds
        with shop.app_context():
            receipt = webhooks.receive(Provider(provider), headers, body)
        return Response(f"{receipt}\n", mimetype="text/plain")

    return app


def _rejected(error: NoticeRejected) -> ResponseReturnValue:
    """Tell a stranger nothing; the reason stays in our log."""
    return jsonify(error="rejected"), 400


def _later(error: TryLater | DatabaseAway) -> ResponseReturnValue:
    log.warning("try_later", error=type(error).__name__, route=requests.route())
    return jsonify(error="try later"), 503, {"Retry-After": "30"}


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.exception("unexpected", error=type(error).__name__, route=requests.route())
    return jsonify(error="not stored"), 500
