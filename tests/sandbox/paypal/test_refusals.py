"""What the API refuses, and in which words."""

from typing import Any

import pytest
import requests
from paypalcheckoutsdk.orders import OrdersAuthorizeRequest, OrdersCaptureRequest, OrdersGetRequest

from sandbox.paypal import tokens
from tests.sandbox.paypal.merchant import Json, Merchant, Request, order

USD = "USD"


def usd(value: str) -> Json:
    return {"currency_code": USD, "value": value}


def item(price: str, quantity: str = "1", **more: Any) -> Json:
    return {"name": "Tea", "unit_amount": usd(price), "quantity": quantity, **more}


def with_breakdown(value: str, items: list[Json] | None = None, **breakdown: str) -> Json:
    body = order(value)
    parts = {name: usd(part) for name, part in breakdown.items()}
    body["purchase_units"][0]["amount"]["breakdown"] = parts
    if items is not None:
        body["purchase_units"][0]["items"] = items
    return body


def two(first: Json, second: Json, intent: str = "CAPTURE") -> Json:
    units = [order("10.00")["purchase_units"][0] | first, order("10.00")["purchase_units"][0] | second]
    return {"intent": intent, "purchase_units": units}


MALFORMED: list[tuple[Json, str, str]] = [
    ({"purchase_units": order()["purchase_units"]}, "MISSING_REQUIRED_PARAMETER", "/intent"),
    ({"intent": "CAPTURE"}, "MISSING_REQUIRED_PARAMETER", "/purchase_units"),
    (order(intent="NOPE"), "INVALID_PARAMETER_VALUE", "/intent"),
    ({"intent": "CAPTURE", "purchase_units": []}, "INVALID_ARRAY_MIN_ITEMS", "/purchase_units"),
    ({"intent": "CAPTURE", "purchase_units": "x"}, "INVALID_PARAMETER_SYNTAX", "/purchase_units"),
    (order("ten"), "INVALID_PARAMETER_SYNTAX", "/purchase_units/0/amount/value"),
    (order("1.00", "DOLLARS"), "INVALID_STRING_LENGTH", "/purchase_units/0/amount/currency_code"),
    (order(custom_id="x" * 128), "INVALID_STRING_LENGTH", "/purchase_units/0/custom_id"),
    (
        order(shipping={"address": {"country_code": "usa"}}),
        "INVALID_STRING_LENGTH",
        "/purchase_units/0/shipping/address/country_code",
    ),
    (
        order(shipping={"address": {"country_code": "us"}}),
        "INVALID_COUNTRY_CODE",
        "/purchase_units/0/shipping/address/country_code",
    ),
]


@pytest.mark.parametrize(("body", "issue", "field"), MALFORMED)
def test_a_malformed_order_is_an_invalid_request_that_names_the_field(
    merchant: Merchant, body: Json, issue: str, field: str
) -> None:
    refused = merchant.create(body)

    assert (refused.status, refused.body["name"]) == (400, "INVALID_REQUEST")
    assert [(detail["issue"], detail["field"]) for detail in refused.body["details"]] == [(issue, field)]


UNACCEPTABLE: list[tuple[Json, str]] = [
    (order("0.00"), "CANNOT_BE_ZERO_OR_NEGATIVE"),
    (order("-1.00"), "CANNOT_BE_ZERO_OR_NEGATIVE"),
    (order("1.005"), "DECIMAL_PRECISION"),
    (order("1000.50", "JPY"), "DECIMALS_NOT_SUPPORTED"),
    (order("1.00", "XXX"), "INVALID_CURRENCY_CODE"),
    (order("9999999999999999.00"), "MAX_VALUE_EXCEEDED"),
    (with_breakdown("24.00", item_total="20.00", shipping="5.00"), "AMOUNT_MISMATCH"),
    (with_breakdown("24.00", item_total="24.00", shipping="-1.00"), "CANNOT_BE_NEGATIVE"),
    (with_breakdown("24.00", [item("10.00", "2")], item_total="24.00"), "ITEM_TOTAL_MISMATCH"),
    (with_breakdown("24.00", [item("12.00", "2")], shipping="24.00"), "ITEM_TOTAL_REQUIRED"),
    (with_breakdown("24.00", [item("12.00", "2", tax=usd("1.00"))], item_total="24.00"), "TAX_TOTAL_REQUIRED"),
    (
        with_breakdown("25.00", [item("12.00", "2", tax=usd("1.00"))], item_total="24.00", tax_total="1.00"),
        "TAX_TOTAL_MISMATCH",
    ),
    (two({"reference_id": "a"}, {}), "REFERENCE_ID_REQUIRED"),
    (two({"reference_id": "a"}, {"reference_id": "a"}), "DUPLICATE_REFERENCE_ID"),
    (two({"reference_id": "a"}, {"reference_id": "b"}, "AUTHORIZE"), "UNSUPPORTED_INTENT"),
    (
        two({"reference_id": "a"}, {"reference_id": "b", "amount": {"currency_code": "EUR", "value": "1.00"}}),
        "MULTI_CURRENCY_ORDER",
    ),
    (order(shipping={"address": {"country_code": "US", "postal_code": "04101"}}), "CITY_REQUIRED"),
    (order(shipping={"address": {"country_code": "US", "admin_area_2": "Portland"}}), "POSTAL_CODE_REQUIRED"),
    (order() | {"payment_source": {"card": {"number": "4111111111111111"}}}, "NOT_ENABLED_FOR_CARD_PROCESSING"),
]


