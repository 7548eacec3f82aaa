"""The sandbox against PayPal's official schemas.

Every other test of this folder judges its exchanges too, through the client in `merchant.py`; what stands here walks
all routes once, compares the texts of all issues, and says what the sandbox leaves out.
"""

import csv
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from openapi_schema_validator import OAS30Validator
from paypalcheckoutsdk.orders import (
    OrdersAuthorizeRequest,
    OrdersCaptureRequest,
    OrdersCreateRequest,
    OrdersPatchRequest,
)
from paypalcheckoutsdk.payments import (
    AuthorizationsCaptureRequest,
    AuthorizationsGetRequest,
    AuthorizationsReauthorizeRequest,
    AuthorizationsVoidRequest,
    CapturesGetRequest,
    CapturesRefundRequest,
    RefundsGetRequest,
)

from sandbox.paypal import events, issues, payments, refunds, samples, tokens, urls
from sandbox.paypal.models import stamp
from tests.processes import lacking
from tests.sandbox.paypal import conformance
from tests.sandbox.paypal.merchant import Merchant, Request, order

HOOKS = "/v1/notifications/webhooks"
# Operations of the four schemas that the sandbox answers as an unknown route.
LEFT_OUT = {
    ("POST", "/v2/checkout/orders/{}/confirm-payment-source"),
    ("POST", "/v2/checkout/orders/{}/track"),
    ("PATCH", "/v2/checkout/orders/{}/trackers/{}"),
    ("POST", "/v1/notifications/webhooks-lookup"),
    ("GET", "/v1/notifications/webhooks-lookup"),
    ("GET", "/v1/notifications/webhooks-lookup/{}"),
    ("DELETE", "/v1/notifications/webhooks-lookup/{}"),
    ("GET", "/v1/reporting/balances"),
}
# The schema files' own names for where each call's issues stand.
ISSUE_LISTS = {
    "orders.create": ("checkout_orders_v2.json", ("400", "422")),
    **{
        f"orders.{verb}": ("checkout_orders_v2.json", (f"orders.{verb}-400", f"orders.{verb}-422"))
        for verb in ("patch", "confirm", "authorize", "capture")
    },
    "authorizations.capture": ("payments_payment_v2.json", ("400", "422")),
    "authorizations.reauthorize": (
        "payments_payment_v2.json",
        ("authorizations.reauthorize-400", "authorizations.reauthorize-422"),
    ),
    "authorizations.void": ("payments_payment_v2.json", ("authorizations.void-422", "409")),
    "captures.refund": ("payments_payment_v2.json", ("captures.refund-422", "409")),
}


@pytest.fixture(autouse=True)
def schemas() -> None:
    """Nothing here means anything without the schemas."""
    if conformance.folder() is None:
        lacking("REQUIRE_CONFORMANCE", "Set CONFORMANCE_SPECS to the folder that holds PayPal's schemas, paypal/*.json")


def document(file: str) -> dict[str, Any]:
    home = conformance.folder()
    assert home is not None
    loaded: dict[str, Any] = json.loads((home / file).read_text(encoding="utf-8"))
    return loaded


def operations() -> set[tuple[str, str]]:
    """Every operation of the four schemas, ids left blank."""
    return {
        (method.upper(), re.sub(r"\{[^}]+\}", "{}", path))
        for file in conformance.FILES.values()
        for path, methods in document(file)["paths"].items()
        for method in methods
        if method in ("get", "post", "patch", "put", "delete")
    }


def served() -> set[tuple[str, str]]:
    """Every route of the sandbox, ids left blank."""
    return {(route.method, re.sub(r"<[^>]+>", "{}", route.path)) for route in urls.ROUTES}


def test_the_sandbox_serves_what_the_schemas_name_except_what_it_says_it_leaves_out() -> None:
    assert served() == operations() - LEFT_OUT


def test_every_route_is_walked_and_judged(merchant: Merchant) -> None:
    capture_and_refund(merchant)
    authorize(merchant)
    listen(merchant)
    look_back(merchant)

    walked = {(method, re.sub(r"/[A-Z0-9-]{14,}", "/{}", path)) for method, path, _ in merchant.judged}
    assert walked == served()


