"""An order from its creation to its capture."""

import pytest

from tests.sandbox.paypal.merchant import Merchant, order


def test_a_new_order_waits_for_its_buyer(merchant: Merchant) -> None:
    created = merchant.create()

    assert created.status == 201
    assert created.body["status"] == "CREATED"
    assert set(created.body) == {"id", "status", "links"}
    links = {link["rel"]: link for link in created.body["links"]}
    window = f"{merchant.sandbox.paypal_origin}/checkoutnow?token={created.body['id']}"
    assert links["approve"]["href"] == window
    assert links["capture"]["method"] == "POST"


def test_an_order_with_a_payment_source_asks_for_the_payers_action(merchant: Merchant) -> None:
    body = order() | {"payment_source": {"paypal": {"experience_context": {"return_url": "https://shop.example/r"}}}}

    created = merchant.create(body, key="create-1", full=True)

    assert created.body["status"] == "PAYER_ACTION_REQUIRED"
    assert "payer-action" in [link["rel"] for link in created.body["links"]]
    assert merchant.approve(created.body["id"]).address.startswith("https://shop.example/r?token=")


def test_an_approved_order_can_be_captured(merchant: Merchant) -> None:
    order_id = merchant.create(order("24.00", custom_id="ord_1", invoice_id="T-1")).body["id"]
    merchant.approve(order_id)

    captured = merchant.capture(order_id)

    assert captured.status == 201
    assert captured.body["status"] == "COMPLETED"
    [taken] = captured.body["purchase_units"][0]["payments"]["captures"]
    assert taken["status"] == "COMPLETED"
    assert taken["custom_id"] == "ord_1"
    assert taken["seller_receivable_breakdown"] == {
        "gross_amount": {"currency_code": "USD", "value": "24.00"},
        "paypal_fee": {"currency_code": "USD", "value": "1.33"},
        "net_amount": {"currency_code": "USD", "value": "22.67"},
    }
    assert [event["event_type"] for event in merchant.events()] == [
        "CHECKOUT.ORDER.APPROVED",
        "PAYMENT.CAPTURE.COMPLETED",
        "CHECKOUT.ORDER.COMPLETED",
    ]


def test_an_order_nobody_approved_cannot_be_captured(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]

    refused = merchant.capture(order_id)

    assert (refused.status, refused.issues) == (422, ["ORDER_NOT_APPROVED"])
    assert refused.body["debug_id"] == refused.headers["PayPal-Debug-Id"]


@pytest.mark.parametrize("source", ["declined", "action"])
def test_a_refused_source_can_be_changed_for_another(merchant: Merchant, source: str) -> None:
    order_id = merchant.create().body["id"]
    merchant.approve(order_id, source)

    refused = merchant.capture(order_id)
    merchant.approve(order_id, "card")
    captured = merchant.capture(order_id)

    assert refused.status == 422
    assert refused.issues == [{"declined": "INSTRUMENT_DECLINED", "action": "PAYER_ACTION_REQUIRED"}[source]]
    assert refused.body["links"][1]["href"].endswith(f"/checkoutnow?token={order_id}")
    assert captured.body["status"] == "COMPLETED"
