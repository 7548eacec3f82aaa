"""What setting a shop up needs of a provider: whose keys these are, and where its webhooks go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from shop.gateways.base import Mode, Provider


@dataclass(frozen=True)
class Account:
    """Whose keys these are, as the provider tells it; `external_id` is empty where it does not say."""

    external_id: str
    mode: Mode


@dataclass(frozen=True)
class Endpoint:
    """A registered webhook address. `secret` is told once, when it is made, and only by Stripe."""

    external_id: str
    url: str
    is_enabled: bool
    misses: tuple[str, ...] = ()
    secret: str = ""


class Housekeeping(Protocol):
    """What a person setting the shop up needs of a provider; no customer ever waits for it.

    Its verbs raise as those of PaymentGateway do.
    """

    provider: Provider

    def account(self) -> Account:
        """Return whose keys these are; raises WrongCredentials when the provider does not take them."""

    def endpoints(self) -> list[Endpoint]:
        """Return the registered webhook addresses; `misses` are the events of ours that one does not listen to."""

    def register(self, url: str, key: str) -> Endpoint:
        """Register an address for our events."""

    def adjust(self, endpoint: Endpoint) -> Endpoint:
        """Make an endpoint listen to all our events, and enable it."""
