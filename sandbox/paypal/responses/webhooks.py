"""Webhooks v1: register, list, change and delete webhooks; say what can be subscribed to; verify a delivery."""

import json
import secrets
import string
from typing import Any

from sandbox.paypal import certificates, events, fields, models
from sandbox.paypal.calls import Answer, Call
from sandbox.paypal.errors import PayPalError, refuse
from sandbox.world import World

Json = dict[str, Any]

PATH = "/v1/notifications/webhooks"
MAX_WEBHOOKS = 10
PATCHABLE = {"/url": fields.WEBHOOK.required["url"], "/event_types": fields.WEBHOOK.required["event_types"]}


def seed(world: World) -> None:
    """Register the webhooks that the sandbox was started with; the first has the configured id."""
    table = world.store.table("paypal.webhook")
    for number, url in enumerate(world.settings.paypal_webhook_urls):
        webhook_id = f"{number or ''}{world.settings.paypal_webhook_id}"
        known = table.setdefault(webhook_id, _record(webhook_id, url, [{"name": events.EVERYTHING}]))
        known["url"] = url  # a state file may know it by the address of an earlier start


def create(call: Call) -> Answer:
    """Register a webhook. PayPal wants HTTPS on port 443; the sandbox takes HTTP too, for listeners on this machine."""
    url, types = call.body["url"], call.body["event_types"]
    _check_types(types)
    table = call.world.store.table("paypal.webhook")
    if any(webhook["url"] == url for webhook in table.values()):
        raise PayPalError(400, "WEBHOOK_URL_ALREADY_EXISTS", "Webhook URL already exists.", [], [])
    if len(table) >= MAX_WEBHOOKS:
        message = f"You have reached the maximum number of webhooks allowed: {MAX_WEBHOOKS}."
        raise PayPalError(400, "WEBHOOK_NUMBER_LIMIT_EXCEEDED", message, [], [])
    webhook_id = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(17))
    table[webhook_id] = _record(webhook_id, url, types)
    return Answer(201, _view(call.world, table[webhook_id]))


def index(call: Call) -> Answer:
    """List every webhook."""
    table = call.world.store.table("paypal.webhook")
    return Answer(200, {"webhooks": [_view(call.world, webhook) for webhook in table.values()]})


def show(call: Call, webhook_id: str) -> Answer:
    """Show one webhook."""
    return Answer(200, _view(call.world, _find(call, webhook_id)))


def update(call: Call, webhook_id: str) -> Answer:
    """Replace the address or the event types of a webhook."""
    webhook = _find(call, webhook_id)
    changed = dict(webhook)
    for number, operation in enumerate(call.body):
        path = operation.get("path", "")
        if operation["op"] != "replace" or path not in PATCHABLE:
            raise invalid(f"/{number}/path", "Only /url and /event_types can be replaced.")
        if found := list(fields.check(PATCHABLE[path], operation.get("value"), f"/{number}/value")):
            raise invalid(found[0][1], found[0][0])
        changed[path[1:]] = operation["value"]
    _check_types(changed["event_types"])
    webhook.update(changed, event_types=_types(changed["event_types"]))
    return Answer(200, _view(call.world, webhook))


def delete(call: Call, webhook_id: str) -> Answer:
    """Delete a webhook; what was on its way to it is lost."""
    _find(call, webhook_id)
    del call.world.store.table("paypal.webhook")[webhook_id]
    return Answer(204, None)


def event_types_of(call: Call, webhook_id: str) -> Answer:
    """List what one webhook is subscribed to."""
    return Answer(200, {"event_types": _find(call, webhook_id)["event_types"]})


def event_types(call: Call) -> Answer:
    """List every event type that the sandbox sends."""
    return Answer(200, {"event_types": [_described(name) for name in events.TYPES]})


def verify(call: Call) -> Answer:
    """Say whether a delivery is this sandbox's: SUCCESS or FAILURE.

    The checksum covers the event's bytes as they stand in the request, so whoever parses an event and writes it anew
    gets FAILURE unless the bytes are the same: splice the raw body in.
    """
    body: Json = call.body
    known = body["webhook_id"] in call.world.store.table("paypal.webhook")
    ours = body["cert_url"] == certificates.url(call.world) and body["auth_algo"] == certificates.ALGORITHM
    raw = raw_member(call.raw.decode(), "webhook_event").encode()
    text = certificates.message(body["transmission_id"], body["transmission_time"], body["webhook_id"], raw)
    genuine = known and ours and certificates.is_genuine(call.world, text, body["transmission_sig"])
    return Answer(200, {"verification_status": "SUCCESS" if genuine else "FAILURE"})


def raw_member(text: str, wanted: str) -> str:
    """Return the exact text of one member of a JSON object that parses; raises KeyError when it has no such member."""
    decoder, at = json.JSONDecoder(), text.index("{") + 1
    while text[at:].lstrip()[:1] == '"':
        at = _skip(text, at)
        name, at = decoder.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # over the colon
        _, end = decoder.raw_decode(text, at)
        if name == wanted:
            return text[at:end]
        at = _skip(text, end) + 1  # over the comma
    raise KeyError(wanted)


def _skip(text: str, at: int) -> int:
    return at + len(text[at:]) - len(text[at:].lstrip())


def _record(webhook_id: str, url: str, types: list[Json]) -> Json:
    return {"id": webhook_id, "url": url, "event_types": _types(types)}


def _types(types: list[Json]) -> list[Json]:
    return [_described(entry["name"]) for entry in types]


def _described(name: str) -> Json:
    words = "ALL" if name == events.EVERYTHING else events.TYPES[name][0]
    return {"name": name, "description": words, "status": "ENABLED", "resource_versions": ["2.0"]}


def _check_types(types: list[Json]) -> None:
    for number, entry in enumerate(types):
        if entry["name"] != events.EVERYTHING and entry["name"] not in events.TYPES:
            raise invalid(f"/event_types/{number}/name", "Not a valid webhook event name.")


def invalid(field: str, issue: str) -> PayPalError:
    """Make the 400 of the Webhooks API for one field, to be raised."""
    return refuse("VALIDATION_ERROR", {"field": field, "location": "body", "issue": issue})


def _find(call: Call, webhook_id: str) -> Json:
    webhook: Json | None = call.world.store.table("paypal.webhook").get(webhook_id)
    if webhook is None:
        raise refuse("INVALID_RESOURCE_ID")
    return webhook


def _view(world: World, webhook: Json) -> Json:
    path = f"{PATH}/{webhook['id']}"
    verbs = {"self": "GET", "update": "PATCH", "delete": "DELETE"}
    return {**webhook, "links": [models.link(world, rel, path, method) for rel, method in verbs.items()]}
