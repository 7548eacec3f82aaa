"""A sandbox that is stopped and started again knows what it knew."""

from datetime import timedelta
from pathlib import Path

from paypalcheckoutsdk.payments import CapturesGetRequest

from sandbox.paypal import certificates
from sandbox.running import Sandbox
from sandbox.world import Settings
from tests.sandbox.paypal.merchant import Merchant, Request, Until

URL = "http://127.0.0.1:1/webhooks/paypal"


def started(state: Path, url: str = URL) -> Sandbox:
    return Sandbox(
        Settings(
            stripe_port=0, paypal_port=0, console_port=0, smtp_port=0, paypal_webhook_urls=(url,), state_file=state
        )
    )


def test_orders_request_ids_and_the_signing_key_outlive_a_restart(tmp_path: Path) -> None:
    with started(tmp_path / "state.json") as sandbox:
        merchant = Merchant(sandbox)
        order_id = merchant.create(key="create-1").body["id"]
        merchant.approve(order_id)
        key = certificates.current(sandbox.world)

    with started(tmp_path / "state.json") as sandbox:
        merchant = Merchant(sandbox)
        again = merchant.create(key="create-1")

        assert (again.status, again.body["id"], again.body["status"]) == (200, order_id, "APPROVED")
        assert certificates.current(sandbox.world) == key
        assert merchant.capture(order_id).body["status"] == "COMPLETED"


def test_a_pending_capture_settles_after_a_restart(tmp_path: Path, until: Until) -> None:
    with started(tmp_path / "state.json") as sandbox:
        capture_id = Merchant(sandbox).paid(source="bank")["id"]

    with started(tmp_path / "state.json") as sandbox:
        merchant = Merchant(sandbox)
        sandbox.world.clock.advance(timedelta(days=1))

        until(lambda: merchant.call(CapturesGetRequest(capture_id)).body["status"] == "COMPLETED")


def test_the_webhook_of_the_start_keeps_its_id_and_takes_a_new_address(tmp_path: Path) -> None:
    with started(tmp_path / "state.json") as sandbox:
        wanted = sandbox.settings.paypal_webhook_id

    with started(tmp_path / "state.json", URL.replace(":1/", ":2/")) as sandbox:
        [webhook] = Merchant(sandbox).call(Request("GET", "/v1/notifications/webhooks")).body["webhooks"]

        assert (webhook["id"], webhook["url"]) == (wanted, "http://127.0.0.1:2/webhooks/paypal")


def test_a_reset_forgets_the_orders_and_keeps_the_key(tmp_path: Path) -> None:
    with started(tmp_path / "state.json") as sandbox:
        merchant = Merchant(sandbox)
        order_id = merchant.create().body["id"]
        address = certificates.url(sandbox.world)

        sandbox.reset()

        assert merchant.capture(order_id).status == 404
        assert certificates.url(sandbox.world) == address
        assert len(merchant.call(Request("GET", "/v1/notifications/webhooks")).body["webhooks"]) == 1
