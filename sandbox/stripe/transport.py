"""From an HTTP request to a response and back: keys, versions, forms, idempotency, errors, the request log."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Request, Response, request

from sandbox import request_log
from sandbox.stripe import errors, forms, keys, parameters, public
from sandbox.stripe.errors import StripeError
from sandbox.stripe.expand import check as check_expandable
from sandbox.stripe.expand import expand
from sandbox.stripe.idempotency import Idempotency
from sandbox.stripe.models import API_VERSION, Call, new_id, shown
from sandbox.world import World

log = logging.getLogger("sandbox.stripe")

Handler = Callable[[Call], dict[str, Any]]
FORM = "application/x-www-form-urlencoded"
NOT_A_FORM = (
    f"Invalid request (check that your POST content type is {FORM}). If you have any questions, we can help at "
    "https://support.stripe.com/."
)
BROKEN = "Sorry! There was an error while talking to the sandbox. Its own log says what happened."


@dataclass(frozen=True)
class Route:
    """One endpoint: `{}` in the path stands for an id; `params` is its type in `stripe.params`, or a TypedDict.

    `public` lets publishable keys call it.
    """

    method: str
    path: str
    handler: Handler
    params: Any
    public: bool = False


@dataclass
class Exchange:
    """One request while it is answered, and what the log will say about it."""

    request: Request
    raw: dict[str, Any]
    request_id: str
    idempotency_key: str | None = None
    outcome: str = "refused"
    original: str | None = None


class Api:
    """Answers every request under /v1."""

    def __init__(self, world: World, routes: tuple[Route, ...]) -> None:
        self._world = world
        self._idempotency = Idempotency(world)
        self._routes: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}
        for route in routes:
            parts = route.path.strip("/").split("/")
            self._routes.setdefault((route.method, len(parts)), []).append((parts, route))
        for found in self._routes.values():
            found.sort(key=lambda entry: entry[0].count("{}"))  # `/search` before `/{}`

    def answer(self) -> Response:
        """Answer the current request."""
        if request.method == "OPTIONS":
            return public.allow_origin(Response(status=204))
        exchange = Exchange(request, {}, new_id("req_", 14))
        try:
            status, body = self._exchange(exchange)
        except StripeError as error:
            status, body = error.status, json.dumps(error.body(exchange.request_id))
        self._record(exchange, status)
        return public.allow_origin(self._respond(exchange, status, body))

    def _exchange(self, exchange: Exchange) -> tuple[int, str]:
        pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
        raw = exchange.raw = forms.decode(pairs)
        key = keys.read(request, raw)
        if request.content_length and request.mimetype != FORM:
            raise StripeError(400, NOT_A_FORM, keep=False)
        if request.headers.get("Stripe-Version", API_VERSION) != API_VERSION:
            message = f"Invalid Stripe API version: this sandbox speaks {API_VERSION} and no other."
            raise StripeError(400, message, keep=False)
        route, ids = self._match(request.method, request.path)
        is_public = keys.is_public(key)
        if is_public and not route.public:
            raise keys.need_secret()
        exchange.idempotency_key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        if exchange.idempotency_key is None:
            return self._execute(exchange, route, ids, is_public)
        return self._once(exchange, exchange.idempotency_key, route, ids, is_public)

    def _once(
        self, exchange: Exchange, key: str, route: Route, ids: tuple[str, ...], is_public: bool
    ) -> tuple[int, str]:
        """Execute unless the key was used before; then answer what was answered then."""
        asked = json.loads(json.dumps(exchange.raw))
        kept = self._idempotency.begin(key, request.method, request.path, asked)
        if kept is not None:
            exchange.outcome, exchange.original = "replayed", kept["request_id"]
            return kept["status"], kept["body"]
        try:
            # Under one lock: a state file written in between would know the charge and not the key, and pay twice.
            with self._world.store.lock:
                status, body = self._execute(exchange, route, ids, is_public)
                answer = {"status": status, "body": body, "request_id": exchange.request_id}
                self._idempotency.keep(key, request.method, request.path, asked, answer)
            return status, body
        finally:
            self._idempotency.end(key)

    def _execute(self, exchange: Exchange, route: Route, ids: tuple[str, ...], is_public: bool) -> tuple[int, str]:
        """Check the parameters and run the handler under the lock; raises only what idempotency must not keep."""
        secret, card = public.take_private(exchange.raw, is_public)
        kind = parameters.find(route.params) if isinstance(route.params, str) else route.params
        params = parameters.check(kind, exchange.raw)
        paths = params.pop("expand", None) or []
        if route.method != "GET":
            check_expandable(route.path, paths)
        call = Call(self._world, params, ids, is_public, secret, card, exchange.request_id, exchange.idempotency_key)
        try:
            with self._world.store.lock:
                result = expand(call, route.handler(call), paths)
                body = json.dumps(public.view(shown(result)) if is_public else shown(result))
        except StripeError as error:
            if not error.keep:
                raise
            exchange.outcome = "executed"
            if is_public:
                error.error = public.view_error(error.error)
            return error.status, json.dumps(shown(error.body(exchange.request_id)))
        except Exception:
            log.exception("%s %s broke", request.method, request.path)
            exchange.outcome = "executed"
            broken = StripeError(500, BROKEN, type="api_error")
            return 500, json.dumps(broken.body(exchange.request_id))
        exchange.outcome = "executed"
        self._world.store.changed()
        return 200, body

    def _match(self, method: str, path: str) -> tuple[Route, tuple[str, ...]]:
        steps = path.strip("/").split("/")
        for parts, route in self._routes.get((method, len(steps)), ()):
            if all(part in ("{}", step) for part, step in zip(parts, steps, strict=True)):
                ids = tuple(step for part, step in zip(parts, steps, strict=True) if part == "{}")
                return route, ids
        raise unrecognized(method, path)

    def _respond(self, exchange: Exchange, status: int, body: str) -> Response:
        response = Response(body, status=status, content_type="application/json")
        response.headers["Request-Id"] = exchange.request_id
        response.headers["Stripe-Version"] = API_VERSION
        response.headers["Cache-Control"] = "no-cache, no-store"
        if exchange.idempotency_key is not None:
            response.headers["Idempotency-Key"] = exchange.idempotency_key
            response.headers["Original-Request"] = exchange.original or exchange.request_id
        if exchange.outcome == "replayed":
            response.headers["Idempotent-Replayed"] = "true"
        if exchange.outcome != "refused" and status >= 400:
            # The same key would get the same answer again, so the SDK need not try.
            response.headers["Stripe-Should-Retry"] = "false"
        return response

    def _record(self, exchange: Exchange, status: int) -> None:
        row = {
            "at": self._world.clock.unix(),
            "method": request.method,
            "path": request.path,
            "idempotency_key": exchange.idempotency_key,
            "status": status,
            "request_id": exchange.request_id,
            "outcome": exchange.outcome,
        }
        request_log.record(self._world.store, "stripe", row)


def unrecognized(method: str, path: str) -> StripeError:
    """Return Stripe's answer to an address that it does not know."""
    message = (
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/."
    )
    return errors.StripeError(404, message, keep=False)
