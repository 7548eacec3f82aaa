"""Refunds at Stripe, made against a charge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import stripe

from shop.errors import ProviderRejected
from shop.gateways.base import Patience, RefundSnapshot, RefundState, StartRefund
from shop.gateways.stripe.amounts import to_stripe
from shop.gateways.stripe.client import StripeApi
from shop.gateways.stripe.errors import translated
from shop.gateways.stripe.snapshots import refund_snapshot

if TYPE_CHECKING:
    from stripe import Charge, Refund

EXPAND = ["balance_transaction"]
# Refusals that no repeat changes: the charge cannot be given back, or not that much of it.
FINAL = frozenset({"charge_already_refunded", "charge_disputed", "refund_disputed_payment", "charge_not_refundable"})


def refund(api: StripeApi, request: StartRefund, key: str, patience: Patience) -> RefundSnapshot:
    """Give back part or all of a charge; what Stripe refuses for good comes back as FAILED."""
    try:
        with translated():
            made = api.at(patience).v1.refunds.create(
                {
                    "charge": request.capture_id,
                    "amount": to_stripe(request.amount),
                    "metadata": {"refund": request.reference, "order": request.order_number, "why": request.reason},
                    "expand": EXPAND,
                },
                {"idempotency_key": key},
            )
    except ProviderRejected as exc:
        if exc.code in FINAL or exc.param == "amount":
            return _refused(request, str(exc))
        raise
    return refund_snapshot(made)


def fetch(api: StripeApi, external_id: str, patience: Patience) -> RefundSnapshot:
    """Return a refund as Stripe holds it now."""
    with translated():
        return refund_snapshot(api.at(patience).v1.refunds.retrieve(external_id, {"expand": EXPAND}))


def of_charge(api: StripeApi, charge: str | Charge, patience: Patience) -> list[RefundSnapshot]:
    """Return the refunds of a charge, oldest first; fetched only where the expanded charge does not hold them all.

    What a cancellation lets go, or a capture in part, is none of them: Stripe made refunds of those before version
    2025-03-31.basil (docs.stripe.com/changelog/basil), and every call of ours names a later one.
    """
    included = getattr(charge, "refunds", None)
    found: Iterable[Refund]
    if included is not None and not included.has_more:
        found = included.data
    else:
        charge_id = charge.id if isinstance(charge, stripe.Charge) else charge
        page = api.at(patience).v1.refunds.list(
            {"charge": charge_id, "limit": 100, "expand": ["data.balance_transaction"]}
        )
        found = page.auto_paging_iter()
    return [refund_snapshot(made) for made in found][::-1]  # Stripe lists the newest first


def _refused(request: StartRefund, why: str) -> RefundSnapshot:
    """Tell a refund that Stripe never made; its id is ours, since there is no other."""
    return RefundSnapshot(
        external_id=f"refused:{request.reference}",
        reference=request.reference,
        payment_external_id=request.payment_external_id,
        amount=request.amount,
        state=RefundState.FAILED,
        failure=why,
    )
