"""Payments at Stripe: one PaymentIntent each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import stripe

from shop.errors import CustomerMissing, OurBug, ProviderRejected
from shop.gateways.base import (
    BACKGROUND,
    Address,
    Mode,
    Patience,
    PaymentSnapshot,
    Provider,
    RefundSnapshot,
    Started,
    StartPayment,
    StartRefund,
)
from shop.gateways.stripe import refunds
from shop.gateways.stripe.amounts import to_stripe
from shop.gateways.stripe.client import StripeApi
from shop.gateways.stripe.errors import translated
from shop.gateways.stripe.snapshots import mode_of, payment_snapshot
from shop.money import Money

if TYPE_CHECKING:
    from stripe import Charge, PaymentIntent
    from stripe.params import PaymentIntentCreateParams, PaymentIntentCreateParamsShippingAddress

# What a snapshot needs of an intent, in one answer; Stripe expands four levels at most.
EXPAND = ["payment_method", "latest_charge.balance_transaction", "latest_charge.refunds.data.balance_transaction"]
PAGE = 100  # the most that Stripe puts on one page of a list


class StripePayments:
    """Implements `shop.gateways.base.PaymentGateway` on Stripe's PaymentIntents, charges and refunds."""

    provider = Provider.STRIPE

    def __init__(self, api: StripeApi, mode: Mode) -> None:
        self._api = api
        self.mode = mode

    def start(self, request: StartPayment, key: str, patience: Patience = BACKGROUND) -> Started:
        """Create a PaymentIntent that nobody has confirmed yet."""
        try:
            with translated():
                intents = self._api.at(patience).v1.payment_intents
                intent = intents.create(create_params(request), {"idempotency_key": key})
        except ProviderRejected as exc:
            if exc.code == "resource_missing" and exc.param == "customer":
                raise CustomerMissing(str(exc)) from exc
            raise
        return Started(self._snapshot(intent, patience), client_secret=intent.client_secret)

    def reopen(self, external_id: str, patience: Patience = BACKGROUND) -> Started:
        """Fetch a PaymentIntent together with the secret its pay page needs."""
        intent = self._retrieve(external_id, patience)
        return Started(self._snapshot(intent, patience), client_secret=intent.client_secret)

    def fetch(self, external_id: str, patience: Patience = BACKGROUND) -> PaymentSnapshot:
        """Return the intent with every charge it made; two calls, or one while it has none."""
        return self._snapshot(self._retrieve(external_id, patience), patience)

    def find(self, reference: str, since: datetime) -> PaymentSnapshot | None:
        """Look through the intents made after `since` for our reference in their metadata.

        Stripe's search would be shorter, but lags by up to a minute behind what was just written
        (docs.stripe.com/search), and what we look for was made by a call whose answer was lost.
        """
        with translated():
            page = self._api.at(BACKGROUND).v1.payment_intents.list(
                {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
            )
            for intent in page.auto_paging_iter():
                if "payment" in intent.metadata and intent.metadata["payment"] == reference:
                    return self.fetch(intent.id)
        return None

    def capture(
        self, external_id: str, key: str, amount: Money | None = None, patience: Patience = BACKGROUND
    ) -> PaymentSnapshot:
        """Capture an authorized intent; one that is captured or cancelled already is answered as it is."""
        intents = self._api.at(patience).v1.payment_intents

        def act() -> PaymentIntent:
            if amount is None:
                return intents.capture(external_id, {"expand": EXPAND}, {"idempotency_key": key})
            return intents.capture(
                external_id, {"amount_to_capture": to_stripe(amount), "expand": EXPAND}, {"idempotency_key": key}
            )

        return self._unless_moved_on(external_id, act, patience)

    def cancel(self, external_id: str, key: str, patience: Patience = BACKGROUND) -> PaymentSnapshot:
        """Cancel an intent; one that took the money first is answered as it is."""
        intents = self._api.at(patience).v1.payment_intents
        return self._unless_moved_on(
            external_id, lambda: intents.cancel(external_id, {"expand": EXPAND}, {"idempotency_key": key}), patience
        )

    def refund(self, request: StartRefund, key: str, patience: Patience = BACKGROUND) -> RefundSnapshot:
        """Refund a charge, whole or in part."""
        return refunds.refund(self._api, request, key, patience)

    def fetch_refund(self, external_id: str, patience: Patience = BACKGROUND) -> RefundSnapshot:
        """Return a refund as Stripe holds it now."""
        return refunds.fetch(self._api, external_id, patience)

    def _unless_moved_on(
        self, external_id: str, act: Callable[[], PaymentIntent], patience: Patience
    ) -> PaymentSnapshot:
        """Run a verb; where the intent is past the state it needs, that state is the answer and not an error."""
        try:
            with translated():
                intent = act()
        except ProviderRejected as exc:
            if exc.code != "payment_intent_unexpected_state":
                raise
            return self.fetch(external_id, patience)
        return self._snapshot(intent, patience)

    def _retrieve(self, external_id: str, patience: Patience) -> PaymentIntent:
        with translated():
            return self._api.at(patience).v1.payment_intents.retrieve(external_id, {"expand": EXPAND})

    def _snapshot(self, intent: PaymentIntent, patience: Patience) -> PaymentSnapshot:
        """Complete an intent with the charges that failed before its latest one."""
        if mode_of(intent.livemode) is not self.mode:
            raise OurBug(f"{intent.id} belongs to the other mode than this shop's keys ({self.mode})")
        if intent.latest_charge is None:
            return payment_snapshot(intent, (), ())
        client = self._api.at(patience).v1
        with translated():
            charges = client.charges.list({"payment_intent": intent.id, "limit": PAGE})
            taken_back = refunds.of_charge(self._api, intent.latest_charge, patience)
        return payment_snapshot(intent, _with_latest(charges.data, intent), taken_back)


def _with_latest(charges: list[Charge], intent: PaymentIntent) -> list[Charge]:
    """Take the latest charge from the intent itself, so that the two agree whatever happened in between."""
    latest = intent.latest_charge
    if not isinstance(latest, stripe.Charge):
        return charges
    return [latest, *(charge for charge in charges if charge.id != latest.id)]


def create_params(request: StartPayment) -> PaymentIntentCreateParams:
    """Return the parameters of the PaymentIntent.

    No `receipt_email`: the shop mails its own receipt. Which methods are offered is decided in Stripe's
    dashboard, currency and amount permitting.
    """
    params: PaymentIntentCreateParams = {
        "amount": to_stripe(request.amount),
        "currency": request.amount.currency.lower(),
        "automatic_payment_methods": {"enabled": True},
        "capture_method": "manual" if request.capture_later else "automatic_async",
        "description": f"{request.brand} {request.order_number}",
        "metadata": {"payment": request.reference, "order": request.order_number},
        "shipping": {"name": request.ship_to.name, "address": _address(request.ship_to)},
    }
    if request.customer is not None:
        params["customer"] = request.customer
    if request.challenge:
        params["payment_method_options"] = {"card": {"request_three_d_secure": "any"}}
    return params


def _address(ship_to: Address) -> PaymentIntentCreateParamsShippingAddress:
    """Return the address without its empty parts: an empty string would ask Stripe to unset something."""
    parts: PaymentIntentCreateParamsShippingAddress = {"line1": ship_to.line1, "country": ship_to.country}
    if ship_to.line2:
        parts["line2"] = ship_to.line2
    if ship_to.city:
        parts["city"] = ship_to.city
    if ship_to.region:
        parts["state"] = ship_to.region
    if ship_to.postal_code:
        parts["postal_code"] = ship_to.postal_code
    return parts
