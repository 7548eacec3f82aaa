"""PayPal-Request-Id: a repeat does nothing again and tells how things stand by then."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from paypalcheckoutsdk.orders import OrdersAuthorizeRequest, OrdersGetRequest
from paypalcheckoutsdk.payments import AuthorizationsCaptureRequest, CapturesRefundRequest

from sandbox.paypal.responses import approvals
from sandbox.running import Sandbox
from tests.sandbox.paypal.merchant import Merchant, order


def test_a_repeated_create_answers_200_with_the_first_order(merchant: Merchant) -> None:
    first = merchant.create(key="create-1")
    again = merchant.create(key="create-1")

    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert len(merchant.sandbox.world.store.table("paypal.order")) == 1


def test_a_repeated_capture_answers_200_and_takes_no_more_money(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]
    merchant.approve(order_id)

    first = merchant.capture(order_id, key="capture-1")
    again = merchant.capture(order_id, key="capture-1")

    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert len(merchant.sandbox.world.store.table("paypal.capture")) == 1
    assert len(merchant.events("PAYMENT.CAPTURE.COMPLETED")) == 1


def test_a_replay_of_an_order_that_is_gone_is_a_404(merchant: Merchant) -> None:
    merchant.create(key="create-1")
    merchant.sandbox.world.clock.advance(timedelta(hours=3, seconds=1))
    merchant.sandbox.world.agenda.run_due()

    again = merchant.create(key="create-1")

    assert (again.status, again.body["name"], again.issues) == (404, "RESOURCE_NOT_FOUND", ["INVALID_RESOURCE_ID"])


def test_a_replay_tells_the_latest_status_not_the_first(merchant: Merchant) -> None:
    created = merchant.create(key="create-1")
    merchant.approve(created.body["id"])

    approved = merchant.create(key="create-1")
    merchant.capture(created.body["id"])
    completed = merchant.create(key="create-1")

    assert [reply.body["status"] for reply in (created, approved, completed)] == ["CREATED", "APPROVED", "COMPLETED"]


def test_a_replay_follows_the_preference_of_the_repeat(merchant: Merchant) -> None:
    merchant.create(key="create-1")

    assert "purchase_units" in merchant.create(key="create-1", full=True).body


def test_a_request_id_cannot_be_used_for_another_body(merchant: Merchant) -> None:
    merchant.create(order("24.00"), key="create-1")

    refused = merchant.create(order("25.00"), key="create-1")

    assert (refused.status, refused.issues) == (422, ["PAYPAL_REQUEST_ID_PREVIOUSLY_USED"])


def test_a_request_id_cannot_be_used_for_another_order(merchant: Merchant) -> None:
    one, other = (merchant.create().body["id"] for _ in range(2))
    merchant.approve(one)
    merchant.approve(other)
    merchant.capture(one, key="capture-1")

    refused = merchant.capture(other, key="capture-1")

    assert refused.issues == ["PAYPAL_REQUEST_ID_PREVIOUSLY_USED"]
    assert merchant.show(other)["status"] == "APPROVED"


def test_an_id_serves_one_call_each(merchant: Merchant) -> None:
    order_id = merchant.create(key="same").body["id"]
    merchant.approve(order_id)

    assert merchant.capture(order_id, key="same").status == 201


def test_orders_forget_an_id_after_six_hours(merchant: Merchant) -> None:
    first = merchant.create(key="create-1")

    merchant.sandbox.world.clock.advance(timedelta(hours=6, seconds=1))
    later = merchant.create(key="create-1")

    assert later.status == 201
    assert later.body["id"] != first.body["id"]


def test_a_refusal_is_not_kept(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]
    refused = merchant.capture(order_id, key="capture-1")
    merchant.approve(order_id)

    assert refused.issues == ["ORDER_NOT_APPROVED"]
    assert merchant.capture(order_id, key="capture-1").status == 201


def test_without_an_id_a_repeat_is_a_new_call(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]
    merchant.approve(order_id)
    merchant.capture(order_id)

    assert merchant.capture(order_id).issues == ["ORDER_ALREADY_CAPTURED"]


def test_payments_replay_with_the_status_of_the_first_time(merchant: Merchant) -> None:
    capture = merchant.paid()
    body = {"amount": {"currency_code": "USD", "value": "4.00"}}

    first = merchant.call(CapturesRefundRequest(capture["id"]).request_body(body), key="refund-1")
    again = merchant.call(CapturesRefundRequest(capture["id"]).request_body(body), key="refund-1")

    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert len(merchant.sandbox.world.store.table("paypal.refund")) == 1


def test_authorize_and_its_capture_replay_too(merchant: Merchant) -> None:
    order_id = merchant.create(order(intent="AUTHORIZE")).body["id"]
    merchant.approve(order_id)

    first, again = (merchant.call(OrdersAuthorizeRequest(order_id), key="auth-1") for _ in range(2))
    held = first.body["purchase_units"][0]["payments"]["authorizations"][0]["id"]
    taken, once_more = (merchant.call(AuthorizationsCaptureRequest(held), key="cap-1") for _ in range(2))

    assert (first.status, again.status) == (201, 200)
    assert taken.body["id"] == once_more.body["id"]


def test_the_request_log_tells_executed_from_replayed_and_refused(merchant: Merchant) -> None:
    order_id = merchant.create(key="create-1").body["id"]
    merchant.create(key="create-1")
    merchant.capture(order_id, key="capture-1")
    merchant.call(OrdersGetRequest(order_id))

    log = list(merchant.sandbox.world.store.table("paypal.request_log").values())

    assert [(row["call"], row["outcome"], row["idempotency_key"]) for row in log] == [
        ("orders.create", "executed", "create-1"),
        ("orders.create", "replayed", "create-1"),
        ("orders.capture", "refused", "capture-1"),
        ("orders.get", "executed", None),
    ]


def test_of_many_captures_at_once_one_takes_the_money(sandbox: Sandbox) -> None:
    order_id = Merchant(sandbox).create().body["id"]
    approvals.approve(sandbox.world, order_id, "balance")

    with ThreadPoolExecutor(8) as pool:
        same = list(pool.map(lambda _: Merchant(sandbox).capture(order_id, key="capture-1").status, range(8)))
        other = list(pool.map(lambda n: Merchant(sandbox).capture(order_id, key=f"other-{n}").issues, range(8)))

    assert sorted(same) == [200] * 7 + [201]
    assert other == [["ORDER_ALREADY_CAPTURED"]] * 8
    assert len(sandbox.world.store.table("paypal.capture")) == 1


def test_an_answer_that_was_lost_is_found_again_by_its_id(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]
    merchant.approve(order_id)
    merchant.sandbox.world.faults.set("paypal", "answer_lost", times=1, path_prefix="/v2/checkout", method="POST")

    with pytest.raises(requests.ConnectionError):
        merchant.capture(order_id, key="capture-1")
    again = merchant.capture(order_id, key="capture-1")

    assert (again.status, again.body["status"]) == (200, "COMPLETED")
    assert len(merchant.sandbox.world.store.table("paypal.capture")) == 1


def test_a_request_id_has_at_most_108_characters(merchant: Merchant) -> None:
    assert merchant.create(key="x" * 108).status == 201
    assert merchant.create(key="x" * 109).issues == ["INVALID_STRING_LENGTH"]
