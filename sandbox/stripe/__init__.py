"""Stripe's API at the version that the pinned stripe-python names, and what Stripe serves to browsers."""

import json

from flask import Flask, Response, request

from sandbox.stripe import charging, events, payments
from sandbox.stripe.browser import blueprint
from sandbox.stripe.models import new_id
from sandbox.stripe.responses import refunds
from sandbox.stripe.transport import Api, unrecognized
from sandbox.stripe.urls import ROUTES
from sandbox.world import World

METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]


def create_app(world: World) -> Flask:
    """Build the application for a world whose settings already hold the real ports."""
    app = Flask(__name__)
    for part in (charging, payments, refunds):
        part.register(world)
    world.store.on_reset(lambda: events.seed(world))
    events.seed(world)
    world.dispatcher.resolve_with("stripe", events.resolver(world))
    api = Api(world, ROUTES)
    app.add_url_rule(
        "/v1/<path:path>", "api", lambda path: api.answer(), methods=METHODS, provide_automatic_options=False
    )
    app.register_blueprint(blueprint(world))
    app.register_error_handler(404, _not_found)
    return app


def _not_found(error: Exception) -> Response:
    """Answer an address outside the API as Stripe answers one inside it that it does not know."""
    body = unrecognized(request.method, request.path).body(new_id("req_", 14))
    return Response(json.dumps(body), status=404, content_type="application/json")
