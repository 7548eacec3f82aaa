"""Payments at PayPal: one order each, with one purchase unit."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from paypalcheckoutsdk.orders import (
    OrdersAuthorizeRequest,
    OrdersCaptureRequest,
    OrdersCreateRequest,
    OrdersGetRequest,
)
from paypalcheckoutsdk.payments import (
    AuthorizationsCaptureRequest,
    AuthorizationsReauthorizeRequest,
    AuthorizationsVoidRequest,
)

from shop.errors import Declined, ProviderRejected
from shop.gateways.base import (
    BACKGROUND,
    AttemptSnapshot,
    AttemptState,
    Mode,
    Patience,
    PaymentSnapshot,
    PaymentState,
    Provider,
    RefundSnapshot,
    Started,
    StartPayment,
    StartRefund,
)
from shop.gateways.paypal import refunds
from shop.gateways.paypal.amounts import to_paypal
from shop.gateways.paypal.client import PayPalClient
from shop.gateways.paypal.declines import decline
from shop.gateways.paypal.snapshots import approve_url, made, original, payment_snapshot, standing
from shop.money import Money

Json = dict[str, Any]

# The order is past what was asked of it, not there yet, or wants another verb: its state is the answer, not an error.
NOT_NOW = frozenset(
    {"ORDER_NOT_APPROVED", "ORDER_ALREADY_CAPTURED", "ORDER_COMPLETED_OR_VOIDED", "ACTION_DOES_NOT_MATCH_INTENT"}
)
AUTHORIZATION_GONE = frozenset(
    """AUTHORIZATION_ALREADY_CAPTURED AUTHORIZATION_EXPIRED AUTHORIZATION_VOIDED PREVIOUSLY_CAPTURED
    PREVIOUSLY_VOIDED""".split()
)
# For so long PayPal answers for the money; then it may be held anew, until 29 days after the first time.
# developer.paypal.com/docs/checkout/advanced/authorization-honor
HONOUR_PERIOD = timedelta(days=3)


class PayPalPayments:
    """Implements `shop.gateways.base.PaymentGateway` on PayPal's orders, captures and authorizations."""

    provider = Provider.PAYPAL

    def __init__(self, client: PayPalClient, mode: Mode) -> None:
        self._client = client
        self.mode = mode

    def start(self, request: StartPayment, key: str, patience: Patience = BACKGROUND) -> Started:
        """Create an order that waits for the customer; a repeat with the key answers with its latest state."""
        order = self._client.call(OrdersCreateRequest(), patience, key, order_body(request))
        return Started(payment_snapshot(order, self.mode), approve_url=approve_url(order))

    def reopen(self, external_id: str, patience: Patience = BACKGROUND) -> Started:
        """Fetch an order together with the address where it is approved."""
        order = self._order(external_id, patience)
        return Started(payment_snapshot(order, self.mode), approve_url=approve_url(order))

    def fetch(self, external_id: str, patience: Patience = BACKGROUND) -> PaymentSnapshot:
        """Return the order as it is; ObjectMissing once PayPal has dropped one that was not paid in time."""
        return payment_snapshot(self._order(external_id, patience), self.mode)

    def find(self, reference: str, since: datetime) -> PaymentSnapshot | None:
        """Return None: PayPal cannot look orders up by custom_id, and one that nobody approved costs nothing."""
        return None

    def capture(
        self, external_id: str, key: str, amount: Money | None = None, patience: Patience = BACKGROUND
    ) -> PaymentSnapshot:
        """Take the money of an approved order.

        An order whose capture comes later takes two calls with two keys: the first authorizes it, the second
        captures the authorization, all of it or `amount`. Which of the two a call is, PayPal tells: a repeat
        of the first is answered by its key, any other key is refused because the order is authorized already.
        A declined funding source leaves the order open; the snapshot holds the attempt and may be approved anew.
        """
        if amount is not None:
            self._check_whole(external_id, amount, patience)
        try:
            order = self._client.call(OrdersCaptureRequest(external_id), patience, key)
        except Declined as exc:
            return self._declined(external_id, key, exc, patience)
        except ProviderRejected as exc:
            if exc.code not in NOT_NOW:
                raise
            order = self._order(external_id, patience)
            if order.get("intent") == "AUTHORIZE":
                return self._authorize_or_capture(external_id, key, amount, patience)
        return payment_snapshot(order, self.mode)

    def cancel(self, external_id: str, key: str, patience: Patience = BACKGROUND) -> PaymentSnapshot:
        """Void an authorization; an order without one is simply never captured, which is as good as cancelled."""
        order = self._order(external_id, patience)
        snapshot = payment_snapshot(order, self.mode)
        if snapshot.state is PaymentState.AUTHORIZED:
            self._void(original(order)["id"], key, patience)
            return self.fetch(external_id, patience)
        if snapshot.state in (PaymentState.CREATED, PaymentState.REQUIRES_ACTION):
            return replace(snapshot, state=PaymentState.CANCELLED, needs_capture=False)
        return snapshot

    def refund(self, request: StartRefund, key: str, patience: Patience = BACKGROUND) -> RefundSnapshot:
        """Refund a capture, whole or in part."""
        return refunds.refund(self._client, request, key, patience)

    def fetch_refund(self, external_id: str, patience: Patience = BACKGROUND) -> RefundSnapshot:
        """Return a refund as PayPal holds it now."""
        return refunds.fetch(self._client, external_id, patience)

    def _order(self, external_id: str, patience: Patience) -> Json:
        return self._client.call(OrdersGetRequest(external_id), patience)

    def _check_whole(self, external_id: str, amount: Money, patience: Patience) -> None:
        """Raise ProviderRejected for a part of an order that is captured at once: PayPal takes it whole."""
        order = self._order(external_id, patience)
        if order.get("intent") == "CAPTURE" and payment_snapshot(order, self.mode).amount != amount:
            raise ProviderRejected("A PayPal order that is captured at once is captured whole", param="amount")

    def _authorize_or_capture(
        self, external_id: str, key: str, amount: Money | None, patience: Patience
    ) -> PaymentSnapshot:
        try:
            order = self._client.call(OrdersAuthorizeRequest(external_id), patience, f"{key}-authorize")
        except Declined as exc:
            return self._declined(external_id, key, exc, patience)
        except ProviderRejected as exc:
            if exc.code == "ORDER_ALREADY_AUTHORIZED":
                return self._capture_authorization(external_id, key, amount, patience)
            if exc.code not in NOT_NOW:
                raise
            return self.fetch(external_id, patience)
        return payment_snapshot(order, self.mode)

    def _capture_authorization(
        self, external_id: str, key: str, amount: Money | None, patience: Patience
    ) -> PaymentSnapshot:
        order = self._order(external_id, patience)
        body: Json = {"amount": to_paypal(amount)} if amount is not None else {}
        authorization = self._still_honoured(order, key, body, patience)
        body["final_capture"] = True
        try:
            self._client.call(AuthorizationsCaptureRequest(authorization), patience, f"{key}-capture", body)
        except ProviderRejected as exc:
            if exc.code not in AUTHORIZATION_GONE:
                raise
        return self.fetch(external_id, patience)

    def _still_honoured(self, order: Json, key: str, body: Json, patience: Patience) -> str:
        """Return the authorization to capture: one that is made anew where the honour period of the last is over.

        Where PayPal will not make it anew the last one is tried as it is: a late capture may succeed all the same.
        """
        last = standing(made(order, "authorizations"))
        since = datetime.fromisoformat(last["create_time"])
        if last["status"] != "CREATED" or self._client.told_at - since < HONOUR_PERIOD:
            return str(last["id"])
        request = AuthorizationsReauthorizeRequest(original(order)["id"])
        try:
            again = self._client.call(request, patience, f"{key}-reauthorize", body)
        except (Declined, ProviderRejected):
            return str(last["id"])
        return str(again["id"] if again.get("status") != "DENIED" else last["id"])

    def _void(self, authorization_id: str, key: str, patience: Patience) -> None:
        try:
            self._client.call(AuthorizationsVoidRequest(authorization_id), patience, key)
        except ProviderRejected as exc:
            if exc.code not in AUTHORIZATION_GONE:
                raise

    def _declined(self, external_id: str, key: str, exc: Declined, patience: Patience) -> PaymentSnapshot:
        """Tell a refused funding source as an attempt.

        PayPal keeps no object for it, so its id is made of the order and the key. The order still says
        APPROVED; it is told as waiting for the customer, who alone can choose another source.
        """
        snapshot = self.fetch(external_id, patience)
        attempt = AttemptSnapshot(
            external_id=f"{external_id}:{hashlib.sha256(key.encode()).hexdigest()[:12]}",
            state=AttemptState.DECLINED,
            amount=snapshot.amount,
            decline=decline(exc.code, str(exc)),
            method=snapshot.method,
        )
        return replace(
            snapshot, state=PaymentState.CREATED, needs_capture=False, attempts=(*snapshot.attempts, attempt)
        )


