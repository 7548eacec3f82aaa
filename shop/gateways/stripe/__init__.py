"""Stripe: PaymentIntents, refunds, tax and webhooks. The only place that imports `stripe`."""

from __future__ import annotations

from collections.abc import Sequence

from shop.gateways.base import Mode, Provider, Recorder
from shop.gateways.stripe.client import StripeApi
from shop.gateways.stripe.history import StripeHistory
from shop.gateways.stripe.housekeeping import StripeHousekeeping
from shop.gateways.stripe.notices import StripeNotices
from shop.gateways.stripe.payments import StripePayments
from shop.gateways.stripe.tax import StripeTax
from shop.gateways.stripe.wallets import StripeWallet
from shop.gateways.transport import Wire


def connect(secret_key: str, api_base: str, mode: Mode, recorder: Recorder) -> StripePayments:
    """Return the gateway of one account; nothing is sent until it is used.

    `recorder` is told of every exchange, redacted, and must not raise.
    """
    return StripePayments(_api(secret_key, api_base, recorder), mode)


def keeper(secret_key: str, api_base: str, mode: Mode, recorder: Recorder) -> StripeHousekeeping:
    """Return what sets the account up."""
    return StripeHousekeeping(_api(secret_key, api_base, recorder), mode)


def history(secret_key: str, api_base: str, mode: Mode, recorder: Recorder) -> StripeHistory:
    """Return what tells of the account's past."""
    return StripeHistory(_api(secret_key, api_base, recorder), mode)


def tax(secret_key: str, api_base: str, recorder: Recorder) -> StripeTax:
    """Return the way to Stripe Tax."""
    return StripeTax(_api(secret_key, api_base, recorder))


def wallet(secret_key: str, api_base: str, mode: Mode, recorder: Recorder) -> StripeWallet:
    """Return what keeps customers' cards."""
    return StripeWallet(_api(secret_key, api_base, recorder), mode)


def _api(secret_key: str, api_base: str, recorder: Recorder) -> StripeApi:
    return StripeApi(secret_key, Wire(Provider.STRIPE, api_base, recorder, request_id_header="Request-Id"))


def reader(webhook_secrets: Sequence[str], mode: Mode) -> StripeNotices:
    """Return the reader of the account's webhooks; several secrets while one is being rolled."""
    return StripeNotices(webhook_secrets, mode)
