"""PayPal's past: transaction search, and the events of the app's webhooks.

developer.paypal.com/docs/api/transaction-search/v1/: at most 31 days a call, and up to three hours behind. What has
not been served yet cannot be asked for, so a window never begins later than that.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from shop.errors import OutcomeUnknown
from shop.gateways.base import BACKGROUND, Mode, Notice, Provider
from shop.gateways.history import Movement, MovementKind
from shop.gateways.paypal.amounts import from_paypal
from shop.gateways.paypal.client import PayPalClient
from shop.gateways.paypal.housekeeping import EVENTS, Request
from shop.gateways.paypal.notices import notice
from shop.money import Money

Json = dict[str, Any]

TRANSACTIONS = "/v1/reporting/transactions"
WEBHOOK_EVENTS = "/v1/notifications/webhooks-events"
PAGE, EVENTS_PAGE = 500, 300
LONGEST = timedelta(days=31)
# developer.paypal.com/docs/transaction-search/transaction-event-codes/: T00 payments, T1106 a reversal, T1107 a refund.
REFUND_CODES = ("T1106", "T1107")
PAYMENT_CODES = "T00"
MOVED = ("S", "V")  # succeeded; or succeeded, and given back in full since


class PayPalHistory:
    """Implements `shop.gateways.history.History`."""

    provider = Provider.PAYPAL
    lag = timedelta(hours=3)
    memory = timedelta(days=30)

    def __init__(self, client: PayPalClient, mode: Mode) -> None:
        self._client = client
        self._mode = mode

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """Yield payments and refunds as the report has them, window by window and page by page."""
        start = since
        while start < until - self.lag:
            end = min(start + LONGEST, until)
            yield from self._window(start, end)
            start = end

    def events(self, since: datetime) -> Iterator[Notice]:
        """Yield the app's events of ours since then; PayPal does not say which of them arrived."""
        query = {"page_size": EVENTS_PAGE, "start_time": _stamp(since)}
        path = f"{WEBHOOK_EVENTS}?{urlencode(query)}"
        while path:
            page = self._client.call(Request("GET", path), BACKGROUND)
            for event in page.get("events") or []:
                if event.get("event_type") in EVENTS:
                    yield notice(event, self._mode)
            path = self._next(page)

    def _window(self, start: datetime, end: datetime) -> Iterator[Movement]:
        page, pages = 1, 1
        while page <= pages:
            query = {"start_date": _stamp(start), "end_date": _stamp(end), "page_size": PAGE, "page": page}
            answer = self._client.call(Request("GET", f"{TRANSACTIONS}?{urlencode(query)}"), BACKGROUND)
            for detail in answer.get("transaction_details") or []:
                movement = _movement(detail.get("transaction_info") or {})
                if movement is not None:
                    yield movement
            page, pages = page + 1, int(answer.get("total_pages") or 1)

    def _next(self, page: Json) -> str:
        """Return the path of the next page: never another host's, whatever the link says."""
        href = next((link["href"] for link in page.get("links") or [] if link.get("rel") == "next"), "")
        parts = urlsplit(href)
        if not href:
            return ""
        if parts.path.rstrip("/") != WEBHOOK_EVENTS:
            raise OutcomeUnknown("PayPal's link to the next page of events leads elsewhere")
        return f"{WEBHOOK_EVENTS}?{parts.query}"


def _movement(row: Json) -> Movement | None:
    """Read one transaction; None for what is neither a payment nor a refund of one, or has not moved any money."""
    code = str(row.get("transaction_event_code") or "")
    is_refund = code in REFUND_CODES
    if row.get("transaction_status") not in MOVED or not (is_refund or code.startswith(PAYMENT_CODES)):
        return None
    amount = from_paypal(row["transaction_amount"])
    if amount.amount < 0 and not is_refund:
        return None  # money that the merchant paid to somebody
    about, kind = row.get("paypal_reference_id"), row.get("paypal_reference_id_type")
    return Movement(
        provider=Provider.PAYPAL,
        kind=MovementKind.REFUND if is_refund else MovementKind.PAYMENT,
        external_id=str(row["transaction_id"]),
        at=datetime.fromisoformat(row["transaction_initiation_date"]).astimezone(UTC),
        amount=_size(amount),
        fee=_size(from_paypal(row["fee_amount"])) if "fee_amount" in row else None,
        payment_external_id=about if kind == "ODR" else None,
        capture_id=about if is_refund and kind == "TXN" else None,
        reference=row.get("custom_field"),
        order_number=str(row.get("invoice_id") or ""),
    )


def _size(money: Money) -> Money:
    """Return an amount without its sign: the report writes what leaves the balance as negative."""
    return -money if money.amount < 0 else money


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
