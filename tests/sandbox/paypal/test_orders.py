"""An order from its creation to its capture."""

from datetime import timedelta

import pytest
from paypalcheckoutsdk.orders import OrdersGetRequest, OrdersPatchRequest

from sandbox.paypal.responses import approvals
from tests.sandbox.paypal.merchant import Json, Merchant, Reply, Until, order


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


def test_the_order_tells_who_paid_and_where_it_goes(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]

    outcome = merchant.approve(order_id)

    shown = merchant.show(order_id)
    assert shown["payer"]["payer_id"] == outcome.payer_id
    assert shown["payment_source"]["paypal"]["account_status"] == "VERIFIED"
    assert shown["purchase_units"][0]["shipping"]["address"]["country_code"] == "US"
    assert shown["purchase_units"][0]["payee"]["merchant_id"]


def test_the_shops_own_address_is_kept(merchant: Merchant) -> None:
    address = {"admin_area_2": "Lyon", "postal_code": "69001", "country_code": "FR"}
    context = {"application_context": {"shipping_preference": "SET_PROVIDED_ADDRESS"}}
    order_id = merchant.create(order(shipping={"address": address}) | context).body["id"]

    merchant.approve(order_id)

    assert merchant.show(order_id)["purchase_units"][0]["shipping"]["address"] == address


def test_a_cancelled_window_leaves_the_order_as_it_was(merchant: Merchant) -> None:
    context = {"application_context": {"cancel_url": "https://shop.example/back?a=1"}}
    order_id = merchant.create(order() | context).body["id"]

    outcome = approvals.cancel(merchant.sandbox.world, order_id)

    assert outcome.address == f"https://shop.example/back?a=1&token={order_id}"
    assert merchant.show(order_id)["status"] == "CREATED"


def test_a_completed_order_cannot_be_approved_again(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]
    merchant.approve(order_id)
    merchant.capture(order_id)

    with pytest.raises(ValueError, match="completed"):
        merchant.approve(order_id)


@pytest.mark.parametrize("approved", [False, True])
def test_an_order_nobody_captures_is_gone_after_three_hours(merchant: Merchant, until: Until, approved: bool) -> None:
    order_id = merchant.create().body["id"]
    if approved:
        merchant.approve(order_id)

    merchant.sandbox.world.clock.advance(timedelta(hours=3, seconds=1))

    until(lambda: merchant.call(OrdersGetRequest(order_id)).status == 404)  # a capture might still be in time
    assert merchant.capture(order_id).status == 404


def test_a_captured_order_stays(merchant: Merchant, until: Until) -> None:
    order_id = merchant.create().body["id"]
    merchant.approve(order_id)
    merchant.capture(order_id)
    other = merchant.create().body["id"]

    merchant.sandbox.world.clock.advance(timedelta(days=2))
    until(lambda: merchant.capture(other).status == 404)

    assert merchant.show(order_id)["status"] == "COMPLETED"


def change(merchant: Merchant, order_id: str, *operations: Json) -> Reply:
    return merchant.call(OrdersPatchRequest(order_id).request_body(list(operations)))


UNIT = "/purchase_units/@reference_id=='default'"


def test_an_order_can_be_changed_until_it_is_approved(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]
    amount = {"currency_code": "USD", "value": "30.00"}

    changed = change(
        merchant,
        order_id,
        {"op": "replace", "path": f"{UNIT}/amount", "value": amount},
        {"op": "add", "path": f"{UNIT}/custom_id", "value": "ord_2"},
    )

    assert (changed.status, changed.body) == (204, {})
    [unit] = merchant.show(order_id)["purchase_units"]
    assert (unit["amount"], unit["custom_id"]) == (amount, "ord_2")


def test_an_approved_amount_stays_as_the_buyer_saw_it(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]
    merchant.approve(order_id)
    amount = {"currency_code": "USD", "value": "30.00"}

    refused = change(merchant, order_id, {"op": "replace", "path": f"{UNIT}/amount", "value": amount})

    assert (refused.status, refused.issues) == (422, ["AMOUNT_CHANGE_NOT_ALLOWED"])


@pytest.mark.parametrize(
    ("operation", "issue"),
    [
        ({"op": "replace", "path": "/status", "value": "COMPLETED"}, "NOT_PATCHABLE"),
        ({"op": "replace", "path": "purchase_units", "value": 1}, "INVALID_JSON_POINTER_FORMAT"),
        ({"op": "replace", "value": 1}, "PATCH_PATH_REQUIRED"),
        ({"op": "replace", "path": f"{UNIT}/description"}, "PATCH_VALUE_REQUIRED"),
        ({"op": "remove", "path": f"{UNIT}/custom_id"}, "INVALID_PATCH_OPERATION"),
        ({"op": "add", "path": "/intent", "value": "CAPTURE"}, "INVALID_PATCH_OPERATION"),
        ({"op": "add", "path": "/purchase_units/@reference_id=='x'/custom_id", "value": "a"}, "REFERENCE_ID_NOT_FOUND"),
        ({"op": "replace", "path": f"{UNIT}/description", "value": ""}, "INVALID_STRING_LENGTH"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(merchant: Merchant, operation: Json, issue: str) -> None:
    order_id = merchant.create().body["id"]

    assert change(merchant, order_id, operation).issues == [issue]


def test_a_completed_order_cannot_be_changed(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]
    merchant.approve(order_id)
    merchant.capture(order_id)

    refused = change(merchant, order_id, {"op": "add", "path": f"{UNIT}/custom_id", "value": "x"})

    assert refused.issues == ["ORDER_ALREADY_COMPLETED"]


def test_several_units_are_captured_one_by_one(merchant: Merchant) -> None:
    units = [order(value)["purchase_units"][0] | {"reference_id": value} for value in ("10.00", "14.00")]
    order_id = merchant.create({"intent": "CAPTURE", "purchase_units": units}).body["id"]
    merchant.approve(order_id)

    captured = merchant.capture(order_id, full=True)

    taken = [unit["payments"]["captures"][0]["amount"]["value"] for unit in captured.body["purchase_units"]]
    assert taken == ["10.00", "14.00"]
