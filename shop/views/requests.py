"""Each request has an id, in its answer and in every line of the log; one line tells how it ended.

The line names the route and not the path: paths carry the tokens that let guests in, queries carry client secrets.
"""

from __future__ import annotations

import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException, MethodNotAllowed

log = structlog.get_logger(__name__)

HEADER = "X-Request-Id"
# What a proxy in front may have given it; anything else could forge lines of the log.
GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
QUIET = frozenset({"static", "health.alive"})


def init_app(app: Flask) -> None:
    """Begin and end every request's log."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def route() -> str:
    """Return the route of this request, such as /pay/<token>; empty where there is none."""
    return request.root_path + request.url_rule.rule if request.url_rule is not None else ""


def page_address() -> str:
    """Return the address of the page that the visitor is on: this one, or after a form the nearest that can be opened.

    What a form was sent to often takes forms only: opened, it would say that it does not work here.
    """
    if request.method in ("GET", "HEAD") and not isinstance(request.routing_exception, MethodNotAllowed):
        return request.full_path.rstrip("?")
    path = request.path
    while path != "/" and not _opens(path):
        path = path.rstrip("/").rpartition("/")[0] or "/"
    return path


def _opens(path: str) -> bool:
    routes = request_ctx.url_adapter
    try:
        return routes is not None and routes.match(path, method="GET")[0] != "static"
    except HTTPException:
        return False


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if GIVEN.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers[HEADER] = g.request_id
    if request.endpoint not in QUIET:
        took = round((time.perf_counter() - g.began) * 1000, 1)
        log.info("request", method=request.method, route=route(), status=response.status_code, ms=took)
    return response


def _forget(error: BaseException | None) -> None:
    structlog.contextvars.clear_contextvars()
