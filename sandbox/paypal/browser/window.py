"""The approval window: log in, look, choose how to pay, pay or go back.

It is shown in three ways. In a window or a frame (`present=popup|modal`, with the merchant page's `origin`) its last
page posts the outcome to that origin; as a whole page it sends the buyer to the order's return or cancel address.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.paypal import models
from sandbox.paypal.browser import receipt
from sandbox.paypal.browser.scripts import STATIC
from sandbox.paypal.funding import PENDING_SECONDS, SOURCES, Funding
from sandbox.paypal.responses import approvals
from sandbox.world import World

PASSED_ON = ("token", "present", "origin", "fundingSource", "commit")
ASSETS = {"window.css": "text/css", "done.js": "text/javascript", "waiting.js": "text/javascript"}
# No form-action: the answer to a form sends the buyer on to the merchant, whose address is not known beforehand.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*"
)


def add_routes(pages: Blueprint, world: World) -> None:
    """Add `/checkoutnow` and what it leads to, and the page that waits until an order is known."""
    _showing(pages, world)
    _deciding(pages, world)


def _showing(pages: Blueprint, world: World) -> None:
    @pages.get("/web-sdk/v6/waiting")
    def waiting() -> Response:
        return _page("waiting.html")

    @pages.get("/checkoutnow/assets/<name>")
    def asset(name: str) -> Response:
        if name not in ASSETS:
            return Response("Not found", 404)
        body = (STATIC / "window" / name).read_bytes()
        return Response(body, mimetype=ASSETS[name], headers={"Cache-Control": "no-cache"})

    @pages.get("/checkoutnow")
    def login() -> Response:
        return _shown(world, "login.html")

    @pages.post("/checkoutnow/login")
    def log_in() -> ResponseReturnValue:
        """Any password will do: there is one buyer."""
        return redirect(f"{url_for('browser.review')}?{urlencode(_passed_on())}", 303)

    @pages.get("/checkoutnow/review")
    def review() -> Response:
        return _shown(world, "review.html")


def _deciding(pages: Blueprint, world: World) -> None:
    @pages.post("/checkoutnow/approve")
    def approve() -> ResponseReturnValue:
        order = _order(world)
        if order is None:
            return _shown(world, "review.html")
        try:
            outcome = approvals.approve(world, order.order_id, request.form.get("funding", ""))
        except (KeyError, ValueError):
            # Paid in another tab, expired a moment ago, or no such source: the page says how things stand.
            return _shown(world, "review.html")
        return _leave(order, outcome, "approved")

    @pages.post("/checkoutnow/cancel")
    def cancel() -> ResponseReturnValue:
        order = _order(world)
        if order is None:
            return _shown(world, "review.html")
        return _leave(order, approvals.cancel(world, order.order_id), "cancelled")


def _shown(world: World, template: str) -> Response:
    """Show a page of the window, or what is wrong with the order it was opened for."""
    order = _order(world)
    if order is None:
        return _page("problem.html", 404, problem="unknown")
    if not order.is_open:
        return _page("problem.html", 409, problem="finished", receipt=order, onward=_web(order.return_url))
    return _page(
        template,
        receipt=order,
        sources=[(source, effect(source)) for source in SOURCES.values()],
        pays_now=order.pays_now and request.values.get("commit") != "false",
    )


def _order(world: World) -> receipt.Receipt | None:
    try:
        found = approvals.describe(world, request.values.get("token", ""))
    except KeyError:
        return None
    return receipt.read(found["order"], found["context"], found["open"])


def _leave(order: receipt.Receipt, outcome: approvals.Outcome, said: str) -> ResponseReturnValue:
    """Tell the page that opened this window; on a whole page, send the buyer on."""
    onward = _web(outcome.address)
    if request.form.get("present") in ("popup", "modal") or not onward:
        return _page("done.html", receipt=order, said=said, payer_id=outcome.payer_id, onward=onward)
    return redirect(onward, 303)


def _web(address: str) -> str:
    """Return the address if a browser may be sent there, else nothing."""
    return address if urlsplit(address).scheme in ("http", "https") else ""


def effect(source: Funding) -> str:
    """Say what choosing a source leads to, so that a developer need not look it up."""
    if source.refusal:
        return f"Capture answers {source.refusal}. Approve again with another one."
    if source.pending:
        return f"Capture is pending for {PENDING_SECONDS // 60} minutes, then {source.settles_as.lower()}."
    return ""


def _passed_on() -> dict[str, str]:
    return {name: request.values[name] for name in PASSED_ON if request.values.get(name)}


def _page(template: str, status: int = 200, **context: object) -> Response:
    html = render_template(f"approval/{template}", passed_on=_passed_on(), buyer=models.BUYER, **context)
    response = Response(html, status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
