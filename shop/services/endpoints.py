"""Webhook endpoints: seeing to it that both providers know where to send their notices."""

from __future__ import annotations

from shop.gateways.base import Provider
from shop.gateways.housekeeping import Endpoint, Housekeeping
from shop.services.providers import context

SETTING = {Provider.STRIPE: "STRIPE_WEBHOOK_SECRETS", Provider.PAYPAL: "PAYPAL_WEBHOOK_ID"}


def address(provider: Provider) -> str:
    """Return where a provider's webhooks are to go."""
    return f"{context().settings.public_url}/webhooks/{provider}"


def find(keeper: Housekeeping) -> Endpoint | None:
    """Return the endpoint that is registered for this shop's address, if there is one."""
    url = address(keeper.provider)
    return next((endpoint for endpoint in keeper.endpoints() if endpoint.url == url), None)


def sync() -> list[str]:
    """Register, or mend, the endpoint at every provider that has keys; return what to tell the person.

    A repeat changes nothing. Stripe tells the signing secret once, when the endpoint is made.
    """
    return [_sync(keeper) for keeper in context().keepers.values()]


def _sync(keeper: Housekeeping) -> str:
    provider, url = keeper.provider, address(keeper.provider)
    found = find(keeper)
    if found is None:
        made = keeper.register(url, key=f"webhook-endpoint-{url}"[:108])
        value = made.secret or made.external_id
        return f"{provider}: registered {url}. Put this into .env:  {SETTING[provider]}={value}"
    if found.misses or not found.is_enabled:
        keeper.adjust(found)
        return f"{provider}: {url} was registered already; it now listens to everything the shop acts on."
    return f"{provider}: {url} is registered and listens to everything the shop acts on."
