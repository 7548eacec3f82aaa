"""How often one address may do what costs something: stock, a call to a provider."""

from __future__ import annotations

from shop.services.providers import context

# Promotion codes: a person mistypes one twice; who tries a list of them needs thousands.
CODES = "10 per minute; 100 per hour"


def starts() -> str:
    """Return how many orders may be placed, or payments begun; card testing needs far more than any customer."""
    return context().settings.payment_starts


def questions() -> str:
    """Return how often a provider may be asked what became of a payment; a page that asks on does so from our rows."""
    return "60 per minute"
