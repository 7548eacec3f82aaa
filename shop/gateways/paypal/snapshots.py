"""From PayPal's orders, captures and refunds to our snapshots. Everything here is a translation; nothing is fetched."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from shop.errors import OurBug
from shop.gateways import redaction
from shop.gateways.base import (
    AttemptSnapshot,
    AttemptState,
    Capture,
    Method,
    Mode,
    PaymentSnapshot,
    PaymentState,
    Provider,
    RefundSnapshot,
    RefundState,
    Settlement,
)
from shop.gateways.paypal.amounts import from_paypal
from shop.gateways.paypal.declines import GENERIC, decline
from shop.money import Money

Json = dict[str, Any]
T = TypeVar("T")

# An order before any money was asked for. PAYER_ACTION_REQUIRED is how one made with a payment source begins.
ORDER_STATES = {
    "CREATED": PaymentState.CREATED,
    "SAVED": PaymentState.CREATED,
    "PAYER_ACTION_REQUIRED": PaymentState.CREATED,
    "APPROVED": PaymentState.REQUIRES_ACTION,
    "VOIDED": PaymentState.CANCELLED,
}
CAPTURE_ATTEMPTS = {
    "COMPLETED": AttemptState.SUCCEEDED,
    "PARTIALLY_REFUNDED": AttemptState.SUCCEEDED,
    "REFUNDED": AttemptState.SUCCEEDED,
    "PENDING": AttemptState.PENDING,
    "DECLINED": AttemptState.DECLINED,
    "FAILED": AttemptState.DECLINED,
}
AUTHORIZATION_ATTEMPTS = {
    "CREATED": AttemptState.SUCCEEDED,
    "CAPTURED": AttemptState.SUCCEEDED,
    "PARTIALLY_CAPTURED": AttemptState.SUCCEEDED,
    "VOIDED": AttemptState.SUCCEEDED,
    "EXPIRED": AttemptState.SUCCEEDED,
    "PENDING": AttemptState.PENDING,
    "DENIED": AttemptState.DECLINED,
}
AUTHORIZATION_STATES = {
    "CREATED": PaymentState.AUTHORIZED,
    "PARTIALLY_CAPTURED": PaymentState.AUTHORIZED,
    "CAPTURED": PaymentState.AUTHORIZED,
    "PENDING": PaymentState.PROCESSING,
    "VOIDED": PaymentState.CANCELLED,
    "EXPIRED": PaymentState.CANCELLED,
    "DENIED": PaymentState.CANCELLED,
}
REFUND_STATES = {
    "COMPLETED": RefundState.SUCCEEDED,
    "PENDING": RefundState.PENDING,
    "FAILED": RefundState.FAILED,
    "CANCELLED": RefundState.FAILED,
}


def payment_snapshot(order: Json, mode: Mode) -> PaymentSnapshot:
    """Return an order with its authorizations, captures and refunds; our orders have one purchase unit."""
    unit: Json = order["purchase_units"][0]
    captures, authorizations = made(order, "captures"), made(order, "authorizations")
    state = _state(order["status"], captures, authorizations)
    taken = [capture for capture in captures if _attempt_state(capture) is AttemptState.SUCCEEDED]
    method = _method(order.get("payment_source") or {})
    return PaymentSnapshot(
        provider=Provider.PAYPAL,
        mode=mode,
        external_id=order["id"],
        reference=unit.get("custom_id"),
        state=state,
        amount=from_paypal(unit["amount"]),
        attempts=_attempts(captures, authorizations, method),
        captures=tuple(_capture(capture) for capture in taken),
        refunds=tuple(refund_snapshot(refund, order["id"], unit.get("custom_id")) for refund in made(order, "refunds")),
        method=method,
        needs_capture=order["status"] == "APPROVED" and not captures and not authorizations,
        expires_at=_expiry(authorizations) if state is PaymentState.AUTHORIZED else None,
    )


def made(order: Json, kind: str) -> list[Json]:
    """Return the order's "captures", "authorizations" or "refunds", oldest first as PayPal lists them."""
    payments = order["purchase_units"][0].get("payments") or {}
    found: list[Json] = payments.get(kind) or []
    return found


def standing(authorizations: list[Json]) -> Json:
    """Return the authorization that counts: the last one made, but for one that was made anew and denied."""
    return next((one for one in reversed(authorizations) if one["status"] != "DENIED"), authorizations[-1])


def original(order: Json) -> Json:
    """Return the authorization that the others of an order were made of: the only one that is made anew or voided."""
    authorizations = made(order, "authorizations")
    return next((one for one in authorizations if one["status"] != "DENIED"), authorizations[0])


