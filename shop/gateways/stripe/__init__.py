"""Stripe: PaymentIntents, refunds and webhooks. The only place that imports `stripe`."""

from __future__ import annotations

from collections.abc import Sequence

from shop.gateways.base import Mode, Provider, Recorder
from shop.gateways.stripe.client import StripeApi
from shop.gateways.stripe.notices import StripeNotices
from shop.gateways.stripe.payments import StripePayments
from shop.gateways.transport import Wire


def connect(secret_key: str, api_base: str, mode: Mode, recorder: Recorder) -> StripePayments:
    """Return the gateway of one account; nothing is sent until it is used.

    `recorder` is told of every exchange, redacted, and must not raise.
    """
    wire = Wire(Provider.STRIPE, api_base, recorder, request_id_header="Request-Id")
    return StripePayments(StripeApi(secret_key, wire), mode)


def reader(webhook_secrets: Sequence[str], mode: Mode) -> StripeNotices:
    """Return the reader of the account's webhooks; several secrets while one is being rolled."""
    return StripeNotices(webhook_secrets, mode)
