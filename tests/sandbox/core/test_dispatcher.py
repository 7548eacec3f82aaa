"""Deliveries, apart from any provider."""

from collections.abc import Iterator

import pytest
import requests

from sandbox import dispatcher, request_log
from sandbox.clock import Clock
from sandbox.dispatcher import Dispatcher, Subscription
from sandbox.running import Sandbox
from sandbox.store import Store
from tests.sandbox.receiver import Receiver, RunningReceiver
from tests.sandbox.waiting import eventually


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver on a free port."""
    with RunningReceiver() as receiver:
        yield receiver


@pytest.fixture
def deliveries() -> Iterator[Dispatcher]:
    """A running dispatcher with short retries."""
    made = Dispatcher(Store(), Clock(), (0.02, 0.02))
    made.start()
    yield made
    made.stop()


def subscribe(receiver: Receiver, provider: str = "stripe") -> Subscription:
    """Return a subscription whose signature is the body's length."""
    return Subscription(provider, "we_1", receiver.url, lambda body: {"X-Signature": str(len(body))})


def test_a_delivery_carries_body_and_headers(deliveries: Dispatcher, receiver: Receiver) -> None:
    deliveries.publish(subscribe(receiver), "evt_1", "thing.done", '{"name": "Ångström"}'.encode())

    body, headers = eventually(lambda: receiver.received)[0]

    assert body.decode() == '{"name": "Ångström"}'
    assert headers["X-Signature"] == str(len(body))
    assert headers["Content-Type"].startswith("application/json")


def test_knobs_of_one_provider_leave_the_other_alone(deliveries: Dispatcher, receiver: Receiver) -> None:
    deliveries.turn("paypal", drop=True)

    for provider in ("paypal", "stripe"):
        deliveries.publish(subscribe(receiver, provider), f"evt_{provider}", "thing.done", b"{}")

    eventually(lambda: receiver.received)
    states = {row["provider"]: row["state"] for row in deliveries.deliveries()}
    assert states["paypal"] == "dropped"


def test_a_bad_signature_is_made_for_other_bytes(deliveries: Dispatcher, receiver: Receiver) -> None:
    deliveries.turn("stripe", bad_signature=True)

    deliveries.publish(subscribe(receiver), "evt_1", "thing.done", b"{}")

    body, headers = eventually(lambda: receiver.received)[0]
    assert int(headers["X-Signature"]) != len(body)


def test_each_try_is_recorded_and_then_it_is_given_up(deliveries: Dispatcher, receiver: Receiver) -> None:
    receiver.statuses = [500, 404, 503]

    deliveries.publish(subscribe(receiver), "evt_1", "thing.done", b"{}")

    row = eventually(lambda: (found := deliveries.deliveries()[0])["state"] == "failed" and found)
    assert [attempt["status"] for attempt in row["attempts"]] == [500, 404, 503]
    assert deliveries.pending("evt_1") == 0


def test_forgetting_drops_what_waits(deliveries: Dispatcher, receiver: Receiver) -> None:
    deliveries.turn("stripe", delay_seconds=30)
    deliveries.publish(subscribe(receiver), "evt_1", "thing.done", b"{}")

    deliveries.forget()
    deliveries.publish(subscribe(receiver), "evt_2", "thing.done", b'{"second": true}')

    eventually(lambda: receiver.received)
    assert [body for body, _ in receiver.received] == [b'{"second": true}']


def test_only_the_newest_are_kept(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "KEPT_DELIVERIES", 3)
    idle = Dispatcher(Store(), Clock())

    for number in range(5):
        idle.publish(subscribe(receiver), f"evt_{number}", "thing.done", b"{}")

    assert [row["event_id"] for row in idle.deliveries()] == ["evt_4", "evt_3", "evt_2"]


def test_the_request_log_keeps_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "KEPT_REQUESTS", 2)
    store = Store()

    for number in range(4):
        request_log.record(store, "stripe", {"request_id": f"req_{number}"})

    assert list(store.table("stripe.request_log")) == ["req_2", "req_3"]


def test_an_unknown_delivery_cannot_be_sent_again(sandbox: Sandbox) -> None:
    answer = requests.post(f"{sandbox.console}/_sandbox/deliveries/dlv_none/resend", json={}, timeout=5)

    assert answer.status_code == 404