def refund_snapshot(refund: Json, order_id: str | None, payment_reference: str | None) -> RefundSnapshot:
    """Return a refund; one made in PayPal's own pages has no reference, or inherits its payment's."""
    state = _known(REFUND_STATES, refund["status"], "a refund")
    reference = refund.get("custom_id")
    reason = (refund.get("status_details") or {}).get("reason") or refund["status"]
    return RefundSnapshot(
        external_id=refund["id"],
        reference=reference if reference != payment_reference else None,
        payment_external_id=order_id,
        amount=from_paypal(refund["amount"]),
        state=state,
        failure=str(reason) if state is RefundState.FAILED else "",
        settlement=_refund_settlement(refund),
    )


def approve_url(order: Json) -> str | None:
    """Return where the customer approves; None once there is nothing to approve."""
    wanted = ("payer-action", "approve")
    return next((str(link["href"]) for link in order.get("links") or [] if link.get("rel") in wanted), None)


def _state(order_status: str, captures: list[Json], authorizations: list[Json]) -> PaymentState:
    """Weigh what was made of the order; the order's own COMPLETED only says that something was."""
    results = {_attempt_state(capture) for capture in captures}
    if AttemptState.SUCCEEDED in results:
        return PaymentState.CAPTURED
    if AttemptState.PENDING in results:
        return PaymentState.AUTHORIZED if authorizations else PaymentState.PROCESSING
    if authorizations:
        last = standing(authorizations)["status"]
        if captures and last == "CAPTURED":  # and none of them took anything: it is captured only once
            return PaymentState.CANCELLED
        return _known(AUTHORIZATION_STATES, last, "an authorization")
    if captures:  # declined for good: PayPal never takes money on a completed order again
        return PaymentState.CANCELLED
    return _known(ORDER_STATES, order_status, "an order without payments")


def _known(table: dict[str, T], status: str, what: str) -> T:
    """Look a status up; raise OurBug for one this code was not written for."""
    if status not in table:
        raise OurBug(f"PayPal calls {what} {status!r}; add it to the table before going on")
    return table[status]


def _attempt_state(capture: Json) -> AttemptState:
    return _known(CAPTURE_ATTEMPTS, capture["status"], "a capture")


def _attempts(captures: list[Json], authorizations: list[Json], method: Method | None) -> tuple[AttemptSnapshot, ...]:
    """Return the tries to pay: with authorizations it is they that the customer's bank answered.

    What comes after the one that holds is that one made anew, and no try of the customer's.
    """
    held = next((at for at, one in enumerate(authorizations, 1) if one["status"] != "DENIED"), None)
    tries = authorizations[:held] or captures
    table = AUTHORIZATION_ATTEMPTS if authorizations else CAPTURE_ATTEMPTS
    return tuple(_attempt(one, _known(table, one["status"], "a try to pay"), method) for one in tries)


def _attempt(one: Json, state: AttemptState, method: Method | None) -> AttemptSnapshot:
    reason = str((one.get("status_details") or {}).get("reason") or GENERIC)
    return AttemptSnapshot(
        external_id=one["id"],
        state=state,
        amount=from_paypal(one["amount"]),
        decline=decline(reason) if state is AttemptState.DECLINED else None,
        method=method,
    )


def _capture(capture: Json) -> Capture:
    return Capture(capture["id"], from_paypal(capture["amount"]), _capture_settlement(capture))


def _capture_settlement(capture: Json) -> Settlement | None:
    """Read what PayPal kept; a pending capture has no net amount yet."""
    told = capture.get("seller_receivable_breakdown") or {}
    if "net_amount" not in told:
        return None
    gross = from_paypal(told["gross_amount"])
    return Settlement(capture["id"], gross=gross, fee=_fee(told, gross), net=from_paypal(told["net_amount"]))


def _refund_settlement(refund: Json) -> Settlement | None:
    """Read what a refund cost, as movements out: the fee that comes back is negative as well."""
    told = refund.get("seller_payable_breakdown") or {}
    if "net_amount" not in told:
        return None
    gross = from_paypal(told["gross_amount"])
    return Settlement(refund["id"], gross=-gross, fee=-_fee(told, gross), net=-from_paypal(told["net_amount"]))


def _fee(told: Json, gross: Money) -> Money:
    return from_paypal(told["paypal_fee"]) if "paypal_fee" in told else Money.zero(gross.currency)


def _expiry(authorizations: list[Json]) -> datetime | None:
    told = standing(authorizations).get("expiration_time") if authorizations else None
    return datetime.fromisoformat(told) if told else None


def _method(source: Json) -> Method | None:
    """Read what is paid with: `{paypal: {email_address}}`, `{card: {brand, last_digits}}`; empty before approval."""
    for kind, told in source.items():
        if not told:
            continue
        return Method(
            kind=kind,
            brand=str(told.get("brand") or "").lower(),
            last4=str(told.get("last_digits") or ""),
            payer=redaction.mask_mail(str(told.get("email_address") or "")),
        )
    return None
