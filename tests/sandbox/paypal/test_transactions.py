"""Transaction search: what moved the balance, three simulated hours late, at most 31 days a call."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from paypalcheckoutsdk.payments import CapturesRefundRequest

from sandbox.paypal import refunds
from sandbox.paypal.models import stamp
from tests.sandbox.paypal.merchant import Json, Merchant, Reply, Request, order


def ask(merchant: Merchant, days: float = 1, **query: object) -> Reply:
    """Ask for the transactions of the last days."""
    now = merchant.sandbox.world.clock.now()
    dates = {"start_date": stamp(now - timedelta(days=days)), "end_date": stamp(now)}
    return merchant.call(Request("GET", f"/v1/reporting/transactions?{urlencode({**dates, **query})}"))


def rows(reply: Reply) -> list[Json]:
    """Return what is told of each transaction."""
    return [detail["transaction_info"] for detail in reply.body.get("transaction_details", [])]


def wait(merchant: Merchant, **time: float) -> None:
    """Let simulated time pass."""
    merchant.sandbox.world.clock.advance(timedelta(**time))


def test_a_capture_is_listed_with_its_fee_and_our_reference_three_hours_later(merchant: Merchant) -> None:
    taken = merchant.paid(order("24.00", custom_id="PAY1", invoice_id="TT-1"))
    assert rows(ask(merchant)) == []

    wait(merchant, hours=3, minutes=1)
    reply = ask(merchant)

    row = rows(reply)[0]
    assert (row["transaction_id"], row["custom_field"], row["invoice_id"]) == (taken["id"], "PAY1", "TT-1")
    assert (row["transaction_event_code"], row["transaction_status"]) == ("T0006", "S")
    assert row["transaction_amount"] == {"currency_code": "USD", "value": "24.00"}
    assert row["fee_amount"] == {"currency_code": "USD", "value": "-1.33"}
    assert row["paypal_reference_id_type"] == "ODR"
    assert datetime.fromisoformat(reply.body["last_refreshed_datetime"]) < merchant.sandbox.world.clock.now()


def test_a_refund_is_listed_against_its_capture_and_a_whole_one_turns_the_capture_to_v(merchant: Merchant) -> None:
    taken = merchant.paid(order("24.00", custom_id="PAY1"))
    body = {"custom_id": "REF1"}
    given = merchant.call(CapturesRefundRequest(taken["id"]).request_body(body), full=True).body
    wait(merchant, hours=4)

    captured, refunded = rows(ask(merchant))

    assert captured["transaction_status"] == "V"
    assert (refunded["transaction_id"], refunded["paypal_reference_id"]) == (given["id"], taken["id"])
    assert (refunded["transaction_event_code"], refunded["custom_field"]) == ("T1107", "REF1")
    assert refunded["transaction_amount"]["value"] == "-24.00"


def test_what_paypal_takes_back_has_a_code_of_its_own(merchant: Merchant) -> None:
    refunds.reverse(merchant.sandbox.world, merchant.paid()["id"])
    wait(merchant, hours=4)

    assert [row["transaction_event_code"] for row in rows(ask(merchant))] == ["T0006", "T1106"]


@pytest.mark.parametrize(("source", "status"), [("bank", "P"), ("declined", None)])
def test_what_moves_no_balance_is_listed_only_when_asked_for(
    merchant: Merchant, source: str, status: str | None
) -> None:
    if source == "bank":
        merchant.paid(source=source)
    merchant.sandbox.world.store.table("sandbox.agenda").clear()
    for capture in merchant.sandbox.world.store.table("paypal.capture").values():
        capture["create_time"] = stamp(merchant.sandbox.world.clock.now() - timedelta(hours=5))

    assert rows(ask(merchant)) == []
    found = rows(ask(merchant, balance_affecting_records_only="N"))
    assert [row["transaction_status"] for row in found] == ([status] if status else [])


def test_yen_have_no_decimals_here_either(merchant: Merchant) -> None:
    merchant.paid(order("2400", "JPY"))
    wait(merchant, hours=4)

    row = rows(ask(merchant))[0]

    assert (row["transaction_amount"]["value"], row["fee_amount"]["value"]) == ("2400", "-124")


def test_pages_lead_to_each_other(merchant: Merchant) -> None:
    for _ in range(3):
        merchant.paid()
    wait(merchant, hours=4)

    first = ask(merchant, page_size=2)
    onward = next(link["href"] for link in first.body["links"] if link["rel"] == "next")
    second = merchant.call(Request("GET", onward.removeprefix(merchant.sandbox.paypal_api)))

    assert (first.body["total_items"], first.body["total_pages"]) == (3, 2)
    assert len(rows(first)) == 2
    assert len(rows(second)) == 1
    assert "next" not in {link["rel"] for link in second.body["links"]}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"end_date": ""}, "end_date"),
        ({"start_date": "yesterday"}, "start_date"),
        ({"start_date": "2026-02-31T00:00:00Z"}, "start_date"),
        ({"start_date": "2020-01-01T00:00:00Z"}, "end_date"),
        ({"end_date": "2020-01-01T00:00:00Z"}, "end_date"),
        ({"page": "0"}, "page"),
        ({"page_size": "501"}, "page_size"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(merchant: Merchant, query: dict[str, str], field: str) -> None:
    reply = ask(merchant, **query)

    assert reply.status == 400
    assert [detail["field"] for detail in reply.body["details"]] == [field]


def test_what_is_not_served_yet_cannot_be_asked_for(merchant: Merchant) -> None:
    reply = ask(merchant, days=1 / 24)

    assert reply.status == 400
    assert reply.issues == ["Data for the given start date is not available."]