def order_body(request: StartPayment) -> Json:
    """Return the body of the order.

    Invoice ids are unique per merchant at PayPal: the order number alone would refuse a second payment of
    the same order, so the end of our reference follows it.
    """
    return {
        "intent": "AUTHORIZE" if request.capture_later else "CAPTURE",
        "purchase_units": [_unit(request)],
        "payment_source": {
            "paypal": {
                "experience_context": {
                    "brand_name": request.brand,
                    "locale": request.locale.replace("_", "-"),
                    "shipping_preference": "SET_PROVIDED_ADDRESS",
                    "user_action": "PAY_NOW",
                    "return_url": request.return_url,
                    "cancel_url": request.cancel_url,
                }
            }
        },
    }


def _unit(request: StartPayment) -> Json:
    parts = {"item_total": request.items, "shipping": request.shipping, "tax_total": request.tax}
    breakdown = {name: to_paypal(part) for name, part in parts.items()} | {"discount": to_paypal(request.discount)}
    unit: Json = {
        "custom_id": request.reference,
        "invoice_id": f"{request.order_number}-{request.reference[-6:]}",
        "description": f"{request.brand} {request.order_number}"[:127],
        "amount": {**to_paypal(request.amount), "breakdown": breakdown},
        "shipping": _shipping(request),
    }
    # PayPal refuses items that do not add up to the item total to the cent; without them it shows the total only.
    sums = Money.total((line.unit_amount * line.quantity for line in request.lines), request.amount.currency)
    if request.lines and sums == request.items:
        unit["items"] = [
            {
                "name": line.name[:127],
                "sku": line.sku[:127],
                "quantity": str(line.quantity),
                "unit_amount": to_paypal(line.unit_amount),
            }
            for line in request.lines
        ]
    return unit


def _shipping(request: StartPayment) -> Json:
    ship_to = request.ship_to
    address = {
        "address_line_1": ship_to.line1,
        "address_line_2": ship_to.line2,
        "admin_area_2": ship_to.city,
        "admin_area_1": ship_to.region,
        "postal_code": ship_to.postal_code,
        "country_code": ship_to.country,
    }
    return {"name": {"full_name": ship_to.name}, "address": {name: text for name, text in address.items() if text}}
