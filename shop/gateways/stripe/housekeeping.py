"""Setting Stripe up: whose keys these are, and where its webhooks go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shop.gateways.base import BACKGROUND, Mode, Provider
from shop.gateways.housekeeping import Account, Endpoint
from shop.gateways.stripe.client import StripeApi
from shop.gateways.stripe.errors import translated

if TYPE_CHECKING:
    from stripe import WebhookEndpoint
    from stripe.params import WebhookEndpointCreateParams, WebhookEndpointUpdateParams

# Whatever tells that a payment, a refund or somebody's saved cards may have changed; everything else would be recorded
# as ignored.
EVENTS: tuple[Any, ...] = (  # names of events; the SDK's type for them is a literal of all there are
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "charge.failed",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "refund.created",
    "refund.failed",
    "refund.updated",
    "customer.deleted",
    "customer.updated",
    "payment_method.attached",
    "payment_method.automatically_updated",
    "payment_method.detached",
    "payment_method.updated",
    "setup_intent.setup_failed",
    "setup_intent.succeeded",
)


class StripeHousekeeping:
    """Implements `Housekeeping`."""

    provider = Provider.STRIPE

    def __init__(self, api: StripeApi, mode: Mode) -> None:
        self._v1 = api.at(BACKGROUND).v1
        self._mode = mode

    def account(self) -> Account:
        """Return the account of the secret key."""
        with translated():
            return Account(self._v1.accounts.retrieve_current().id, self._mode)

    def endpoints(self) -> list[Endpoint]:
        """Return the registered addresses."""
        with translated():
            page = self._v1.webhook_endpoints.list({"limit": 100})
            return [_endpoint(found) for found in page.auto_paging_iter()]

    def register(self, url: str, key: str) -> Endpoint:
        """Register an address; its signing secret is told now and never again."""
        params: WebhookEndpointCreateParams = {"url": url, "enabled_events": list(EVENTS)}
        with translated():
            return _endpoint(self._v1.webhook_endpoints.create(params, {"idempotency_key": key}))

    def adjust(self, endpoint: Endpoint) -> Endpoint:
        """Make an endpoint listen to all our events, and enable it."""
        params: WebhookEndpointUpdateParams = {"enabled_events": list(EVENTS), "disabled": False}
        with translated():
            return _endpoint(self._v1.webhook_endpoints.update(endpoint.external_id, params))


def _endpoint(found: WebhookEndpoint) -> Endpoint:
    listens = set(found.enabled_events)
    misses = () if "*" in listens else tuple(event for event in EVENTS if event not in listens)
    secret = found.secret if "secret" in found and found.secret else ""
    return Endpoint(found.id, found.url, found.status == "enabled", misses, secret)
