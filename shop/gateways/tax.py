"""What a provider of tax is to the shop: it computes what a basket owes where it goes, and records what was sold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shop.gateways.base import BACKGROUND, Address, Patience
from shop.money import Money


@dataclass(frozen=True)
class TaxableLine:
    """So many of one thing: `amount` is what all of them cost after their share of a discount.

    `kind` is ours ("food", "standard"); each gateway knows the provider's code for it.
    """

    reference: str
    kind: str
    quantity: int
    amount: Money


@dataclass(frozen=True)
class TaxRequest:
    """A basket that goes somewhere. `inclusive` tells whether its amounts have their tax inside.

    `vat_id` is the buyer's, as we checked it; with `reverse_charge` the buyer owes the tax, and we do not.
    """

    currency: str
    lines: tuple[TaxableLine, ...]
    shipping: Money
    ship_to: Address
    inclusive: bool
    vat_id: str = ""
    reverse_charge: bool = False


@dataclass(frozen=True)
class PartTax:
    """The tax of one part, and its rate in basis points, rounded: some rates are finer."""

    amount: Money
    basis_points: int


@dataclass(frozen=True)
class TaxCalculation:
    """What the provider computed: by the lines' references, and for shipping. It can be recorded until `expires_at`.

    `collects` is false where the merchant is not registered to collect tax there.
    """

    external_id: str
    lines: dict[str, PartTax]
    shipping: PartTax
    collects: bool
    expires_at: datetime


class TaxGateway(Protocol):
    """A provider of tax.

    Every verb may raise what those of PaymentGateway do. A place that it cannot find is ProviderRejected with the
    code "customer_tax_location_invalid". `commit` and `reverse` are safe to repeat with the same key; with one that the
    provider has forgotten they raise ReferenceTaken where the first call was carried out. No provider tells a record's
    id by its reference (docs.stripe.com/api/tax/transactions: it is retrieved by its id, and there is no list).
    """

    def calculate(self, request: TaxRequest, patience: Patience = BACKGROUND) -> TaxCalculation:
        """Return what a basket owes; nothing is recorded."""

    def commit(self, calculation: str, reference: str, key: str, patience: Patience = BACKGROUND) -> str:
        """Record the sale that was calculated, once per reference; return the record's id."""

    def reverse(
        self, transaction: str, reference: str, amount: Money | None, key: str, patience: Patience = BACKGROUND
    ) -> str:
        """Take back `amount` of a record, tax in it, spread over its lines; None for all of it. Returns its id.

        What was taken back as a part is undone by reversing that reversal, None as its amount; one of a whole is not.
        """
