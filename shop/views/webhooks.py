"""Webhooks: raw bytes in, 2xx out. The only routes without CSRF protection, since they carry a signature."""

from __future__ import annotations

from flask import Blueprint, Response, request

from shop.gateways.base import Provider
from shop.services import webhooks

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")

MOST_BYTES = 512 * 1024


def is_delivery() -> bool:
    """Tell whether this request is a provider's: it may come as often as it likes, and a forgery costs us little."""
    return request.blueprint == blueprint.name


@blueprint.post("/<any(stripe, paypal):provider>")
def receive(provider: str) -> Response:
    """Take one delivery. 400 when it proves nothing, 413 when it is too large, 5xx when it could not be stored."""
    request.max_content_length = MOST_BYTES
    receipt = webhooks.receive(Provider(provider), dict(request.headers), request.get_data(cache=False))
    return Response(f"{receipt}\n", status=200, mimetype="text/plain")
