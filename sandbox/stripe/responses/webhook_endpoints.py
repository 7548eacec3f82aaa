"""Webhook endpoints: https://docs.stripe.com/api/webhook_endpoints."""

from typing import Any
from urllib.parse import urlsplit

from sandbox.stripe import errors, events, lists
from sandbox.stripe.models import API_VERSION, Call, merge_metadata, new_id, revised


def create(call: Call) -> dict[str, Any]:
    """POST /v1/webhook_endpoints; the signing secret is in this answer and in no later one."""
    params = call.params
    _check_url(params["url"])
    if params.get("api_version") not in (None, API_VERSION):
        raise errors.refused(f"Invalid API version: this sandbox speaks {API_VERSION}.", param="api_version")
    endpoint = events.add_endpoint(
        call,
        params["url"],
        params["enabled_events"],
        new_id("whsec_", 32),
        api_version=params.get("api_version"),
        description=params.get("description"),
        metadata=merge_metadata({}, params.get("metadata") or {}),
    )
    return {**endpoint, "secret": events.secret_of(endpoint)}


def get(call: Call) -> dict[str, Any]:
    """GET /v1/webhook_endpoints/{id}."""
    return call.find("webhook_endpoint", call.ids[0])


def update(call: Call) -> dict[str, Any]:
    """POST /v1/webhook_endpoints/{id}."""
    endpoint = call.find("webhook_endpoint", call.ids[0])
    params = call.params
    with revised(endpoint) as changed:
        if "url" in params:
            _check_url(params["url"])
        for name in ("url", "description", "enabled_events"):
            if name in params:
                changed[name] = params[name]
        if "disabled" in params:
            changed["status"] = "disabled" if params["disabled"] else "enabled"
        if "metadata" in params:
            changed["metadata"] = merge_metadata(changed["metadata"], params["metadata"])
    return endpoint


def list_all(call: Call) -> dict[str, Any]:
    """GET /v1/webhook_endpoints."""
    return lists.page(call, "webhook_endpoint", "/v1/webhook_endpoints")


def delete(call: Call) -> dict[str, Any]:
    """DELETE /v1/webhook_endpoints/{id}."""
    endpoint = call.find("webhook_endpoint", call.ids[0])
    del call.table("webhook_endpoint")[endpoint["id"]]
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def _check_url(url: str) -> None:
    """Raise StripeError for what is not an address; unlike Stripe's live mode, http and loopback are welcome."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise errors.refused("Invalid URL: An explicit scheme (such as https) must be provided.", param="url")