def capture_and_refund(merchant: Merchant) -> None:
    order_id = merchant.create(order(invoice_id="T-1", custom_id="ord_1", description="Tea"), key="create-1").body["id"]
    merchant.create(order(invoice_id="T-1", custom_id="ord_1", description="Tea"), key="create-1", full=True)
    unit = "/purchase_units/@reference_id=='default'"
    patch = [{"op": "replace", "path": f"{unit}/description", "value": "Better tea"}]
    merchant.call(OrdersPatchRequest(order_id).request_body(patch))
    merchant.approve(order_id)
    merchant.show(order_id)
    taken = merchant.capture(order_id, key="capture-1", full=True).body["purchase_units"][0]["payments"]["captures"][0]
    merchant.capture(order_id, key="capture-1")
    merchant.call(CapturesGetRequest(taken["id"]))
    amount = {"currency_code": "USD", "value": "4.00"}
    body = {"amount": amount, "note_to_payer": "Sorry", "invoice_id": "R-1", "custom_id": "ref_1"}
    refund = merchant.call(CapturesRefundRequest(taken["id"]).request_body(body), full=True)
    merchant.call(RefundsGetRequest(refund.body["id"]))
    merchant.show(order_id)


def authorize(merchant: Merchant) -> None:
    order_id = merchant.create(order(intent="AUTHORIZE")).body["id"]
    merchant.approve(order_id)
    reply = merchant.call(OrdersAuthorizeRequest(order_id), full=True)
    authorization_id = reply.body["purchase_units"][0]["payments"]["authorizations"][0]["id"]
    merchant.call(AuthorizationsGetRequest(authorization_id))
    again = merchant.call(AuthorizationsReauthorizeRequest(authorization_id).request_body({}), full=True)
    merchant.call(AuthorizationsGetRequest(again.body["id"]))
    body = {"amount": {"currency_code": "USD", "value": "4.00"}, "note_to_payer": "Thanks"}
    merchant.call(AuthorizationsCaptureRequest(again.body["id"]).request_body(body), full=True)
    merchant.call(AuthorizationsVoidRequest(authorization_id), full=True)


def listen(merchant: Merchant) -> None:
    body = {"url": "https://shop.example/paypal", "event_types": [{"name": "CHECKOUT.ORDER.COMPLETED"}]}
    webhook_id = merchant.call(Request("POST", HOOKS, body)).body["id"]
    merchant.call(Request("GET", HOOKS))
    merchant.call(Request("GET", f"{HOOKS}/{webhook_id}"))
    merchant.call(Request("GET", f"{HOOKS}/{webhook_id}/event-types"))
    merchant.call(Request("GET", f"{HOOKS}-event-types"))
    patch = [{"op": "replace", "path": "/url", "value": "https://shop.example/webhooks/paypal"}]
    merchant.call(Request("PATCH", f"{HOOKS}/{webhook_id}", patch))
    merchant.sandbox.world.dispatcher.turn("paypal", drop=True)
    event = merchant.call(Request("GET", f"{HOOKS}-events?page_size=1")).body["events"][0]
    merchant.call(Request("GET", f"{HOOKS}-events/{event['id']}"))
    merchant.call(Request("POST", f"{HOOKS}-events/{event['id']}/resend", {}))
    simulation = {"event_type": "PAYMENT.CAPTURE.COMPLETED", "webhook_id": webhook_id}
    merchant.call(Request("POST", "/v1/notifications/simulate-event", simulation))
    verification = {
        "auth_algo": "SHA256withRSA",
        "cert_url": "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
        "transmission_id": "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
        "transmission_sig": "bm90IGEgc2lnbmF0dXJl",
        "transmission_time": "2026-02-18T20:01:35Z",
        "webhook_id": webhook_id,
        "webhook_event": event,
    }
    merchant.call(Request("POST", "/v1/notifications/verify-webhook-signature", verification))
    merchant.call(Request("DELETE", f"{HOOKS}/{webhook_id}"))


def look_back(merchant: Merchant) -> None:
    clock = merchant.sandbox.world.clock
    clock.advance(timedelta(hours=4))
    dates = {"start_date": stamp(clock.now() - timedelta(days=1)), "end_date": stamp(clock.now())}
    merchant.call(Request("GET", f"/v1/reporting/transactions?{urlencode({**dates, 'page_size': 1})}"))


@pytest.mark.parametrize("source", ["bank", "bank_fails"])
def test_pending_captures_conform_too(merchant: Merchant, source: str) -> None:
    taken = merchant.paid(source=source)

    merchant.call(CapturesGetRequest(taken["id"]))

    assert ("GET", f"/v2/payments/captures/{taken['id']}", 200) in merchant.judged


