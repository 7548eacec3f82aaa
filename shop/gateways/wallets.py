"""What a provider keeps for a customer who comes again: a customer of theirs, and the cards saved with it.

A wallet knows no ORM and no Flask. It answers with snapshots, as a `PaymentGateway` does, and raises what that
one raises; a verb with a `key` may be repeated with the same key and parameters. No card number ever passes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shop.gateways.base import BACKGROUND, Decline, Mode, Patience, Provider


class SetupState(StrEnum):
    """Where the saving of a card stands: a bank may ask its customer first, as for a payment."""

    CREATED = "created"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class NewCustomer:
    """Whom a provider is to know: `reference` is our row's public id, by which the customer is found again."""

    reference: str
    email: str


@dataclass(frozen=True)
class SavedMethodSnapshot:
    """One saved method. `kind` is card, sepa_debit, ...; a card alone has an expiry, its year in four digits.

    `is_offered` says that its owner agreed to see it again at the till.
    """

    external_id: str
    kind: str
    brand: str
    last4: str
    exp_month: int | None
    exp_year: int | None
    is_offered: bool


@dataclass(frozen=True)
class WalletSnapshot:
    """All that a provider keeps for one customer now, the newest method first."""

    customer: str
    default: str | None
    methods: tuple[SavedMethodSnapshot, ...]


@dataclass(frozen=True)
class SetupSnapshot:
    """The saving of one card, as the provider tells it; `decline` is why the last try failed, if it did.

    `attempt` tells that try apart from the one before it.
    """

    external_id: str
    customer: str
    state: SetupState
    method: str | None = None
    decline: Decline | None = None
    attempt: str = ""


@dataclass(frozen=True)
class StartedSetup:
    """A saving that began; the browser needs `client_secret` to go on, and nobody stores it."""

    snapshot: SetupSnapshot
    client_secret: str


class Wallet(Protocol):
    """A provider that keeps cards. Its verbs raise as those of `PaymentGateway` do."""

    provider: Provider
    mode: Mode

    def create_customer(self, customer: NewCustomer, key: str, patience: Patience = BACKGROUND) -> str:
        """Make a customer and return its id at the provider."""

    def find_customer(self, reference: str, since: datetime) -> str | None:
        """Look a customer up by our reference among those made after `since`; None if there is none."""

    def set_email(self, customer: str, email: str, patience: Patience = BACKGROUND) -> None:
        """Tell the provider a customer's new mail address; a repeat does no harm. ObjectMissing where it is gone."""

    def delete_customer(self, customer: str, patience: Patience = BACKGROUND) -> None:
        """Forget a customer, with every method saved for them; one that is gone already is no error."""

    def fetch(self, customer: str, patience: Patience = BACKGROUND) -> WalletSnapshot:
        """Return what is kept for a customer now; raises ObjectMissing for one that was deleted there."""

    def open_session(self, customer: str, patience: Patience = BACKGROUND) -> str:
        """Return the client secret by which the pay page shows this customer's cards, and offers to save another.

        It lives for half an hour at Stripe, and lets nobody remove a card.
        """

    def start_setup(
        self, customer: str, reference: str, key: str, *, challenge: bool = False, patience: Patience = BACKGROUND
    ) -> StartedSetup:
        """Begin to save a card; with `challenge` its bank is always to ask whether it is the customer."""

    def fetch_setup(self, external_id: str, patience: Patience = BACKGROUND) -> StartedSetup:
        """Return how far a saving is, together with what the browser needs to go on."""

    def cancel_setup(self, external_id: str, patience: Patience = BACKGROUND) -> None:
        """End a saving; one that has ended already is no error."""

    def offer(self, method: str, patience: Patience = BACKGROUND) -> None:
        """Let a method be offered at the till: its owner agreed to that."""

    def make_default(self, customer: str, method: str, patience: Patience = BACKGROUND) -> None:
        """Have a method chosen beforehand; raises ObjectMissing for one that this customer does not have."""

    def detach(self, method: str, patience: Patience = BACKGROUND) -> None:
        """Take a method from its customer for good; one that is gone already is no error."""
