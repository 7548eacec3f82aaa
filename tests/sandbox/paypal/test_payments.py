"""Captures, refunds and authorizations once the money was taken or held."""

from datetime import timedelta

import pytest
from paypalcheckoutsdk.orders import OrdersAuthorizeRequest
from paypalcheckoutsdk.payments import (
    AuthorizationsCaptureRequest,
    AuthorizationsGetRequest,
    AuthorizationsReauthorizeRequest,
    AuthorizationsVoidRequest,
    CapturesGetRequest,
    CapturesRefundRequest,
    RefundsGetRequest,
)

from sandbox.paypal import amounts, payments, refunds
from tests.sandbox.paypal.merchant import Json, Merchant, Reply, Until, order


def refund(merchant: Merchant, capture_id: str, value: str = "", **more: str) -> Reply:
    amount = {"amount": {"currency_code": more.pop("currency", "USD"), "value": value}} if value else {}
    mock = more.pop("mock", "")
    return merchant.call(CapturesRefundRequest(capture_id).request_body(amount | more), full=True, mock=mock)


def capture_of(merchant: Merchant, capture_id: str) -> Json:
    return merchant.call(CapturesGetRequest(capture_id)).body


def held(merchant: Merchant, value: str = "100.00", source: str = "balance") -> str:
    order_id = merchant.create(order(value, intent="AUTHORIZE")).body["id"]
    merchant.approve(order_id, source)
    reply = merchant.call(OrdersAuthorizeRequest(order_id))
    authorization_id: str = reply.body["purchase_units"][0]["payments"]["authorizations"][0]["id"]
    return authorization_id


def take(merchant: Merchant, authorization_id: str, value: str = "", *, final: bool = False) -> Reply:
    body: Json = {"final_capture": final}
    if value:
        body["amount"] = {"currency_code": "USD", "value": value}
    return merchant.call(AuthorizationsCaptureRequest(authorization_id).request_body(body), full=True)


def status_of(merchant: Merchant, authorization_id: str) -> str:
    status: str = merchant.call(AuthorizationsGetRequest(authorization_id)).body["status"]
    return status


def test_a_refund_without_an_amount_gives_everything_back(merchant: Merchant) -> None:
    capture = merchant.paid()

    done = refund(merchant, capture["id"])

    assert (done.status, done.body["status"]) == (201, "COMPLETED")
    assert done.body["seller_payable_breakdown"]["total_refunded_amount"]["value"] == "24.00"
    assert capture_of(merchant, capture["id"])["status"] == "REFUNDED"
    assert merchant.call(RefundsGetRequest(done.body["id"])).body == done.body
    assert [event["resource"]["id"] for event in merchant.events("PAYMENT.CAPTURE.REFUNDED")] == [done.body["id"]]


def test_refunds_in_parts_add_up_and_stop_at_the_whole(merchant: Merchant) -> None:
    capture_id = merchant.paid()["id"]

    refund(merchant, capture_id, "10.00")
    part = capture_of(merchant, capture_id)["status"]
    too_much = refund(merchant, capture_id, "14.01")
    rest = refund(merchant, capture_id, "14.00")
    more = refund(merchant, capture_id, "0.01")

    assert part == "PARTIALLY_REFUNDED"
    assert (too_much.status, too_much.issues) == (422, ["REFUND_AMOUNT_EXCEEDED"])
    assert rest.body["seller_payable_breakdown"]["total_refunded_amount"]["value"] == "24.00"
    assert more.issues == ["CAPTURE_FULLY_REFUNDED"]


def test_an_order_shows_its_refunds(merchant: Merchant) -> None:
    order_id = merchant.create().body["id"]
    merchant.approve(order_id)
    capture_id = merchant.capture(order_id).body["purchase_units"][0]["payments"]["captures"][0]["id"]

    refund_id = refund(merchant, capture_id, "4.00").body["id"]

    made = merchant.show(order_id)["purchase_units"][0]["payments"]
    assert [entry["id"] for entry in made["refunds"]] == [refund_id]
    assert made["captures"][0]["status"] == "PARTIALLY_REFUNDED"


