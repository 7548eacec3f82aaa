"""Mandates, as the API shows them: https://docs.stripe.com/api/mandates."""

from typing import Any

from sandbox.stripe.models import Call


def get(call: Call) -> dict[str, Any]:
    """GET /v1/mandates/{id}."""
    return call.find("mandate", call.ids[0])
