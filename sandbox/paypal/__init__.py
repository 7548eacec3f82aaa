"""PayPal's API: OAuth, Orders v2, Payments v2, Webhooks v1, Transaction search v1."""

import secrets
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.paypal import browser, calls, certificates, events, payments, refunds, tokens, urls
from sandbox.paypal.errors import NAME_OF_STATUS, OAuthError, refuse
from sandbox.paypal.responses import orders, webhooks
from sandbox.world import World


def create_app(world: World) -> Flask:
    """Build the application: what the agenda runs, the certificate, the routes, the buyer's window, everything else."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    orders.register(world)
    payments.register(world)
    refunds.register(world)
    certificates.seed(world)
    webhooks.seed(world)
    world.store.on_reset(lambda: webhooks.seed(world))
    world.dispatcher.resolve_with("paypal", lambda endpoint_id: events.subscription_of(world, endpoint_id))
    _add_token(app)
    _add_certificate(app, world)
    for route in urls.ROUTES:
        _add_route(app, world, route)
    app.register_blueprint(browser.blueprint(world))
    app.register_error_handler(HTTPException, _unknown)
    return app


def _add_route(app: Flask, world: World, route: calls.Route) -> None:
    def view(**ids: str) -> Response:
        return calls.respond(world, route, request, ids)

    app.add_url_rule(route.path, endpoint=route.call, view_func=view, methods=[route.method])


def _add_token(app: Flask) -> None:
    @app.post("/v1/oauth2/token")
    def token() -> tuple[dict[str, Any], int, dict[str, str]]:
        headers = {"PayPal-Debug-Id": secrets.token_hex(7)[:13], "Cache-Control": "no-store"}
        try:
            return tokens.grant(request), 200, headers
        except OAuthError as error:
            return {"error": error.error, "error_description": error.description}, error.status, headers


def _add_certificate(app: Flask, world: World) -> None:
    @app.get(f"{certificates.PATH}/<certificate_id>")
    def certificate(certificate_id: str) -> Response:
        with world.store.lock:
            record = certificates.current(world)
        if certificate_id != record["id"]:
            return _unknown(HTTPException())
        return Response(record["chain"], content_type="application/x-pem-file")


def _unknown(error: HTTPException) -> Response:
    """Answer what no route knows as PayPal does [K]: 404 or 405, in the usual body."""
    name = {405: "METHOD_NOT_SUPPORTED", 500: "INTERNAL_SERVER_ERROR"}.get(
        error.code or 404, NAME_OF_STATUS.get(error.code or 404, "RESOURCE_NOT_FOUND")
    )
    refusal = refuse(name)
    debug_id = secrets.token_hex(7)[:13]
    response = calls.write(refusal.status, refusal.body(debug_id, "orders/v2"))
    response.headers["PayPal-Debug-Id"] = debug_id
    return response
