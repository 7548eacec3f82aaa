"""Webhooks: registered, delivered, signed so that a stranger can check it, sent again."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
from cryptography import x509

from tests.sandbox.paypal.merchant import Json, Merchant, Request, Until
from tests.sandbox.paypal.signature import is_signed

PATH = "/v1/notifications/webhooks"


@dataclass
class Delivery:
    """One POST as the listener got it."""

    body: bytes
    headers: dict[str, str]

    @property
    def event(self) -> Json:
        """The event, parsed."""
        event: Json = json.loads(self.body)
        return event


class Listener(HTTPServer):
    """A shop's webhook endpoint: keeps what it gets and answers 204."""

    def __init__(self) -> None:
        self.got: list[Delivery] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}/webhooks/paypal"

    def of(self, event_type: str) -> list[Delivery]:
        """The deliveries of one type, in the order they came."""
        return [delivery for delivery in self.got if delivery.event["event_type"] == event_type]


class _Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(Delivery(body, {name.upper(): value for name, value in self.headers.items()}))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Stay silent."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A listening endpoint."""
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def webhook_id(merchant: Merchant, listener: Listener) -> str:
    """The id under which the listener is registered for everything."""
    return register(merchant, listener.url)


def register(merchant: Merchant, url: str, *names: str) -> str:
    body = {"url": url, "event_types": [{"name": name} for name in names or ("*",)]}
    webhook_id: str = merchant.call(Request("POST", PATH, body)).body["id"]
    return webhook_id


def postback(delivery: Delivery, webhook_id: str, raw: bytes | None = None) -> Json:
    """The body of a verification, as parsed JSON; `raw` stands for another event."""
    names = {
        "auth_algo": "PAYPAL-AUTH-ALGO",
        "cert_url": "PAYPAL-CERT-URL",
        "transmission_id": "PAYPAL-TRANSMISSION-ID",
        "transmission_sig": "PAYPAL-TRANSMISSION-SIG",
        "transmission_time": "PAYPAL-TRANSMISSION-TIME",
    }
    body: Json = {field: delivery.headers[header] for field, header in names.items()}
    return body | {"webhook_id": webhook_id, "webhook_event": json.loads(raw or delivery.body)}


def verify(merchant: Merchant, body: Json, raw: bytes) -> str:
    """Post a verification with the event spliced in byte by byte, as an integration must."""
    head = json.dumps({name: value for name, value in body.items() if name != "webhook_event"})
    text = f'{head[:-1]}, "webhook_event": {raw.decode()}}}'
    reply = merchant.call(Request("POST", "/v1/notifications/verify-webhook-signature", text))
    status: str = reply.body["verification_status"]
    return status


def test_every_event_of_a_purchase_is_delivered(
    merchant: Merchant, listener: Listener, webhook_id: str, until: Until
) -> None:
    capture = merchant.paid()

    until(lambda: len(listener.got) == 3)
    [delivery] = listener.of("PAYMENT.CAPTURE.COMPLETED")
    assert delivery.event["resource"]["id"] == capture["id"]
    assert delivery.event["resource"]["supplementary_data"]["related_ids"]["order_id"]
    assert delivery.event["resource_type"] == "capture"


def test_a_delivery_is_signed_for_its_webhook_by_a_certificate_of_the_sandboxs_authority(
    merchant: Merchant, listener: Listener, webhook_id: str, until: Until
) -> None:
    merchant.paid()
    until(lambda: len(listener.got) == 3)
    delivery = listener.got[0]

    address = delivery.headers["PAYPAL-CERT-URL"]
    chain = x509.load_pem_x509_certificates(requests.get(address, timeout=5).content)

    assert address.startswith(f"{merchant.sandbox.paypal_api}/v1/notifications/certs/CERT-360caa42-fca2a594-")
    chain[0].verify_directly_issued_by(chain[1])
    assert chain[0].subject.rfc4514_string() == "CN=messageverificationcerts.localhost"
    assert is_signed(delivery.body, delivery.headers, webhook_id, chain[0])
    assert not is_signed(delivery.body + b" ", delivery.headers, webhook_id, chain[0])
    assert not is_signed(delivery.body, delivery.headers, "SOMEBODYELSE", chain[0])


def test_the_postback_knows_genuine_deliveries_from_others(
    merchant: Merchant, listener: Listener, webhook_id: str, until: Until
) -> None:
    merchant.paid()
    until(lambda: len(listener.got) == 3)
    delivery = listener.got[0]
    body = postback(delivery, webhook_id)

    assert verify(merchant, body, delivery.body) == "SUCCESS"
    assert verify(merchant, body, delivery.body.replace(b"Alice", b"Malice")) == "FAILURE"
    assert verify(merchant, body, json.dumps(delivery.event, indent=1).encode()) == "FAILURE"
    assert verify(merchant, body | {"webhook_id": "SOMEBODYELSE"}, delivery.body) == "FAILURE"
    assert verify(merchant, body | {"cert_url": "https://evil.example/cert.pem"}, delivery.body) == "FAILURE"


def test_a_delivery_to_a_webhook_that_is_gone_is_not_verified(
    merchant: Merchant, listener: Listener, webhook_id: str, until: Until
) -> None:
    merchant.paid()
    until(lambda: len(listener.got) == 3)
    merchant.call(Request("DELETE", f"{PATH}/{webhook_id}"))

    assert verify(merchant, postback(listener.got[0], webhook_id), listener.got[0].body) == "FAILURE"


