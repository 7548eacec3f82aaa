"""Events, as the API shows them: https://docs.stripe.com/api/events."""

from typing import Any

from sandbox.stripe import lists
from sandbox.stripe.models import Call


def get(call: Call) -> dict[str, Any]:
    """GET /v1/events/{id}."""
    return _counted(call, call.find("event", call.ids[0]))


def list_all(call: Call) -> dict[str, Any]:
    """GET /v1/events: of one `type` (`charge.*` works), of several `types`, delivered or not."""
    wanted = call.params.get("types") or ([call.params["type"]] if call.params.get("type") else [])
    delivered = call.params.get("delivery_success")

    def keep(event: dict[str, Any]) -> bool:
        if delivered is not None and call.world.dispatcher.undelivered(event["id"]) == delivered:
            return False
        return not wanted or any(_is(event["type"], pattern) for pattern in wanted)

    found = lists.page(call, "event", "/v1/events", keep=keep)
    found["data"] = [_counted(call, event) for event in found["data"]]
    return found


def _is(event_type: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        return event_type.startswith(pattern[:-1])
    return event_type == pattern


def _counted(call: Call, event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "pending_webhooks": call.world.dispatcher.pending(event["id"])}
