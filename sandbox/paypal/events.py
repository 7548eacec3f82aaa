"""Webhook events: made when something happens, kept, and sent to every webhook that asked for their type."""

import json
import secrets
import string
from typing import Any

from sandbox.dispatcher import Subscription
from sandbox.paypal import certificates, models
from sandbox.world import World

Json = dict[str, Any]

# resource kind -> (resource_type, resource_version) as PayPal's sample events have them.
RESOURCES = {
    "order": ("checkout-order", "2.0"),
    "capture": ("capture", "2.0"),
    "refund": ("refund", "2.0"),
    "authorization": ("authorization", "2.0"),
}
# event type -> (what PayPal says of the type, the summary of such an event)
ABOUT_REFUNDS = ("PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED")
TYPES = {
    "CHECKOUT.ORDER.APPROVED": ("A buyer approved a checkout order.", "An order has been approved by buyer"),
    "CHECKOUT.ORDER.COMPLETED": ("A checkout order is processed.", "Checkout Order Completed"),
    "PAYMENT.AUTHORIZATION.CREATED": ("A payment authorization is created.", "A payment authorization was created"),
    "PAYMENT.AUTHORIZATION.VOIDED": ("A payment authorization is voided.", "A payment authorization was voided"),
    "PAYMENT.CAPTURE.COMPLETED": ("A payment capture completes.", "Payment completed for {amount}"),
    "PAYMENT.CAPTURE.DECLINED": ("A payment capture is declined.", "Payment declined for {amount}"),
    "PAYMENT.CAPTURE.PENDING": ("A payment capture's state becomes pending.", "Payment pending for {amount}"),
    "PAYMENT.CAPTURE.REFUNDED": ("A merchant refunds a payment capture.", "A {amount} capture payment was refunded"),
    "PAYMENT.CAPTURE.REVERSED": ("PayPal reverses a payment capture.", "A {amount} capture payment was reversed"),
}
EVERYTHING = "*"
SIMULATED = "WEBHOOK_ID"  # what mock events are signed for, so that they verify against no webhook
KEPT_EVENTS = 2_000


def emit(world: World, event_type: str, kind: str, object_id: str) -> Json:
    """Make the event of a type about an object as it is now, keep it, and send it to whom it concerns."""
    event = make(world, event_type, kind, models.VIEWS[kind](world, object_id, True))
    table = world.store.table("paypal.event")
    table[event["id"]] = event
    while len(table) > KEPT_EVENTS:
        del table[next(iter(table))]
    for webhook_id in subscribed(world, event_type):
        send(world, webhook_id, event)
    return event


def subscribed(world: World, event_type: str) -> list[str]:
    """Return the ids of the webhooks that want a type of event."""
    return [
        webhook["id"]
        for webhook in world.store.table("paypal.webhook").values()
        if {entry["name"] for entry in webhook["event_types"]} & {EVERYTHING, event_type}
    ]


def make(world: World, event_type: str, kind: str, resource: Json) -> Json:
    """Make an event without keeping or sending it."""
    event_id = f"WH-{_letters(17)}-{_letters(17)}"
    resource_type, version = RESOURCES[kind]
    amount = resource.get("amount", {})
    words = f"$ {amount.get('value')} {amount.get('currency_code')}"
    path = f"/v1/notifications/webhooks-events/{event_id}"
    return {
        "id": event_id,
        "event_version": "1.0",
        "create_time": models.stamp(world.clock.now()),
        "resource_type": resource_type,
        "resource_version": version,
        "event_type": event_type,
        "summary": TYPES[event_type][1].format(amount=words),
        "resource": resource,
        "links": [models.link(world, "self", path), models.link(world, "resend", f"{path}/resend", "POST")],
    }


def send(world: World, endpoint_id: str, event: Json) -> None:
    """Hand an event to the dispatcher for one webhook, or for a simulation; raises KeyError when there is none."""
    subscription = subscription_of(world, endpoint_id)
    if subscription is None:
        raise KeyError(endpoint_id)
    body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
    world.dispatcher.publish(subscription, event["id"], event["event_type"], body)


def subscription_of(world: World, endpoint_id: str) -> Subscription | None:
    """Return how to reach and sign for a webhook, or for a simulation ("WEBHOOK_ID http://…"); None if it is gone."""
    name, _, url = endpoint_id.partition(" ")
    if name != SIMULATED:
        webhook = world.store.table("paypal.webhook").get(endpoint_id)
        if webhook is None:
            return None
        url = webhook["url"]
    return Subscription("paypal", endpoint_id, url, lambda body: certificates.sign(world, name, body))


def _letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(count))
