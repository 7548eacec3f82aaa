"""From Stripe's objects to our snapshots. Everything here is a translation; nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import stripe

from shop.errors import OurBug
from shop.gateways import redaction
from shop.gateways.base import (
    AttemptSnapshot,
    AttemptState,
    Capture,
    Decline,
    Method,
    Mode,
    PaymentSnapshot,
    PaymentState,
    Provider,
    RefundSnapshot,
    RefundState,
    Settlement,
)
from shop.gateways.stripe.amounts import from_stripe
from shop.gateways.stripe.declines import GENERIC, decline

if TYPE_CHECKING:
    from stripe import BalanceTransaction, Charge, PaymentIntent, Refund

# docs.stripe.com/payments/paymentintents/lifecycle
PAYMENT_STATES = {
    "requires_payment_method": PaymentState.CREATED,
    "requires_confirmation": PaymentState.CREATED,
    "requires_action": PaymentState.REQUIRES_ACTION,
    "processing": PaymentState.PROCESSING,
    "requires_capture": PaymentState.AUTHORIZED,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.CANCELLED,
}
ATTEMPT_STATES = {
    "pending": AttemptState.PENDING,
    "succeeded": AttemptState.SUCCEEDED,
    "failed": AttemptState.DECLINED,
}
REFUND_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


def payment_state(status: str) -> PaymentState:
    """Return our state for a PaymentIntent's status; raise OurBug for one this code was not written for."""
    if status not in PAYMENT_STATES:
        raise OurBug(f"Stripe calls a PaymentIntent {status!r}; add it to PAYMENT_STATES before going on")
    return PAYMENT_STATES[status]


def payment_snapshot(
    intent: PaymentIntent, charges: Sequence[Charge], refunds: Iterable[RefundSnapshot]
) -> PaymentSnapshot:
    """Put a PaymentIntent, its charges (newest first, as Stripe lists them) and its refunds together.

    Attempts come out oldest first: a decline counts only as long as nothing came after it.
    """
    latest = intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None
    attempts = [attempt_snapshot(charge, intent) for charge in reversed(charges)]
    failed_before_charge = _failure_without_charge(intent)
    if failed_before_charge is not None:
        attempts.append(failed_before_charge)
    return PaymentSnapshot(
        provider=Provider.STRIPE,
        mode=mode_of(intent.livemode),
        external_id=intent.id,
        reference=metadata_value(intent.metadata, "payment"),
        state=payment_state(intent.status),
        amount=from_stripe(intent.amount, intent.currency),
        attempts=tuple(attempts),
        captures=_captures(latest),
        refunds=tuple(refunds),
        method=_charge_method(latest) or _intent_method(intent),
        expires_at=_capture_before(latest) if intent.status == "requires_capture" else None,
    )


def attempt_snapshot(charge: Charge, intent: PaymentIntent) -> AttemptSnapshot:
    """Return one charge as a try to pay."""
    if charge.status not in ATTEMPT_STATES:
        raise OurBug(f"Stripe calls a charge {charge.status!r}; add it to ATTEMPT_STATES before going on")
    return AttemptSnapshot(
        external_id=charge.id,
        state=ATTEMPT_STATES[charge.status],
        amount=from_stripe(charge.amount, charge.currency),
        decline=_charge_decline(charge, intent) if charge.status == "failed" else None,
        method=_charge_method(charge),
    )


def refund_snapshot(refund: Refund) -> RefundSnapshot:
    """Return a refund; `reference` is None for one made in Stripe's dashboard."""
    status = refund.status or "pending"
    if status not in REFUND_STATES:
        raise OurBug(f"Stripe calls a refund {status!r}; add it to REFUND_STATES before going on")
    booked = refund.balance_transaction
    return RefundSnapshot(
        external_id=refund.id,
        reference=metadata_value(refund.metadata, "refund"),
        payment_external_id=id_of(refund.payment_intent),
        amount=from_stripe(refund.amount, refund.currency),
        state=REFUND_STATES[status],
        failure=getattr(refund, "failure_reason", None) or ("canceled" if status == "canceled" else ""),
        settlement=settlement(booked) if isinstance(booked, stripe.BalanceTransaction) else None,
    )


