"""Saved cards at Stripe: a Customer each, its PaymentMethods, SetupIntents and CustomerSessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shop.errors import ObjectMissing, OurBug, ProviderRejected
from shop.gateways import redaction
from shop.gateways.base import BACKGROUND, Decline, Mode, Patience, Provider
from shop.gateways.stripe.client import StripeApi
from shop.gateways.stripe.declines import GENERIC, decline
from shop.gateways.stripe.errors import translated
from shop.gateways.stripe.snapshots import id_of, metadata_value, mode_of
from shop.gateways.wallets import (
    NewCustomer,
    SavedMethodSnapshot,
    SetupSnapshot,
    SetupState,
    StartedSetup,
    WalletSnapshot,
)

if TYPE_CHECKING:
    from stripe import PaymentMethod, SetupIntent
    from stripe.params import CustomerSessionCreateParamsComponents, SetupIntentCreateParams

PAGE = 100  # the most that Stripe puts on one page of a list

# docs.stripe.com/payments/intents
SETUP_STATES = {
    "requires_payment_method": SetupState.CREATED,
    "requires_confirmation": SetupState.CREATED,
    "requires_action": SetupState.REQUIRES_ACTION,
    "processing": SetupState.PROCESSING,
    "succeeded": SetupState.SUCCEEDED,
    "canceled": SetupState.CANCELLED,
}
# Removing is for the account page alone, which knows what is still owed on a card. Only what its owner ticked
# is shown: docs.stripe.com/payments/save-customer-payment-methods.
COMPONENTS: CustomerSessionCreateParamsComponents = {
    "payment_element": {
        "enabled": True,
        "features": {
            "payment_method_redisplay": "enabled",
            "payment_method_allow_redisplay_filters": ["always"],
            "payment_method_redisplay_limit": 10,
            "payment_method_save": "enabled",
            "payment_method_save_usage": "off_session",
            "payment_method_remove": "disabled",
        },
    }
}


class StripeWallet:
    """Implements `shop.gateways.wallets.Wallet`."""

    provider = Provider.STRIPE

    def __init__(self, api: StripeApi, mode: Mode) -> None:
        self._api = api
        self.mode = mode

    def create_customer(self, customer: NewCustomer, key: str, patience: Patience = BACKGROUND) -> str:
        """Create a Customer that carries our reference."""
        metadata = {"customer": customer.reference}
        with translated():
            made = self._v1(patience).customers.create(
                {"email": customer.email, "metadata": metadata}, {"idempotency_key": key}
            )
        self._check_mode(made.livemode, made.id)
        return str(made.id)

    def find_customer(self, reference: str, since: datetime) -> str | None:
        """Look through the customers made after `since`: Stripe's search lags behind what was just written."""
        with translated():
            page = self._v1(BACKGROUND).customers.list({"created": {"gte": int(since.timestamp())}, "limit": PAGE})
            for customer in page.auto_paging_iter():
                if metadata_value(customer.metadata, "customer") == reference:
                    return str(customer.id)
        return None

    def set_email(self, customer: str, email: str, patience: Patience = BACKGROUND) -> None:
        """Update the Customer's mail address."""
        with translated():
            self._v1(patience).customers.update(customer, {"email": email})

    def delete_customer(self, customer: str, patience: Patience = BACKGROUND) -> None:
        """Delete the Customer; Stripe detaches its payment methods."""
        try:
            with translated():
                self._v1(patience).customers.delete(customer)
        except ObjectMissing:
            return

    def fetch(self, customer: str, patience: Patience = BACKGROUND) -> WalletSnapshot:
        """Return the Customer's payment methods and which of them is its default; two calls."""
        client = self._v1(patience)
        with translated():
            found = client.customers.retrieve(customer)
            if getattr(found, "deleted", False):
                raise ObjectMissing(f"customer {customer} was deleted at Stripe")
            methods = list(client.customers.payment_methods.list(customer, {"limit": PAGE}).auto_paging_iter())
        self._check_mode(found.livemode, customer)
        settings = found.invoice_settings
        chosen = id_of(settings.default_payment_method) if settings is not None else None
        return WalletSnapshot(customer, chosen, tuple(_method(each) for each in methods))

    def open_session(self, customer: str, patience: Patience = BACKGROUND) -> str:
        """Create a CustomerSession for the Payment Element."""
        with _missing_told():
            made = self._v1(patience).customer_sessions.create({"customer": customer, "components": COMPONENTS})
        return str(made.client_secret)

    def start_setup(
        self, customer: str, reference: str, key: str, *, challenge: bool = False, patience: Patience = BACKGROUND
    ) -> StartedSetup:
        """Create a SetupIntent that nobody has confirmed yet: cards only, for use while their owner is away too."""
        params: SetupIntentCreateParams = {
            "customer": customer,
            "allowed_payment_method_types": ["card"],
            "usage": "off_session",
            "metadata": {"setup": reference},
        }
        if challenge:
            params["payment_method_options"] = {"card": {"request_three_d_secure": "any"}}
        with _missing_told():
            return _started(self._v1(patience).setup_intents.create(params, {"idempotency_key": key}))

    def fetch_setup(self, external_id: str, patience: Patience = BACKGROUND) -> StartedSetup:
        """Return a SetupIntent as it is now."""
        with translated():
            return _started(self._v1(patience).setup_intents.retrieve(external_id))

    def cancel_setup(self, external_id: str, patience: Patience = BACKGROUND) -> None:
        """Cancel a SetupIntent, unless it has ended by itself."""
        try:
            with translated():
                self._v1(patience).setup_intents.cancel(external_id)
        except ProviderRejected as exc:
            if exc.code != "setup_intent_unexpected_state":
                raise

    def offer(self, method: str, patience: Patience = BACKGROUND) -> None:
        """Set `allow_redisplay`; a SetupIntent's method is "limited" until somebody agreed to more."""
        with translated():
            self._v1(patience).payment_methods.update(method, {"allow_redisplay": "always"})

    def make_default(self, customer: str, method: str, patience: Patience = BACKGROUND) -> None:
        """Set the Customer's default payment method, which the Payment Element shows first."""
        with _missing_told():
            self._v1(patience).customers.update(customer, {"invoice_settings": {"default_payment_method": method}})

    def detach(self, method: str, patience: Patience = BACKGROUND) -> None:
        """Detach a PaymentMethod; where it has no customer any more, Stripe's refusal is what we wanted."""
        client = self._v1(patience).payment_methods
        try:
            with translated():
                client.detach(method)
        except ObjectMissing:
            return
        except ProviderRejected:
            with translated():
                if client.retrieve(method).customer is not None:
                    raise

    def _v1(self, patience: Patience) -> Any:
        return self._api.at(patience).v1

    def _check_mode(self, livemode: bool, external_id: str) -> None:
        if mode_of(livemode) is not self.mode:
            raise OurBug(f"{external_id} belongs to the other mode than this shop's keys ({self.mode})")