def test_a_spoilt_signature_fails_and_a_duplicate_comes_twice_with_one_id(
    merchant: Merchant, listener: Listener, webhook_id: str, until: Until
) -> None:
    merchant.sandbox.world.dispatcher.turn("paypal", bad_signature=True, duplicate=True)

    merchant.paid()

    until(lambda: len(listener.of("PAYMENT.CAPTURE.COMPLETED")) == 2)
    first, second = listener.of("PAYMENT.CAPTURE.COMPLETED")
    assert first.event["id"] == second.event["id"]
    assert verify(merchant, postback(first, webhook_id), first.body) == "FAILURE"


def test_an_event_can_be_sent_again_and_looked_up(
    merchant: Merchant, listener: Listener, webhook_id: str, until: Until
) -> None:
    capture = merchant.paid()
    until(lambda: len(listener.got) == 3)

    found = merchant.call(Request("GET", f"{PATH}-events?transaction_id={capture['id']}")).body["events"]
    sent = merchant.call(Request("POST", f"{PATH}-events/{found[0]['id']}/resend", {"webhook_ids": [webhook_id]}))

    assert sent.status == 202
    until(lambda: len(listener.of("PAYMENT.CAPTURE.COMPLETED")) == 2)
    once, again = listener.of("PAYMENT.CAPTURE.COMPLETED")
    assert once.body == again.body
    assert once.headers["PAYPAL-TRANSMISSION-ID"] != again.headers["PAYPAL-TRANSMISSION-ID"]
    assert merchant.call(Request("GET", f"{PATH}-events/{found[0]['id']}")).body == once.event


def test_a_simulated_event_arrives_and_verifies_for_no_webhook(
    merchant: Merchant, listener: Listener, webhook_id: str, until: Until
) -> None:
    body = {"event_type": "PAYMENT.CAPTURE.REFUNDED", "webhook_id": webhook_id}

    simulated = merchant.call(Request("POST", "/v1/notifications/simulate-event", body))

    assert simulated.status == 202
    until(lambda: len(listener.got) == 1)
    assert listener.got[0].event == simulated.body
    assert verify(merchant, postback(listener.got[0], webhook_id), listener.got[0].body) == "FAILURE"
    assert merchant.events() == []


def test_a_webhook_gets_only_what_it_asked_for(merchant: Merchant, listener: Listener, until: Until) -> None:
    register(merchant, listener.url, "CHECKOUT.ORDER.COMPLETED")

    merchant.paid()

    until(lambda: len(listener.got) == 1)
    assert listener.got[0].event["event_type"] == "CHECKOUT.ORDER.COMPLETED"


def test_webhooks_are_listed_changed_and_deleted(merchant: Merchant) -> None:
    webhook_id = register(merchant, "https://shop.example/paypal", "PAYMENT.CAPTURE.COMPLETED")
    patch = [{"op": "replace", "path": "/event_types", "value": [{"name": "PAYMENT.CAPTURE.PENDING"}]}]

    changed = merchant.call(Request("PATCH", f"{PATH}/{webhook_id}", patch))

    assert [entry["name"] for entry in changed.body["event_types"]] == ["PAYMENT.CAPTURE.PENDING"]
    assert [webhook["id"] for webhook in merchant.call(Request("GET", PATH)).body["webhooks"]] == [webhook_id]
    assert merchant.call(Request("GET", f"{PATH}/{webhook_id}/event-types")).body["event_types"][0]["description"]
    assert merchant.call(Request("DELETE", f"{PATH}/{webhook_id}")).status == 204
    assert merchant.call(Request("GET", f"{PATH}/{webhook_id}")).status == 404


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"url": "https://shop.example/a", "event_types": [{"name": "NO.SUCH.EVENT"}]}, "VALIDATION_ERROR"),
        ({"url": "https://shop.example/a"}, "VALIDATION_ERROR"),
        ({"url": "https://shop.example/taken", "event_types": [{"name": "*"}]}, "WEBHOOK_URL_ALREADY_EXISTS"),
    ],
)
def test_a_webhook_that_makes_no_sense_is_refused(merchant: Merchant, body: Json, name: str) -> None:
    register(merchant, "https://shop.example/taken")

    refused = merchant.call(Request("POST", PATH, body))

    assert (refused.status, refused.body["name"]) == (400, name)


def test_the_list_of_event_types_names_all_that_are_sent(merchant: Merchant) -> None:
    listed = merchant.call(Request("GET", "/v1/notifications/webhooks-event-types")).body["event_types"]

    merchant.paid()
    assert {event["event_type"] for event in merchant.events()} <= {entry["name"] for entry in listed}


def test_events_are_listed_page_by_page(merchant: Merchant) -> None:
    for _ in range(2):
        merchant.paid()
    told = [event["id"] for event in reversed(merchant.events())]

    seen: list[str] = []
    path = "/v1/notifications/webhooks-events?page_size=3"
    while path:
        page = merchant.call(Request("GET", path)).body
        seen += [event["id"] for event in page["events"]]
        onward = [link["href"] for link in page["links"] if link["rel"] == "next"]
        path = onward[0].removeprefix(merchant.sandbox.paypal_api) if onward else ""

    assert len(told) > 3
    assert seen == told
