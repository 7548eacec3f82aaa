"""The bank's 3-D Secure page: in stripe.js's modal, or as a page of its own that leads back to the merchant."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request

from sandbox.stripe.amounts import exponent
from sandbox.stripe.responses import authentications
from sandbox.world import World

# Browsers apply `form-action` to where a form's answer redirects, and `frame-ancestors` to every page up to the top, so
# both have to allow the merchant's address, whichever it is.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self' http: https:; "
    "base-uri 'none'; frame-ancestors http: https:"
)


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the page and what it posts."""

    @routes.get("/3ds/<auth_id>")
    def ask(auth_id: str) -> Response:
        return _page(world, auth_id)

    @routes.post("/3ds/<auth_id>")
    def decide(auth_id: str) -> Response:
        """Finish the authentication; one that is finished already stays as it is."""
        outcome = request.form.get("outcome", "")
        record = authentications.get(world, auth_id)
        if record is None or outcome not in authentications.OUTCOMES:
            return _page(world, auth_id, status=400)
        authentications.finish(world, auth_id, outcome)
        address = authentications.return_address(world, auth_id) if record["redirect"] else None
        return _leave(address) if address else _page(world, auth_id)


def _page(world: World, auth_id: str, status: int = 200) -> Response:
    record = authentications.get(world, auth_id)
    if record is None:
        status = 404
    response = make_response(render_template("challenge.html", **_words(world, record)), status)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _words(world: World, record: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the page says."""
    if record is None:
        return {"state": "unknown"}
    intent = authentications.intent_of(world, record["id"])
    method = world.store.table("stripe.payment_method").get(record["payment_method"]) or {}
    amount = intent.get("amount")
    return {
        "state": "open" if record["status"] == "open" else "finished",
        "amount": None if amount is None else _written(amount, intent["currency"]),
        "last4": (method.get("card") or {}).get("last4"),
        "date": world.clock.now(),
    }


def _written(amount: int, currency: str) -> str:
    """Write an amount in the currency's smallest unit for people: `24.50 EUR`."""
    return f"{Decimal(amount).scaleb(-exponent(currency)):,} {currency.upper()}"


def _leave(address: str) -> Response:
    response = make_response(redirect(address, code=303))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
