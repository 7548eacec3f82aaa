"""The web SDK's files and its one question: which ways to pay may this merchant offer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request, send_from_directory

from sandbox.paypal.amounts import CURRENCIES

STATIC = Path(__file__).parent / "static"


def add_routes(pages: Blueprint) -> None:
    """Add the script, its modules, and the eligibility question; all may be read from any origin."""

    @pages.get("/web-sdk/v6/core")
    def core() -> Response:
        return _script("core.js")

    @pages.get("/web-sdk/v6/modules/<name>.js")
    def module(name: str) -> Response:
        return _script(f"v6/{name}.js")

    @pages.get("/web-sdk/v6/eligible-methods")
    def eligible_methods() -> tuple[Response, int]:
        """Answer as PayPal's find-eligible-methods does: the methods that may be offered, by name."""
        if request.args.get("client_id", "").startswith("live"):
            return _shared(jsonify(name="NOT_AUTHORIZED", message="The sandbox takes test credentials only.")), 401
        return _shared(jsonify(eligible(request.args.get("currency", "USD")))), 200


def eligible(currency: str) -> dict[str, Any]:
    """Return PayPal's own wallet for the currencies it settles in, and nothing for others."""
    methods = {"paypal": {"can_be_vaulted": False, "recommended": True}} if currency.upper() in CURRENCIES else {}
    return {"eligible_methods": methods}


def _script(path: str) -> Response:
    response = send_from_directory(STATIC, path, mimetype="text/javascript", max_age=0)
    return _shared(response)


def _shared(response: Response) -> Response:
    """Let pages of every origin use this answer."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