@pytest.mark.parametrize(("body", "issue"), UNACCEPTABLE)
def test_an_order_that_breaks_a_rule_is_unprocessable(merchant: Merchant, body: Json, issue: str) -> None:
    refused = merchant.create(body, key="any")

    assert (refused.status, refused.issues) == (422, [issue])


def test_yen_have_no_decimals_and_are_fine_so(merchant: Merchant) -> None:
    created = merchant.create(order("1500", "JPY"))
    merchant.approve(created.body["id"])

    [taken] = merchant.capture(created.body["id"]).body["purchase_units"][0]["payments"]["captures"]

    assert taken["seller_receivable_breakdown"]["paypal_fee"] == {"currency_code": "JPY", "value": "92"}


def test_a_payment_source_needs_a_request_id(merchant: Merchant) -> None:
    refused = merchant.create(order() | {"payment_source": {"paypal": {}}})

    assert (refused.status, refused.issues) == (400, ["PAYPAL_REQUEST_ID_REQUIRED"])


def test_an_invoice_id_can_be_paid_only_once(merchant: Merchant) -> None:
    merchant.paid(order(invoice_id="T-1"))
    second = merchant.create(order(invoice_id="T-1")).body["id"]
    merchant.approve(second)

    refused = merchant.capture(second)

    assert (refused.status, refused.issues) == (422, ["DUPLICATE_INVOICE_ID"])


def test_a_call_must_match_the_orders_intent(merchant: Merchant) -> None:
    to_capture = merchant.create().body["id"]
    to_hold = merchant.create(order(intent="AUTHORIZE")).body["id"]

    assert merchant.call(OrdersAuthorizeRequest(to_capture)).issues == ["ACTION_DOES_NOT_MATCH_INTENT"]
    assert merchant.capture(to_hold).issues == ["ACTION_DOES_NOT_MATCH_INTENT"]


def test_an_unknown_id_is_a_404_that_says_so(merchant: Merchant) -> None:
    refused = merchant.call(OrdersGetRequest("NOSUCHORDER123456"))

    assert (refused.status, refused.body["name"]) == (404, "RESOURCE_NOT_FOUND")
    assert refused.issues == ["INVALID_RESOURCE_ID"]


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/v2/checkout/nowhere", 404, "RESOURCE_NOT_FOUND"),
        ("GET", "/v1/billing/plans", 404, "RESOURCE_NOT_FOUND"),
        ("DELETE", "/v2/checkout/orders/X", 405, "METHOD_NOT_SUPPORTED"),
    ],
)
def test_an_unknown_route_answers_in_paypals_words(
    merchant: Merchant, method: str, path: str, status: int, name: str
) -> None:
    refused = merchant.call(Request(method, path))

    assert (refused.status, refused.body["name"]) == (status, name)


def test_json_and_nothing_else_is_read(merchant: Merchant) -> None:
    url = f"{merchant.sandbox.paypal_api}/v2/checkout/orders"
    bearer = {"Authorization": f"Bearer {tokens.issue('sandbox-client', 9_999_999_999)}"}

    form = requests.post(url, data={"intent": "CAPTURE"}, headers=bearer, timeout=5)
    broken = requests.post(url, data="{", headers=bearer | {"Content-Type": "application/json"}, timeout=5)

    assert (form.status_code, form.json()["name"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert broken.json()["details"][0]["issue"] == "MALFORMED_REQUEST_JSON"


@pytest.mark.parametrize("mock", ["INSTRUMENT_DECLINED", "TRANSACTION_REFUSED", "INTERNAL_SERVER_ERROR"])
def test_the_mock_header_brings_about_an_error_and_nothing_else(merchant: Merchant, mock: str) -> None:
    order_id = merchant.create().body["id"]
    merchant.approve(order_id)

    refused = merchant.capture(order_id, mock=mock)

    assert mock in (refused.body["name"], *refused.issues)
    assert merchant.capture(order_id).body["status"] == "COMPLETED"


def test_a_mock_code_that_the_call_cannot_answer_is_refused(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]

    refused = merchant.call(OrdersCaptureRequest(order_id), mock="INSTRUMENT_DECLINDE")

    assert (refused.status, refused.issues) == (400, ["INVALID_PARAMETER_VALUE"])