@pytest.mark.parametrize(
    ("value", "currency", "issue"),
    [
        ("1.00", "EUR", "REFUND_CAPTURE_CURRENCY_MISMATCH"),
        ("0.00", "USD", "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ("1.001", "USD", "DECIMAL_PRECISION"),
        ("1.00", "XXX", "INVALID_CURRENCY_CODE"),
    ],
)
def test_a_refund_of_a_wrong_amount_is_refused(merchant: Merchant, value: str, currency: str, issue: str) -> None:
    refused = refund(merchant, merchant.paid()["id"], value, currency=currency)

    assert (refused.status, refused.issues) == (422, [issue])


def test_an_invoice_id_serves_one_refund(merchant: Merchant) -> None:
    capture_id = merchant.paid()["id"]
    refund(merchant, capture_id, "1.00", invoice_id="R-1")

    assert refund(merchant, capture_id, "1.00", invoice_id="R-1").issues == ["DUPLICATE_INVOICE_ID"]


def test_after_180_days_nothing_is_refunded(merchant: Merchant) -> None:
    capture_id = merchant.paid()["id"]

    merchant.sandbox.world.clock.advance(timedelta(days=181))

    assert refund(merchant, capture_id).issues == ["REFUND_TIME_LIMIT_EXCEEDED"]


def test_a_refund_may_wait_for_a_bank(merchant: Merchant, until: Until) -> None:
    waiting = refund(merchant, merchant.paid()["id"], mock="PENDING").body
    before = merchant.events("PAYMENT.CAPTURE.REFUNDED")

    merchant.sandbox.world.clock.advance(timedelta(days=1))
    until(lambda: merchant.call(RefundsGetRequest(waiting["id"])).body["status"] == "COMPLETED")

    assert (waiting["status"], waiting["status_details"]) == ("PENDING", {"reason": "ECHECK"})
    assert before == []
    assert len(merchant.events("PAYMENT.CAPTURE.REFUNDED")) == 1


def test_money_from_a_bank_is_pending_and_its_fee_comes_with_it(merchant: Merchant, until: Until) -> None:
    pending = merchant.paid(source="bank")
    too_early = refund(merchant, pending["id"])

    merchant.sandbox.world.clock.advance(timedelta(days=1))
    until(lambda: capture_of(merchant, pending["id"])["status"] == "COMPLETED")

    assert (pending["status"], pending["status_details"]) == ("PENDING", {"reason": "ECHECK"})
    assert "paypal_fee" not in pending["seller_receivable_breakdown"]
    assert too_early.issues == ["PENDING_CAPTURE"]
    assert capture_of(merchant, pending["id"])["seller_receivable_breakdown"]["paypal_fee"]["value"] == "1.33"
    types = [event["event_type"] for event in merchant.events() if event["resource_type"] == "capture"]
    assert types == ["PAYMENT.CAPTURE.PENDING", "PAYMENT.CAPTURE.COMPLETED"]


def test_a_capture_settles_once(merchant: Merchant) -> None:
    capture_id = merchant.paid(source="bank")["id"]

    for _ in range(2):
        payments.settle(merchant.sandbox.world, capture_id, "COMPLETED")

    assert len(merchant.events("PAYMENT.CAPTURE.COMPLETED")) == 1


def test_a_bank_without_money_declines_in_the_end(merchant: Merchant, until: Until) -> None:
    pending = merchant.paid(source="bank_fails")

    merchant.sandbox.world.clock.advance(timedelta(days=1))
    until(lambda: capture_of(merchant, pending["id"])["status"] == "DECLINED")

    assert len(merchant.events("PAYMENT.CAPTURE.DECLINED")) == 1
    assert refund(merchant, pending["id"]).issues == ["REFUND_NOT_ALLOWED"]


def test_the_mock_header_can_make_any_capture_wait(merchant: Merchant) -> None:
    assert merchant.paid(mock="PENDING")["status"] == "PENDING"


def test_a_reversal_takes_what_is_left_as_a_refund_of_paypals_own(merchant: Merchant) -> None:
    capture_id = merchant.paid()["id"]
    refund(merchant, capture_id, "4.00")

    reversal = refunds.reverse(merchant.sandbox.world, capture_id)

    assert capture_of(merchant, capture_id)["status"] == "REFUNDED"
    [event] = merchant.events("PAYMENT.CAPTURE.REVERSED")
    assert (event["resource_type"], event["resource"]["id"]) == ("refund", reversal["id"])
    assert event["resource"]["amount"]["value"] == "20.00"
    with pytest.raises(ValueError, match="refunded"):
        refunds.reverse(merchant.sandbox.world, capture_id)


@pytest.mark.parametrize("currency", sorted(amounts.CURRENCIES - {"USD", "EUR", "GBP"}))
def test_money_without_a_balance_of_its_own_is_changed_into_dollars(merchant: Merchant, currency: str) -> None:
    capture = merchant.paid(order("1500", currency))

    told = capture["seller_receivable_breakdown"]
    assert told["receivable_amount"]["currency_code"] == "USD"
    assert told["exchange_rate"]["source_currency"] == currency
    back = refund(merchant, capture["id"], "500", currency=currency).body["seller_payable_breakdown"]
    assert back["net_amount_in_receivable_currency"]["currency_code"] == "USD"


def test_an_authorization_is_captured_in_parts_until_it_is_spent(merchant: Merchant) -> None:
    authorization_id = held(merchant)

    first = take(merchant, authorization_id, "60.00")
    between = status_of(merchant, authorization_id)
    rest = take(merchant, authorization_id)

    assert first.body["supplementary_data"]["related_ids"]["authorization_id"] == authorization_id
    assert between == "PARTIALLY_CAPTURED"
    assert rest.body["amount"]["value"] == "40.00"
    assert status_of(merchant, authorization_id) == "CAPTURED"
    assert take(merchant, authorization_id).issues == ["AUTHORIZATION_ALREADY_CAPTURED"]


def test_a_final_capture_closes_the_authorization(merchant: Merchant) -> None:
    authorization_id = held(merchant)

    take(merchant, authorization_id, "60.00", final=True)

    assert status_of(merchant, authorization_id) == "CAPTURED"


def test_captures_may_exceed_the_authorization_by_fifteen_percent_and_no_more(merchant: Merchant) -> None:
    authorization_id = held(merchant)

    too_much = take(merchant, authorization_id, "115.01")
    enough = take(merchant, authorization_id, "115.00")

    assert too_much.issues == ["MAX_CAPTURE_AMOUNT_EXCEEDED"]
    assert enough.status == 201


def test_an_authorization_can_be_voided_once(merchant: Merchant) -> None:
    authorization_id = held(merchant)

    void = merchant.call(AuthorizationsVoidRequest(authorization_id))
    again = merchant.call(AuthorizationsVoidRequest(authorization_id))

    assert (void.status, void.body) == (204, {})
    assert again.issues == ["PREVIOUSLY_VOIDED"]
    assert take(merchant, authorization_id).issues == ["AUTHORIZATION_VOIDED"]
    assert len(merchant.events("PAYMENT.AUTHORIZATION.VOIDED")) == 1


def test_a_void_can_be_shown_whole(merchant: Merchant) -> None:
    void = merchant.call(AuthorizationsVoidRequest(held(merchant)), full=True)

    assert (void.status, void.body["status"]) == (200, "VOIDED")


def test_a_spent_authorization_cannot_be_voided(merchant: Merchant) -> None:
    authorization_id = held(merchant)
    take(merchant, authorization_id)

    assert merchant.call(AuthorizationsVoidRequest(authorization_id)).issues == ["PREVIOUSLY_CAPTURED"]


def test_an_authorization_ends_after_29_days_and_says_so(merchant: Merchant, until: Until) -> None:
    authorization_id = held(merchant)
    again = merchant.call(AuthorizationsReauthorizeRequest(authorization_id).request_body({}), full=True).body["id"]

    merchant.sandbox.world.clock.advance(timedelta(days=30))

    until(lambda: len(merchant.events("PAYMENT.AUTHORIZATION.VOIDED")) == 2)
    assert take(merchant, authorization_id).issues == ["AUTHORIZATION_EXPIRED"]
    assert [status_of(merchant, each) for each in (authorization_id, again)] == ["VOIDED", "VOIDED"]


def test_after_a_reauthorization_only_the_new_one_is_captured(merchant: Merchant) -> None:
    first = held(merchant)
    second = merchant.call(AuthorizationsReauthorizeRequest(first).request_body({}), full=True).body["id"]
    third = merchant.call(AuthorizationsReauthorizeRequest(first).request_body({}), full=True).body["id"]

    assert take(merchant, first).issues == ["AUTHORIZATION_VOIDED"]
    assert take(merchant, second).issues == ["AUTHORIZATION_VOIDED"]
    assert take(merchant, third, final=True).status == 201
    assert merchant.call(AuthorizationsVoidRequest(first)).issues == ["PREVIOUSLY_CAPTURED"]


def test_voiding_the_first_lets_go_of_what_was_made_anew(merchant: Merchant) -> None:
    first = held(merchant)
    again = merchant.call(AuthorizationsReauthorizeRequest(first).request_body({}), full=True).body["id"]

    merchant.call(AuthorizationsVoidRequest(first))

    assert status_of(merchant, again) == "VOIDED"
    assert take(merchant, again).issues == ["AUTHORIZATION_VOIDED"]


def test_a_reauthorization_is_a_new_one_and_cannot_be_had_of_itself(merchant: Merchant) -> None:
    first = held(merchant)

    again = merchant.call(AuthorizationsReauthorizeRequest(first).request_body({}), full=True)
    once_more = merchant.call(AuthorizationsReauthorizeRequest(again.body["id"]).request_body({}))

    assert (again.status, again.body["status"]) == (201, "CREATED")
    assert again.body["id"] != first
    assert once_more.issues == ["REAUTHORIZATION_NOT_SUPPORTED"]
    assert merchant.call(AuthorizationsVoidRequest(again.body["id"])).issues == ["CANNOT_BE_VOIDED"]


def test_a_declined_source_holds_no_money(merchant: Merchant) -> None:
    order_id = merchant.create(order(intent="AUTHORIZE")).body["id"]
    merchant.approve(order_id, "declined")

    assert merchant.call(OrdersAuthorizeRequest(order_id)).issues == ["INSTRUMENT_DECLINED"]
