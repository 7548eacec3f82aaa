"""Refunds at PayPal, made against a capture."""

from __future__ import annotations

from typing import Any

from paypalcheckoutsdk.payments import CapturesGetRequest, CapturesRefundRequest, RefundsGetRequest

from shop.errors import ProviderRejected
from shop.gateways.base import Patience, RefundSnapshot, RefundState, StartRefund
from shop.gateways.paypal.amounts import to_paypal
from shop.gateways.paypal.client import PayPalClient
from shop.gateways.paypal.snapshots import refund_snapshot

Json = dict[str, Any]

# Refusals that no repeat changes, of the 422s that the Payments v2 schema lists for captures.refund.
FINAL = frozenset(
    """CAPTURE_FULLY_REFUNDED REFUND_AMOUNT_EXCEEDED REFUND_AMOUNT_TOO_LOW REFUND_TIME_LIMIT_EXCEEDED
    REFUND_NOT_ALLOWED REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK REFUND_IS_RESTRICTED PARTIAL_REFUND_NOT_ALLOWED
    MAX_NUMBER_OF_REFUNDS_EXCEEDED REFUND_FAILED_INSUFFICIENT_FUNDS TRANSACTION_DISPUTED""".split()
)


def refund(client: PayPalClient, request: StartRefund, key: str, patience: Patience) -> RefundSnapshot:
    """Give back part or all of a capture; what PayPal refuses for good comes back as FAILED."""
    body: Json = {"amount": to_paypal(request.amount), "custom_id": request.reference}
    if request.reason:
        body["note_to_payer"] = request.reason[:255]
    try:
        made = client.call(CapturesRefundRequest(request.capture_id), patience, key, body)
    except ProviderRejected as exc:
        if exc.code not in FINAL:
            raise
        return _refused(request, str(exc))
    return refund_snapshot(made, request.payment_external_id, None)


def fetch(client: PayPalClient, external_id: str, patience: Patience) -> RefundSnapshot:
    """Return a refund as PayPal holds it now, with the order it belongs to, which its capture knows."""
    found = client.call(RefundsGetRequest(external_id), patience)
    capture_id = _up(found)
    capture = client.call(CapturesGetRequest(capture_id), patience) if capture_id else {}
    related = (capture.get("supplementary_data") or {}).get("related_ids") or {}
    return refund_snapshot(found, related.get("order_id"), capture.get("custom_id"))


def _up(refund: Json) -> str | None:
    """Return the capture's id: the last part of the refund's link to what it belongs to."""
    links = (link["href"] for link in refund.get("links") or [] if link.get("rel") == "up")
    href = next(links, None)
    return str(href).rstrip("/").rsplit("/", 1)[-1] if href else None


def _refused(request: StartRefund, why: str) -> RefundSnapshot:
    """Tell a refund that PayPal never made; its id is ours, since there is no other."""
    return RefundSnapshot(
        external_id=f"refused:{request.reference}",
        reference=request.reference,
        payment_external_id=request.payment_external_id,
        amount=request.amount,
        state=RefundState.FAILED,
        failure=why,
    )