def settlement(booked: BalanceTransaction) -> Settlement:
    """Return a balance transaction: amounts are in the account's currency and carry their sign."""
    return Settlement(
        external_id=booked.id,
        gross=from_stripe(booked.amount, booked.currency),
        fee=from_stripe(booked.fee, booked.currency),
        net=from_stripe(booked.net, booked.currency),
    )


def mode_of(livemode: bool) -> Mode:
    """Return the mode an object belongs to."""
    return Mode.LIVE if livemode else Mode.TEST


def id_of(expandable: object) -> str | None:
    """Return the id of something that is an id, an expanded object, or missing."""
    if expandable is None or isinstance(expandable, str):
        return expandable
    return str(getattr(expandable, "id", "")) or None


def metadata_value(metadata: object, name: str) -> str | None:
    """Return one value of an object's metadata, or None."""
    if not isinstance(metadata, stripe.StripeObject) or name not in metadata:
        return None
    return str(metadata[name])


def _captures(charge: Charge | None) -> tuple[Capture, ...]:
    """Return the money taken; a bank debit under way may be captured and booked already, and still fail."""
    if charge is None or charge.status != "succeeded" or not charge.amount_captured:
        return ()
    booked = charge.balance_transaction
    capture = Capture(
        external_id=charge.id,
        amount=from_stripe(charge.amount_captured, charge.currency),
        settlement=settlement(booked) if isinstance(booked, stripe.BalanceTransaction) else None,
    )
    return (capture,)


def _charge_decline(charge: Charge, intent: PaymentIntent) -> Decline:
    """Read why a charge failed: the intent's last error knows most, but only of the last charge."""
    error = intent.last_payment_error
    message = redaction.scrub(charge.failure_message or "")
    if error is not None and getattr(error, "charge", None) == charge.id:
        code = getattr(error, "decline_code", None) or getattr(error, "code", None) or GENERIC
        return decline(code, message, getattr(error, "advice_code", None))
    reason = charge.outcome.reason if charge.outcome is not None else None
    code = reason if reason and charge.failure_code in (None, "card_declined") else charge.failure_code or GENERIC
    return decline(code, message, getattr(charge.outcome, "advice_code", None))


def _failure_without_charge(intent: PaymentIntent) -> AttemptSnapshot | None:
    """Return the last try if it failed before any charge was made, as a failed 3-D Secure does.

    Stripe keeps no object for it, so its id is made of what stays the same: intent, error and card.
    """
    error = intent.last_payment_error
    if error is None or getattr(error, "charge", None):
        return None
    method = getattr(error, "payment_method", None)
    code = getattr(error, "decline_code", None) or getattr(error, "code", None) or GENERIC
    return AttemptSnapshot(
        external_id=f"{intent.id}:{code}:{id_of(method) or ''}",
        state=AttemptState.DECLINED,
        amount=from_stripe(intent.amount, intent.currency),
        decline=decline(
            code, redaction.scrub(getattr(error, "message", None) or ""), getattr(error, "advice_code", None)
        ),
        method=_method(method),
    )


def _charge_method(charge: Charge | None) -> Method | None:
    return _method(charge.payment_method_details) if charge is not None else None


def _capture_before(charge: Charge | None) -> datetime | None:
    """Return until when the bank holds the money for us; only cards tell."""
    card = getattr(charge.payment_method_details, "card", None) if charge is not None else None
    told = getattr(card, "capture_before", None)
    return datetime.fromtimestamp(told, UTC) if told else None


def _intent_method(intent: PaymentIntent) -> Method | None:
    return _method(intent.payment_method) if isinstance(intent.payment_method, stripe.PaymentMethod) else None


def _method(details: object) -> Method | None:
    """Read a PaymentMethod or a charge's payment_method_details: both hold a `type` and a part of that name."""
    kind = getattr(details, "type", None)
    if not isinstance(kind, str):
        return None
    part = getattr(details, kind, None)
    return Method(kind=kind, brand=getattr(part, "brand", None) or "", last4=getattr(part, "last4", None) or "")
