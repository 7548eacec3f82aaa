"""Where browsers report what a policy kept them from loading. They send no token, so this is exempt from CSRF."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from shop.extensions import limiter
from shop.services import violations
from shop.services.violations import Violation
from shop.views.policy import PAYMENT_PAGES, REPORTS

blueprint = Blueprint("reports", __name__)

MOST_BYTES = 16 * 1024
MOST_REPORTS = 10  # of one request
TYPES = frozenset({"application/csp-report", "application/reports+json"})
KINDS = frozenset({"blob", "data", "eval", "inline", "self", "wasm-eval"})
HOST = re.compile(r"[a-z0-9.-]{1,253}(:\d{1,5})?")


@blueprint.post(REPORTS)
@limiter.limit("30 per minute")
@limiter.limit("300 per minute", key_func=lambda: "everybody")
def csp() -> Response:
    """Note what was kept from loading: of a page of ours, by its route, and never with its address or its query."""
    request.max_content_length = MOST_BYTES
    if request.mimetype not in TYPES:
        abort(415)
    for told in _read(request.get_json(force=True))[:MOST_REPORTS]:
        page, directive, blocked = (str(told.get(name, "")) for name in ("page", "directive", "blocked"))
        endpoint, route = _route(page)
        violations.note(Violation(route, directive.split(" ")[0], _origin(blocked), endpoint in PAYMENT_PAGES))
    return Response(status=204)


def _read(body: Any) -> list[dict[str, Any]]:
    """Return reports in either form: one object (CSP level 2), or a list of them (the Reporting API)."""
    if isinstance(body, dict) and isinstance(old := body.get("csp-report"), dict):
        directive = old.get("effective-directive") or old.get("violated-directive", "")
        return [{"page": old.get("document-uri"), "directive": directive, "blocked": old.get("blocked-uri")}]
    found = []
    for report in body if isinstance(body, list) else []:
        told = report.get("body") if isinstance(report, dict) and report.get("type") == "csp-violation" else None
        if isinstance(told, dict):
            page, directive, blocked = told.get("documentURL"), told.get("effectiveDirective"), told.get("blockedURL")
            found.append({"page": page, "directive": directive, "blocked": blocked})
    return found


def _route(address: str) -> tuple[str, str]:
    """Return endpoint and route of a page of ours; empty for an address that is none."""
    adapter = current_app.url_map.bind("")
    try:
        rule, _values = adapter.match(urlsplit(address).path, method="GET", return_rule=True)
    except (HTTPException, RequestRedirect, ValueError):
        return "", ""
    return str(rule.endpoint), rule.rule


def _origin(blocked: str) -> str:
    """Return the origin of what was not loaded, or its kind; what reads like neither is not repeated."""
    if blocked in KINDS:
        return blocked
    try:
        parts = urlsplit(blocked)
    except ValueError:
        return "other"
    known = parts.scheme in {"http", "https", "ws", "wss"} and HOST.fullmatch(parts.netloc)
    return f"{parts.scheme}://{parts.netloc}" if known else "other"
