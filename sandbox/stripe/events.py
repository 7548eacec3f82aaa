"""Events and their signed delivery: https://docs.stripe.com/webhooks."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from sandbox.dispatcher import Subscription
from sandbox.stripe.models import API_VERSION, Call, shown
from sandbox.world import World


def emit(call: Call, event_type: str, thing: dict[str, Any], previous: dict[str, Any] | None = None) -> dict[str, Any]:
    """Record an event with a snapshot of its object and send it to every endpoint that listens.

    `previous` holds the old values of what an update changed.
    """
    data: dict[str, Any] = {"object": shown(thing)}
    if previous is not None:
        data["previous_attributes"] = previous
    endpoints = [e for e in call.table("webhook_endpoint").values() if _listens(e, event_type)]
    event = call.insert(
        "event",
        {
            "api_version": API_VERSION,
            "created": call.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": len(endpoints),
            "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
            "type": event_type,
        },
    )
    body = json.dumps(event, indent=2, ensure_ascii=False).encode() if endpoints else b""
    for endpoint in endpoints:
        call.world.dispatcher.publish(subscription(endpoint), event["id"], event_type, body)
    return event


def changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return the old values of the fields that differ, as `previous_attributes` shows them."""
    return {name: old.get(name) for name in new if old.get(name) != new[name]}


def subscription(endpoint: dict[str, Any]) -> Subscription:
    """Return how an endpoint wants its deliveries."""
    secret = secret_of(endpoint)
    return Subscription("stripe", endpoint["id"], endpoint["url"], signer(secret))


def signer(secret: str) -> Callable[[bytes], dict[str, str]]:
    """Return the function that signs a raw body.

    The time in the signature is wall time, not the simulated one: receivers refuse a signature that is older than five
    minutes by their own clock.
    """

    def sign(body: bytes) -> dict[str, str]:
        moment = int(time.time())
        digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        return {
            "Stripe-Signature": f"t={moment},v1={digest}",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }

    return sign


def secret_of(endpoint: dict[str, Any]) -> str:
    """Return an endpoint's signing secret, which its object shows only when it is made."""
    return str(endpoint["_secret"])


def resolver(world: World) -> Callable[[str], Subscription | None]:
    """Return the look-up with which deliveries find their endpoint again after a restart."""

    def resolve(endpoint_id: str) -> Subscription | None:
        endpoint = world.store.table("stripe.webhook_endpoint").get(endpoint_id)
        return subscription(endpoint) if endpoint and not endpoint.get("deleted") else None

    return resolve


def seed(world: World) -> None:
    """Register the webhooks that the command line named, once each.

    A state file may know some by the address of an earlier start; nobody listens there any more, so they go.
    """
    call = Call(world)
    table, wanted = call.table("webhook_endpoint"), world.settings.stripe_webhook_urls
    for endpoint in [e for e in table.values() if e.get("_named_at_start") and e["url"] not in wanted]:
        del table[endpoint["id"]]
    known = {endpoint["url"] for endpoint in table.values()}
    for url in wanted:
        if url not in known:
            add_endpoint(call, url, ["*"], world.settings.stripe_webhook_secret, _named_at_start=True)


def add_endpoint(call: Call, url: str, enabled: list[str], secret: str, **fields: Any) -> dict[str, Any]:
    """Store a webhook endpoint; its secret is kept beside it, under a name that is never shown."""
    defaults: dict[str, Any] = {
        "api_version": None,
        "application": None,
        "created": call.now(),
        "description": None,
        "enabled_events": enabled,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_secret": secret,
    }
    return call.insert("webhook_endpoint", {**defaults, **fields})


def _listens(endpoint: dict[str, Any], event_type: str) -> bool:
    wanted = endpoint.get("enabled_events", ())
    return endpoint.get("status") == "enabled" and ("*" in wanted or event_type in wanted)
