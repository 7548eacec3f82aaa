"""Transaction search v1: what moved the merchant's balance, three hours late and at most 31 days a call.

https://developer.paypal.com/docs/api/transaction-search/v1/. A transaction shows up once it is LAG old, by the
simulated clock; the real one takes "a maximum of three hours". From general knowledge, unchecked: the words of the
refusals, that a start later than what is served is refused, and that an empty page has no `transaction_details` (the
schema allows no empty array).
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox.paypal import models
from sandbox.paypal.calls import Answer, Call
from sandbox.paypal.errors import PayPalError, refuse
from sandbox.world import World

Json = dict[str, Any]

PATH = "/v1/reporting/transactions"
LAG = timedelta(hours=3)
LONGEST = timedelta(days=31)
DEFAULT_PAGE, LARGEST_PAGE = 100, 500
DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
# developer.paypal.com/docs/transaction-search/transaction-event-codes/
PAYMENT, REFUND, REVERSAL = "T0006", "T1107", "T1106"
# A capture's or refund's status -> the letter of the report: success, pending, denied, reversed (fully refunded).
STATUS = {
    "COMPLETED": "S",
    "PARTIALLY_REFUNDED": "S",
    "REFUNDED": "V",
    "PENDING": "P",
    "DECLINED": "D",
    "FAILED": "D",
}
MOVES_THE_BALANCE = ("S", "V")


def index(call: Call) -> Answer:
    """List the transactions begun from start_date to end_date, the oldest first."""
    query = call.query
    start, end = _date(query, "start_date"), _date(query, "end_date")
    refreshed = call.world.clock.now() - LAG
    if end < start:
        raise _invalid("end_date", "End date is before the start date.")
    if end - start > LONGEST:
        raise _invalid("end_date", "Date range is greater than 31 days.")
    if start > refreshed:
        raise _invalid("start_date", "Data for the given start date is not available.")
    size = _number(query, "page_size", DEFAULT_PAGE, LARGEST_PAGE)
    page = _number(query, "page", 1, 2_147_483_647)
    found = [row for row in _all(call.world) if _is_in(row, start, min(end, refreshed)) and _matches(row, query)]
    shown = found[(page - 1) * size : page * size]
    pages = -(-len(found) // size)
    body: Json = {
        "account_number": models.MERCHANT["merchant_id"],
        "start_date": query["start_date"],
        "end_date": models.stamp(min(end, refreshed)),
        "last_refreshed_datetime": models.stamp(refreshed),
        "page": page,
        "total_items": len(found),
        "total_pages": pages,
        "links": _links(call, page, pages),
    }
    if shown:
        body["transaction_details"] = [{"transaction_info": row} for row in shown]
    return Answer(200, body)


def _all(world: World) -> list[Json]:
    captures = [_capture(record) for record in world.store.table("paypal.capture").values()]
    refunds = [_refund(world, record) for record in world.store.table("paypal.refund").values()]
    return sorted(captures + refunds, key=lambda row: str(row["transaction_initiation_date"]))


def _capture(record: Json) -> Json:
    fee = record["seller_receivable_breakdown"].get("paypal_fee")
    row = _row(record, PAYMENT, record["amount"], record["_"]["order_id"], "ODR")
    return row | ({"fee_amount": _negative(fee)} if fee and record["status"] != "PENDING" else {})


def _refund(world: World, record: Json) -> Json:
    _, capture_id = record["_"]["up"]
    code = REVERSAL if record["_"].get("is_reversal") else REFUND
    row = _row(record, code, _negative(record["amount"]), capture_id, "TXN")
    capture = models.get(world, "capture", capture_id)
    return {name: capture[name] for name in ("invoice_id",) if name in capture} | _custom(capture) | row


def _row(record: Json, code: str, amount: Json, about: str, kind: str) -> Json:
    row: Json = {
        "paypal_account_id": models.BUYER["payer_id"],
        "transaction_id": record["id"],
        "paypal_reference_id": about,
        "paypal_reference_id_type": kind,
        "transaction_event_code": code,
        "transaction_initiation_date": record["create_time"],
        "transaction_updated_date": record["update_time"],
        "transaction_amount": amount,
        "transaction_status": STATUS[record["status"]],
        "protection_eligibility": "01",
    }
    if "invoice_id" in record:
        row["invoice_id"] = record["invoice_id"]
    return row | _custom(record)


def _custom(record: Json) -> Json:
    return {"custom_field": record["custom_id"]} if "custom_id" in record else {}


def _negative(amount: Json) -> Json:
    return {**amount, "value": f"-{amount['value']}"}


def _is_in(row: Json, start: datetime, end: datetime) -> bool:
    return start <= datetime.fromisoformat(row["transaction_initiation_date"]) <= end


def _matches(row: Json, query: dict[str, str]) -> bool:
    if query.get("balance_affecting_records_only", "Y") == "Y" and row["transaction_status"] not in MOVES_THE_BALANCE:
        return False
    facts = {
        "transaction_id": row["transaction_id"],
        "transaction_type": row["transaction_event_code"],
        "transaction_status": row["transaction_status"],
        "transaction_currency": row["transaction_amount"]["currency_code"],
    }
    return all(query.get(name, fact) == fact for name, fact in facts.items())


def _links(call: Call, page: int, pages: int) -> list[Json]:
    wanted = {"self": page, "first": 1, "last": pages}
    if page < pages:
        wanted["next"] = page + 1
    if page > 1:
        wanted["prev"] = page - 1
    return [
        models.link(call.world, rel, f"{PATH}?{urlencode({**call.query, 'page': number})}")
        for rel, number in wanted.items()
        if rel == "self" or pages
    ]


def _date(query: dict[str, str], name: str) -> datetime:
    text = query.get(name, "")
    if not text:
        raise _invalid(name, "Required parameter is missing.")
    try:
        if DATE.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        pass
    raise _invalid(name, "Invalid date passed.", text)


def _number(query: dict[str, str], name: str, usual: int, most: int) -> int:
    text = query.get(name, str(usual))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise _invalid(name, f"The value must be from 1 to {most}.", text)
    return int(text)


def _invalid(field: str, issue: str, value: str = "") -> PayPalError:
    return refuse("INVALID_REQUEST", {"field": field, "location": "query", "issue": issue, "value": value})
