"""Webhooks v1, events: list, show, send again, simulate."""

from typing import Any
from urllib.parse import urlencode

from sandbox.paypal import events, models, samples
from sandbox.paypal.calls import Answer, Call
from sandbox.paypal.errors import refuse
from sandbox.paypal.responses.webhooks import invalid

Json = dict[str, Any]

DEFAULT_PAGE = 10
PATH = "/v1/notifications/webhooks-events"


def index(call: Call) -> Answer:
    """List events, newest first; page_size, start_time, end_time, transaction_id and event_type narrow.

    A page that is not the last carries a link to the next; what PayPal puts into it nobody needs to read, so here it
    is a count of what came before [K].
    """
    query = call.query
    found = [event for event in reversed(_table(call).values()) if _matches(event, query)]
    size, skipped = _number(query, "page_size", DEFAULT_PAGE), _number(query, "next_page", 0)
    page = found[skipped : skipped + size]
    links = [models.link(call.world, "self", PATH)]
    if skipped + size < len(found):
        onward = urlencode({**query, "next_page": skipped + size})
        links.append(models.link(call.world, "next", f"{PATH}?{onward}"))
    return Answer(200, {"events": page, "count": len(page), "links": links})


def show(call: Call, event_id: str) -> Answer:
    """Show one event."""
    return Answer(200, _find(call, event_id))


def resend(call: Call, event_id: str) -> Answer:
    """Send an event once more, to the webhooks named or to all that want its type."""
    event = _find(call, event_id)
    webhooks = call.world.store.table("paypal.webhook")
    for webhook_id in call.body.get("webhook_ids") or events.subscribed(call.world, event["event_type"]):
        if webhook_id not in webhooks:
            raise invalid("/webhook_ids", "Not a webhook of this app.")
        events.send(call.world, webhook_id, event)
    return Answer(202, event)


def simulate(call: Call) -> Answer:
    """Send a made-up event to a webhook or an address; it is signed for no webhook, so its verification fails."""
    event_type = call.body["event_type"]
    if event_type not in events.TYPES:
        raise invalid("/event_type", "Not a valid webhook event name.")
    url = call.body.get("url")
    if webhook_id := call.body.get("webhook_id"):
        webhook = call.world.store.table("paypal.webhook").get(webhook_id)
        if webhook is None:
            raise refuse("INVALID_RESOURCE_ID")
        url = webhook["url"]
    if not url:
        raise invalid("/url", "Either url or webhook_id is required.")
    kind = samples.kind_of(event_type)
    event = events.make(call.world, event_type, kind, samples.resource(call.world, kind))
    events.send(call.world, f"{events.SIMULATED} {url}", event)
    return Answer(202, event)


def _number(query: dict[str, str], name: str, usual: int) -> int:
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else usual


def _table(call: Call) -> dict[str, Json]:
    return call.world.store.table("paypal.event")


def _find(call: Call, event_id: str) -> Json:
    event = _table(call).get(event_id)
    if event is None:
        raise refuse("INVALID_RESOURCE_ID")
    return event


def _matches(event: Json, query: dict[str, str]) -> bool:
    """The times are compared as text: both are UTC to the second."""
    facts = {"event_type": event["event_type"], "transaction_id": event["resource"]["id"]}
    if any(query.get(name, fact) != fact for name, fact in facts.items()):
        return False
    return query.get("start_time", "") <= str(event["create_time"]) <= query.get("end_time", "9999")
