"""Webhooks: registered, signed, retried, and spoilt on purpose."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import stripe

from sandbox.running import Sandbox
from tests.sandbox.receiver import Receiver
from tests.sandbox.stripe import conformance
from tests.sandbox.waiting import eventually


@pytest.fixture
def endpoint(server: Any, receiver: Receiver) -> Any:
    """An endpoint that listens to everything."""
    return server.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})


def types_of(receiver: Receiver) -> list[str]:
    """Return the types of what was received, in order."""
    return [json.loads(body)["type"] for body, _ in receiver.received]


def delivery(sandbox: Sandbox, **query: str) -> dict[str, Any]:
    """Return the newest delivery that fits."""
    rows = requests.get(f"{sandbox.console}/_sandbox/deliveries", params=query, timeout=5).json()["deliveries"]
    return dict(rows[0])


def test_the_secret_is_told_once(server: Any, endpoint: Any) -> None:
    assert endpoint.secret.startswith("whsec_")
    assert "secret" not in server.webhook_endpoints.retrieve(endpoint.id)
    assert "secret" not in server.webhook_endpoints.list().data[0]


def test_an_event_arrives_signed_and_conforming(server: Any, endpoint: Any, receiver: Receiver) -> None:
    alice = server.customers.create({"name": "Alice Ångström"})

    body, headers = eventually(lambda: receiver.received)[0]

    event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], endpoint.secret)  # type: ignore[no-untyped-call]
    assert (event.type, event.data.object.id, event.data.object.name) == (
        "customer.created",
        alice.id,
        "Alice Ångström",
    )
    assert event.api_version == stripe.api_version
    assert conformance.problems(json.loads(body)) == []
    assert conformance.problems(json.loads(body)["data"]["object"]) == []
    assert event.request is not None
    assert event.request.idempotency_key is not None


def test_every_event_of_a_payment_conforms(
    pay: Callable[..., Any], server: Any, endpoint: Any, receiver: Receiver, later: Callable[[float], None]
) -> None:
    intent = pay()
    with pytest.raises(stripe.CardError):
        pay("pm_card_chargeDeclined")
    pay("pm_card_authenticationRequired")
    server.refunds.create({"payment_intent": intent.id})
    later(5)

    eventually(lambda: "charge.updated" in types_of(receiver) and len(receiver.received) >= 10)

    for body, _ in receiver.received:
        event = json.loads(body)
        assert conformance.problems(event) == []
        assert conformance.problems(event["data"]["object"]) == [], event["type"]


def test_the_simulated_time_does_not_age_a_signature(
    server: Any, endpoint: Any, receiver: Receiver, later: Callable[[float], None]
) -> None:
    later(30 * 86_400)
    server.customers.create({})

    body, headers = eventually(lambda: receiver.received)[0]

    stripe.Webhook.construct_event(body, headers["Stripe-Signature"], endpoint.secret)  # type: ignore[no-untyped-call]
    assert json.loads(body)["created"] > time.time() + 29 * 86_400


def test_only_what_was_asked_for_arrives(server: Any, receiver: Receiver, pay: Callable[..., Any]) -> None:
    server.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["payment_intent.succeeded"]})

    pay()

    eventually(lambda: receiver.received)
    assert types_of(receiver) == ["payment_intent.succeeded"]


def test_a_disabled_or_deleted_endpoint_hears_nothing(server: Any, endpoint: Any, receiver: Receiver) -> None:
    server.webhook_endpoints.update(endpoint.id, {"disabled": True})
    server.customers.create({})
    server.webhook_endpoints.update(endpoint.id, {"disabled": False, "enabled_events": ["customer.deleted"]})
    server.customers.delete(server.customers.create({}).id)

    eventually(lambda: receiver.received)
    assert types_of(receiver) == ["customer.deleted"]
    assert server.webhook_endpoints.delete(endpoint.id).deleted is True
    assert server.webhook_endpoints.list().data == []


def test_a_bad_address_is_refused(server: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid URL"):
        server.webhook_endpoints.create({"url": "shop", "enabled_events": ["*"]})


def test_a_failed_delivery_is_tried_again_with_a_fresh_signature(
    server: Any, endpoint: Any, receiver: Receiver, sandbox: Sandbox
) -> None:
    receiver.statuses = [500, 302, 200]

    customer = server.customers.create({})

    eventually(lambda: len(receiver.received) == 3)
    assert {body for body, _ in receiver.received} == {receiver.received[0][0]}
    row = eventually(lambda: (found := delivery(sandbox))["state"] == "delivered" and found)
    assert [attempt["status"] for attempt in row["attempts"]] == [500, 302, 200]
    [event] = server.events.list({"type": "customer.created"}).data
    assert (event.data.object.id, event.pending_webhooks) == (customer.id, 0)


def test_a_delivery_is_given_up_after_the_last_try(
    server: Any, endpoint: Any, receiver: Receiver, sandbox: Sandbox
) -> None:
    receiver.statuses = [500] * 5

    server.customers.create({})

    row = eventually(lambda: (found := delivery(sandbox))["state"] == "failed" and found)
    assert len(row["attempts"]) == 5


def test_nobody_listening_is_recorded_as_an_error(server: Any, sandbox: Sandbox) -> None:
    server.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]})

    server.customers.create({})

    row = eventually(lambda: (found := delivery(sandbox))["attempts"] and found)
    assert row["attempts"][0]["error"] == "ConnectionError"


def test_a_dropped_delivery_can_be_sent_later(server: Any, endpoint: Any, receiver: Receiver, sandbox: Sandbox) -> None:
    # given a delivery that never left
    sandbox.world.dispatcher.turn("stripe", drop=True)
    server.customers.create({})
    row = delivery(sandbox)
    assert (row["state"], row["attempts"]) == ("dropped", [])

    # when somebody sends it
    sandbox.world.dispatcher.resend(row["id"])

    # then it arrives
    eventually(lambda: receiver.received)


def test_deliveries_can_come_twice_and_late(server: Any, endpoint: Any, receiver: Receiver, sandbox: Sandbox) -> None:
    sandbox.world.dispatcher.turn("stripe", duplicate=True, delay_seconds=0.2)
    began = time.monotonic()

    server.customers.create({})

    eventually(lambda: len(receiver.received) == 2)
    assert time.monotonic() - began >= 0.2
    assert receiver.received[0][0] == receiver.received[1][0]


def test_deliveries_can_come_out_of_order(server: Any, endpoint: Any, receiver: Receiver, sandbox: Sandbox) -> None:
    sandbox.world.dispatcher.turn("stripe", reorder=True)

    alice = server.customers.create({})
    server.customers.delete(alice.id)

    eventually(lambda: len(receiver.received) == 2)
    assert types_of(receiver) == ["customer.deleted", "customer.created"]


def test_a_bad_signature_is_well_formed_and_wrong(
    server: Any, endpoint: Any, receiver: Receiver, sandbox: Sandbox
) -> None:
    sandbox.world.dispatcher.turn("stripe", bad_signature=True)

    server.customers.create({})

    body, headers = eventually(lambda: receiver.received)[0]
    with pytest.raises(stripe.SignatureVerificationError, match="No signatures found matching"):
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], endpoint.secret)  # type: ignore[no-untyped-call]


def test_a_resend_may_be_signed_wrongly_once(server: Any, endpoint: Any, receiver: Receiver, sandbox: Sandbox) -> None:
    server.customers.create({})
    eventually(lambda: receiver.received)
    row = eventually(lambda: (found := delivery(sandbox))["state"] == "delivered" and found)

    requests.post(f"{sandbox.console}/_sandbox/deliveries/{row['id']}/resend", json={"bad_signature": True}, timeout=5)

    eventually(lambda: len(receiver.received) == 2)
    for (body, headers), good in zip(receiver.received, (True, False), strict=True):
        assert _verifies(body, headers, endpoint.secret) is good


def test_events_are_listed_by_type(server: Any, pay: Callable[..., Any]) -> None:
    pay()

    assert {event.type for event in server.events.list({"type": "payment_intent.*"}).data} == {
        "payment_intent.created",
        "payment_intent.succeeded",
    }
    wanted = ["charge.succeeded", "payment_intent.created"]
    found = server.events.list({"types": wanted}).data
    assert sorted(event.type for event in found) == wanted
    assert server.events.retrieve(found[0].id).type == found[0].type


def test_an_event_keeps_what_was_true_when_it_happened(server: Any) -> None:
    alice = server.customers.create({"name": "Alice"})
    server.customers.update(alice.id, {"name": "Someone else"})

    [event] = server.events.list({"type": "customer.created"}).data

    assert event.data.object.name == "Alice"


def _verifies(body: bytes, headers: dict[str, str], secret: str) -> bool:
    try:
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret)  # type: ignore[no-untyped-call]
    except stripe.SignatureVerificationError:
        return False
    return True
