"""What outlives a restart, and what a reset forgets."""

import threading
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.running import Sandbox
from sandbox.world import Settings
from tests.sandbox.receiver import Receiver
from tests.sandbox.stripe import clients
from tests.sandbox.stripe.conftest import RETURN_URL
from tests.sandbox.waiting import eventually

PAID = {
    "amount": 2000,
    "currency": "eur",
    "payment_method": "pm_card_visa",
    "confirm": True,
    "return_url": RETURN_URL,
}


def settings(folder: Path, *urls: str) -> Settings:
    """Return settings for free ports and a state file."""
    return Settings(
        stripe_port=0,
        paypal_port=0,
        console_port=0,
        smtp_port=0,
        stripe_webhook_urls=urls,
        state_file=folder / "state.json",
        retry_seconds=(0.05, 0.1, 0.2),
    )


def test_a_restarted_sandbox_knows_its_objects_keys_and_plans(tmp_path: Path) -> None:
    # given a payment whose fee is still to come
    with Sandbox(settings(tmp_path)) as before:
        client, http = clients.make(before.stripe_api)
        intent = client.v1.payment_intents.create(PAID, {"idempotency_key": "order-1"})  # type: ignore[arg-type]
        http.close()

    # when the sandbox is started again
    with Sandbox(settings(tmp_path)) as after:
        client, http = clients.make(after.stripe_api)

        # then it knows the intent, replays the key, and settles the charge
        assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
        again = client.v1.payment_intents.create(PAID, {"idempotency_key": "order-1"})  # type: ignore[arg-type]
        assert again.id == intent.id
        charge = str(intent.latest_charge)
        eventually(lambda: client.v1.charges.retrieve(charge).balance_transaction, seconds=8)
        http.close()


def test_a_webhook_that_failed_before_a_restart_is_delivered_after_it(tmp_path: Path, receiver: Receiver) -> None:
    receiver.statuses = [500]
    slow = Settings(**{**vars(settings(tmp_path, receiver.url)), "retry_seconds": (60.0,)})
    with Sandbox(slow) as before:
        client, http = clients.make(before.stripe_api)
        client.v1.customers.create({})
        eventually(lambda: before.world.dispatcher.deliveries()[0]["attempts"])
        http.close()

    with Sandbox(slow) as after:
        eventually(lambda: after.world.dispatcher.deliveries()[0]["state"] == "delivered")

    assert len(receiver.received) == 2


def test_the_named_webhooks_are_registered_once(tmp_path: Path, receiver: Receiver) -> None:
    for _ in range(2):
        with Sandbox(settings(tmp_path, receiver.url)) as sandbox:
            client, http = clients.make(sandbox.stripe_api)
            assert [each.url for each in client.v1.webhook_endpoints.list().data] == [receiver.url]
            sandbox.reset()
            assert [each.url for each in client.v1.webhook_endpoints.list().data] == [receiver.url]
            http.close()


def test_a_webhook_named_at_an_earlier_start_gives_way_to_the_one_named_now(tmp_path: Path) -> None:
    # given a shop that was on one port, and an endpoint that it registered through the API
    with Sandbox(settings(tmp_path, "http://127.0.0.1:9/webhooks/stripe")) as before:
        client, http = clients.make(before.stripe_api)
        own = {"url": "http://127.0.0.1:9/own", "enabled_events": ["*"]}
        client.v1.webhook_endpoints.create(own)  # type: ignore[arg-type]
        http.close()

    # when it comes back on another
    with Sandbox(settings(tmp_path, "http://127.0.0.1:10/webhooks/stripe")) as after:
        client, http = clients.make(after.stripe_api)
        urls = {each.url for each in client.v1.webhook_endpoints.list().data}
        http.close()

    assert urls == {"http://127.0.0.1:9/own", "http://127.0.0.1:10/webhooks/stripe"}


def test_a_key_is_in_the_state_file_as_soon_as_what_it_made(tmp_path: Path) -> None:
    """A sandbox that is killed between the two would let a retry pay twice."""
    with Sandbox(settings(tmp_path)) as sandbox:
        seen: list[bool] = []
        table = sandbox.world.store.table

        def spy() -> None:
            while not seen or not seen[-1]:
                with sandbox.world.store.lock:
                    if table("stripe.charge"):
                        seen.append("order-1" in table("stripe.idempotency"))
                        return

        watching = threading.Thread(target=spy)
        client, http = clients.make(sandbox.stripe_api)
        watching.start()
        client.v1.payment_intents.create(PAID, {"idempotency_key": "order-1"})  # type: ignore[arg-type]
        watching.join()
        http.close()

    assert seen == [True]


def test_a_reset_forgets_everything(server: Any, sandbox: Sandbox, pay: Any, later: Any) -> None:
    intent = pay()
    later(86_400)
    sandbox.world.faults.set("stripe", "down")
    sandbox.world.dispatcher.turn("stripe", drop=True)

    sandbox.reset()

    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent"):
        server.payment_intents.retrieve(intent.id)
    assert server.events.list().data == []
    assert sandbox.world.clock.offset == 0
    assert sandbox.world.dispatcher.knobs("stripe").drop is False