@contextmanager
def _missing_told() -> Iterator[None]:
    """Translate errors; an object that is missing among the parameters is answered with 400 and not with 404."""
    try:
        with translated():
            yield
    except ProviderRejected as exc:
        if exc.code == "resource_missing":
            raise ObjectMissing(str(exc)) from exc
        raise


def _method(method: PaymentMethod) -> SavedMethodSnapshot:
    part = getattr(method, method.type, None)
    return SavedMethodSnapshot(
        external_id=method.id,
        kind=method.type,
        brand=getattr(part, "brand", None) or "",
        last4=getattr(part, "last4", None) or "",
        exp_month=getattr(part, "exp_month", None),
        exp_year=getattr(part, "exp_year", None),
        is_offered=method.allow_redisplay == "always",
    )


def _started(intent: SetupIntent) -> StartedSetup:
    if intent.status not in SETUP_STATES:
        raise OurBug(f"Stripe calls a SetupIntent {intent.status!r}; add it to SETUP_STATES before going on")
    snapshot = SetupSnapshot(
        external_id=intent.id,
        customer=id_of(intent.customer) or "",
        state=SETUP_STATES[intent.status],
        method=id_of(intent.payment_method),
        decline=_decline(intent),
        attempt=_attempt(intent),
    )
    return StartedSetup(snapshot, intent.client_secret or "")


def _decline(intent: SetupIntent) -> Decline | None:
    error = intent.last_setup_error
    if error is None:
        return None
    code = getattr(error, "decline_code", None) or getattr(error, "code", None) or GENERIC
    message = redaction.scrub(getattr(error, "message", None) or "")
    return decline(code, message, getattr(error, "advice_code", None))


def _attempt(intent: SetupIntent) -> str:
    """Return what the last failed try is known by: its SetupAttempt, or the card, which is a new one each time."""
    error = intent.last_setup_error
    return id_of(intent.latest_attempt) or id_of(getattr(error, "payment_method", None)) or ""
