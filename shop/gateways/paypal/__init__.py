"""PayPal: orders, captures, refunds and webhooks. The only place that imports `paypalcheckoutsdk`."""

from __future__ import annotations

from collections.abc import Sequence

from shop.gateways.base import Mode, Provider, Recorder
from shop.gateways.paypal.certificates import Certificates
from shop.gateways.paypal.client import PayPalClient
from shop.gateways.paypal.history import PayPalHistory
from shop.gateways.paypal.housekeeping import PayPalHousekeeping
from shop.gateways.paypal.notices import PayPalNotices
from shop.gateways.paypal.payments import PayPalPayments
from shop.gateways.transport import Wire


def connect(client_id: str, client_secret: str, api_base: str, mode: Mode, recorder: Recorder) -> PayPalPayments:
    """Return the gateway of one account; nothing is sent until it is used.

    `recorder` is told of every exchange, redacted, and must not raise.
    """
    return PayPalPayments(_client(client_id, client_secret, api_base, recorder), mode)


def keeper(client_id: str, client_secret: str, api_base: str, mode: Mode, recorder: Recorder) -> PayPalHousekeeping:
    """Return what sets the account up."""
    return PayPalHousekeeping(_client(client_id, client_secret, api_base, recorder), mode)


def history(client_id: str, client_secret: str, api_base: str, mode: Mode, recorder: Recorder) -> PayPalHistory:
    """Return what tells of the account's past."""
    return PayPalHistory(_client(client_id, client_secret, api_base, recorder), mode)


def _client(client_id: str, client_secret: str, api_base: str, recorder: Recorder) -> PayPalClient:
    wire = Wire(Provider.PAYPAL, api_base, recorder, request_id_header="PayPal-Debug-Id")
    return PayPalClient(client_id, client_secret, wire)


def reader(webhook_ids: Sequence[str], api_base: str, mode: Mode) -> PayPalNotices:
    """Return the reader of these webhooks; whose certificate it believes follows from `api_base` alone."""
    return PayPalNotices(webhook_ids, Certificates(api_base), mode)