@pytest.mark.parametrize("call", sorted(ISSUE_LISTS))
def test_every_issue_of_a_call_has_the_official_text(call: str) -> None:
    file, names = ISSUE_LISTS[call]
    schemas = document(file)["components"]["schemas"]

    official: dict[str, list[str]] = {}
    for name in names:
        for entry in schemas[name]["properties"]["details"]["items"]["anyOf"]:
            texts = entry["properties"].get("description", {}).get("enum", [])
            official.setdefault(entry["properties"]["issue"]["enum"][0], []).extend(texts)

    for code, texts in official.items():
        issue = issues.find(call, code)
        assert issue is not None, code
        assert not texts or issue.description in texts
    beyond = {code for code in conformance.BEYOND_THE_SCHEMAS if issues.find(call, code)}
    listed = {row["issue"] for row in rows() if call in row["calls"].split()}
    assert listed - beyond <= official.keys() | extra(call)


def extra(call: str) -> set[str]:
    """Issues of 403 and of Payments' 400, which stand in lists of their own."""
    return {row["issue"] for row in rows() if row["status"] in ("400", "403") and call in row["calls"].split()}


def rows() -> list[dict[str, str]]:
    with issues.FACTS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


RESOURCES = {
    "checkout-order": ("checkout_orders_v2.json", "order"),
    "capture": ("payments_payment_v2.json", "capture-2"),
    "refund": ("payments_payment_v2.json", "refund"),
    "authorization": ("payments_payment_v2.json", "authorization-2"),
}


def test_what_events_are_about_has_the_form_of_the_api(merchant: Merchant) -> None:
    capture_and_refund(merchant)
    authorize(merchant)
    merchant.call(AuthorizationsVoidRequest(held(merchant)))
    refunds.reverse(merchant.sandbox.world, merchant.paid(source="card")["id"])
    payments.settle(merchant.sandbox.world, merchant.paid(source="bank_fails")["id"], "DECLINED")
    happened = merchant.events()
    simulated = [
        events.make(merchant.sandbox.world, name, kind, samples.resource(merchant.sandbox.world, kind))
        for name in events.TYPES
        for kind in [samples.kind_of(name)]
    ]

    for event in happened + simulated:
        file, schema = RESOURCES[event["resource_type"]]
        root = document(file)
        validator = OAS30Validator({**root, "$ref": f"#/components/schemas/{schema}"})
        validator.validate(event["resource"])

    assert {event["event_type"] for event in happened} == set(events.TYPES)


def held(merchant: Merchant) -> str:
    order_id = merchant.create(order(intent="AUTHORIZE")).body["id"]
    merchant.approve(order_id)
    unit = merchant.call(OrdersAuthorizeRequest(order_id)).body["purchase_units"][0]
    authorization_id: str = unit["payments"]["authorizations"][0]["id"]
    return authorization_id


MOCKABLE: dict[str, Any] = {
    "orders.create": OrdersCreateRequest().request_body(order()),
    "orders.patch": OrdersPatchRequest("X").request_body([]),
    "orders.authorize": OrdersAuthorizeRequest("X"),
    "orders.capture": OrdersCaptureRequest("X"),
    "authorizations.get": AuthorizationsGetRequest("X"),
    "authorizations.capture": AuthorizationsCaptureRequest("X").request_body({}),
    "authorizations.reauthorize": AuthorizationsReauthorizeRequest("X").request_body({}),
    "authorizations.void": AuthorizationsVoidRequest("X"),
    "captures.get": CapturesGetRequest("X"),
    "captures.refund": CapturesRefundRequest("X").request_body({}),
}


@pytest.mark.parametrize("call", sorted(MOCKABLE))
def test_every_issue_that_can_be_mocked_makes_an_answer_the_schema_accepts(merchant: Merchant, call: str) -> None:
    for code in issues.codes(call):
        assert merchant.call(MOCKABLE[call], mock=code).issues == [code]


def test_the_judge_objects_to_an_answer_that_is_not_paypals(merchant: Merchant) -> None:
    url = f"{merchant.sandbox.paypal_api}/v2/checkout/orders"
    bearer = {"Authorization": f"Bearer {tokens.issue('sandbox-client', 9_999_999_999)}"}
    answer = requests.post(url, json=order(), headers=bearer, timeout=5)

    answer._content = answer.content.replace(b'"CREATED"', b'"PAID"')

    with pytest.raises(Exception, match="'PAID' is not one of"):
        conformance.judge(answer, [])
