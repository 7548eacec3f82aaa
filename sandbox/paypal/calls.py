"""One API call from the wire to its answer: who asks, what is asked, whether it ran before, what came of it.

A route names its call ("orders.capture"), the table its body is read against, and a handler. The steps are always the
same: token, media type, JSON, shape, negative testing, request id, handler; the first that objects decides the answer.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Request, Response

from sandbox import request_log
from sandbox.paypal import fields, mocking, tokens
from sandbox.paypal.errors import OAuthError, PayPalError, describe, not_found, refuse, refuse_issue
from sandbox.world import World

Json = dict[str, Any]

REQUEST_ID_LENGTH = 108


@dataclass(frozen=True)
class Answer:
    """What a handler decided: status, body, and the object the answer is about.

    `subject` is `(view, id)`: a replay of the request renders that view of that object again, as it is by then.
    """

    status: int
    body: Json | None
    subject: tuple[str, str] | None = None


@dataclass(frozen=True)
class Call:
    """A request that passed every check."""

    world: World
    name: str
    body: Any
    raw: bytes
    query: dict[str, str]
    full: bool  # Prefer: return=representation
    mock: str  # the code asked for with PayPal-Mock-Response, or ""
    request_id: str

    def refuse(self, code: str, pointer: str = "", value: Any = None, links: list[Json] | None = None) -> PayPalError:
        """Make the error of this call for one issue, to be raised."""
        return refuse_issue(self.name, code, pointer, value, links=links)


Handler = Callable[..., Answer]
View = Callable[[World, str, bool], Json]


@dataclass(frozen=True)
class Route:
    """One path and method; `keeps` is for how many simulated seconds a PayPal-Request-Id is remembered (0: never).

    `replayed` is the status of a replay (None: the same as the first time).
    """

    method: str
    path: str
    call: str
    handler: Handler
    shape: fields.Kind | None = None
    keeps: int = 0
    replayed: int | None = None
    views: dict[str, View] = field(default_factory=dict)


def family(call: str) -> str:
    """Return the part of PayPal's documentation a call belongs to."""
    group = call.partition(".")[0]
    pages = {"orders": "orders/v2", "webhooks": "webhooks/v1", "events": "webhooks/v1"}
    return (pages | {"transactions": "transaction-search/v1"}).get(group, "payments/v2")


def respond(world: World, route: Route, request: Request, ids: dict[str, str]) -> Response:
    """Answer one request, whatever happens in it, and write it into the request log."""
    debug_id = secrets.token_hex(7)[:13]
    outcome = "executed"
    try:
        with world.store.lock:
            answer, replay = _run(world, route, request, ids)
            if request.method != "GET":
                world.store.changed()
        outcome = "replayed" if replay else outcome
        response = write(answer.status, answer.body)
    except PayPalError as error:
        outcome = "refused"
        response = write(error.status, error.body(debug_id, family(route.call)))
    except OAuthError as error:
        outcome = "refused"
        response = write(error.status, {"error": error.error, "error_description": error.description})
    response.headers["PayPal-Debug-Id"] = debug_id
    request_log.record(
        world.store,
        "paypal",
        {
            "at": world.clock.unix(),
            "method": request.method,
            "path": request.path,
            "call": route.call,
            "idempotency_key": request.headers.get("PayPal-Request-Id"),
            "status": response.status_code,
            "request_id": debug_id,
            "outcome": outcome,
        },
    )
    return response


def _run(world: World, route: Route, request: Request, ids: dict[str, str]) -> tuple[Answer, bool]:
    """Return the answer and whether it is a replay; raises PayPalError or OAuthError."""
    tokens.check(request.headers.get("Authorization", ""))
    request_id = _request_id(route, request)
    body = _body(route, request)
    if route.shape is not None:
        _check(route, body)
    call = Call(
        world=world,
        name=route.call,
        body=body,
        raw=request.get_data(),
        query=request.args.to_dict(),
        full="return=representation" in request.headers.get("Prefer", ""),
        mock=mocking.code(route.call, request.headers.get("PayPal-Mock-Response", "")),
        request_id=request_id,
    )
    if not (call.request_id and route.keeps):
        return route.handler(call, **ids), False
    return _once(call, route, ids)


def _request_id(route: Route, request: Request) -> str:
    """Return the PayPal-Request-Id, of which Orders v2 takes 108 characters."""
    given = request.headers.get("PayPal-Request-Id", "")
    if len(given) > REQUEST_ID_LENGTH and route.call.startswith("orders."):
        raise refuse_issue(route.call, "INVALID_STRING_LENGTH", "PayPal-Request-Id", given)
    return given


def _body(route: Route, request: Request) -> Any:
    """Read the JSON body; an absent one is an empty object, for the SDK sends none with a bare capture."""
    raw = request.get_data()
    if request.method in ("GET", "DELETE") or not raw:
        if request.method in ("POST", "PATCH") and not _is_json(request):
            raise refuse("UNSUPPORTED_MEDIA_TYPE")
        return {}
    if not _is_json(request):
        raise refuse("UNSUPPORTED_MEDIA_TYPE")
    try:
        return json.loads(raw)
    except ValueError:
        raise refuse_issue(route.call, "MALFORMED_REQUEST_JSON") from None


def _is_json(request: Request) -> bool:
    """Void and resend carry no body, and so need no content type."""
    return request.mimetype == "application/json" or (not request.get_data() and not request.mimetype)


def _check(route: Route, body: Any) -> None:
    found = list(fields.check(route.shape, body)) if route.shape else []
    if not found:
        return
    if family(route.call) == "webhooks/v1":
        details = [{"field": pointer, "location": "body", "issue": issue} for issue, pointer, _ in found]
        raise refuse("VALIDATION_ERROR", *details)
    raise refuse("INVALID_REQUEST", *(describe(route.call, *finding) for finding in found))


def _once(call: Call, route: Route, ids: dict[str, str]) -> tuple[Answer, bool]:
    """Run the handler at most once per request id; a repeat gets the latest state of what the first one made.

    PayPal keeps an id for a while per API and answers a repeat with "the latest status of the previous request"
    (developer.paypal.com/reference/guidelines/idempotency). An id that comes back with another body is refused [D for
    the vault API, K for these]. A refusal changed nothing and is not kept [K].
    """
    table = call.world.store.table("paypal.request_id")
    key = f"{call.name} {call.request_id}"
    now = call.world.clock.unix()
    print_ = hashlib.sha256(json.dumps([ids, call.body], sort_keys=True).encode()).hexdigest()
    known = table.get(key)
    if known is None or known["until"] <= now:
        answer = route.handler(call, **ids)
        if answer.subject is not None:
            table[key] = {
                "until": now + route.keeps,
                "print": print_,
                "status": answer.status,
                "subject": list(answer.subject),
            }
        return answer, False
    if known["print"] != print_:
        raise call.refuse("PAYPAL_REQUEST_ID_PREVIOUSLY_USED")
    view, object_id = known["subject"]
    try:
        body = route.views[view](call.world, object_id, call.full)
    except KeyError:  # an order is forgotten after three hours, its request id after six
        raise not_found(call.name, object_id) from None
    return Answer(route.replayed or known["status"], body, (view, object_id)), True


def write(status: int, body: Json | None) -> Response:
    """Write an answer as PayPal does: compact JSON, or nothing at all."""
    text = "" if body is None else json.dumps(body, separators=(",", ":"))
    response = Response(text, status=status, content_type="application/json;charset=UTF-8")
    if body is None:
        del response.headers["Content-Type"]
    response.headers["Cache-Control"] = "max-age=0, no-cache, no-store, must-revalidate"
    return response
