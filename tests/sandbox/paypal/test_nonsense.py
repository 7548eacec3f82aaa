"""No request, however broken, may break the sandbox or slip through.

Every part of a rich order is replaced by junk, one at a time. The client judges each exchange, so an order that was
accepted although PayPal's schema refuses it fails here too.
"""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from paypalcheckoutsdk.orders import OrdersPatchRequest
from paypalcheckoutsdk.payments import AuthorizationsCaptureRequest, CapturesRefundRequest

from tests.sandbox.paypal.merchant import Json, Merchant, Request

JUNK: tuple[Any, ...] = (None, 7, True, "", "ß" * 400, [], [None], {}, {"x": 1})
USD = {"currency_code": "USD", "value": "10.00"}
RICH: Json = {
    "intent": "CAPTURE",
    "purchase_units": [
        {
            "reference_id": "one",
            "custom_id": "ord_1",
            "invoice_id": "T-1",
            "description": "Tea",
            "soft_descriptor": "TIDEWATER",
            "amount": {**USD, "breakdown": {"item_total": USD}},
            "items": [{"name": "Tea", "quantity": "1", "unit_amount": USD, "sku": "t", "category": "PHYSICAL_GOODS"}],
            "shipping": {
                "name": {"full_name": "Alice Archer"},
                "address": {
                    "address_line_1": "1 Quay",
                    "admin_area_2": "Lyon",
                    "postal_code": "69001",
                    "country_code": "FR",
                },
            },
        }
    ],
    "payment_source": {
        "paypal": {
            "email_address": "alice@buyer.example",
            "experience_context": {
                "brand_name": "Tidewater Tea",
                "locale": "en-GB",
                "shipping_preference": "SET_PROVIDED_ADDRESS",
                "user_action": "PAY_NOW",
                "return_url": "https://shop.example/return",
                "cancel_url": "https://shop.example/cancel",
            },
        }
    },
}


def spoilt(body: Any) -> Iterator[Any]:
    """Yield a body once for each of its parts and each kind of junk in its place."""
    for path in paths(body):
        for junk in JUNK:
            changed = copy.deepcopy({"root": body})
            target: Any = changed
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = junk
            yield changed["root"]


def paths(body: Any, at: tuple[Any, ...] = ("root",)) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every part of a body, the whole included."""
    yield at
    parts = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, inner in parts:
        yield from paths(inner, (*at, name))


def test_the_rich_order_is_fine_as_it_is(merchant: Merchant) -> None:
    assert merchant.create(RICH, key="rich").status == 201


def test_an_order_with_junk_in_it_is_refused_or_harmless(merchant: Merchant) -> None:
    for number, body in enumerate(spoilt(RICH)):
        request = Request("POST", "/v2/checkout/orders", body)

        status = merchant.call(request, key=f"junk-{number}").status

        assert status in (201, 400, 422), body


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (CapturesRefundRequest("{capture}"), {"amount": USD, "invoice_id": "R-1", "note_to_payer": "Sorry"}),
        (AuthorizationsCaptureRequest("X"), {"amount": USD, "final_capture": True, "invoice_id": "C-1"}),
        (OrdersPatchRequest("{order}"), [{"op": "replace", "path": "/intent", "value": "CAPTURE"}]),
        (Request("POST", "/v1/notifications/webhooks"), {"url": "https://a.example", "event_types": [{"name": "*"}]}),
        (Request("POST", "/v1/notifications/simulate-event"), {"event_type": "X", "webhook_id": "Y"}),
    ],
    ids=["refund", "capture", "patch", "webhook", "simulation"],
)
def test_other_calls_bear_junk_as_well(merchant: Merchant, request_: Any, body: Any) -> None:
    order_id = merchant.create().body["id"]
    capture_id = merchant.paid()["id"]

    for changed in spoilt(body):
        request = copy.deepcopy(request_)
        request.path = request.path.replace("%7Bcapture%7D", capture_id).replace("%7Border%7D", order_id)
        request.body = changed

        assert merchant.call(request).status < 500, changed
