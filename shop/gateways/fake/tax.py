"""A provider of tax in memory: flat rates by country, and a book of what was recorded and taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shop.errors import ObjectMissing, ProviderRejected, ShopError
from shop.gateways.base import BACKGROUND, Patience
from shop.gateways.tax import PartTax, TaxCalculation, TaxRequest
from shop.money import Money

WHOLE = Decimal(10_000)


@dataclass
class FakeTax:
    """Implements `shop.gateways.tax.TaxGateway`. Countries without a rate do not collect.

    `rates` are basis points by country and kind; "standard" is for all other kinds and for shipping.
    """

    rates: dict[str, dict[str, int]] = field(default_factory=dict)
    asked: list[TaxRequest] = field(default_factory=list)
    recorded: dict[str, str] = field(default_factory=dict)  # reference: transaction
    reversed: dict[str, tuple[str, Money | None]] = field(default_factory=dict)  # reference: of what, how much
    failing: ShopError | None = None
    losing: ShopError | None = None  # raised once, after the work was done

    def calculate(self, request: TaxRequest, patience: Patience = BACKGROUND) -> TaxCalculation:
        """Compute by the flat rates, rounded half to even."""
        self._fail()
        self.asked.append(request)
        found = self.rates.get(request.ship_to.country)
        of_country = {} if found is None or request.reverse_charge else found

        def part(amount: Money, kind: str) -> PartTax:
            rate = of_country.get(kind, of_country.get("standard", 0))
            base = WHOLE + rate if request.inclusive else WHOLE
            return PartTax(amount.share(Decimal(rate), base), rate)

        return TaxCalculation(
            external_id=f"taxcalc_{len(self.asked)}",
            lines={line.reference: part(line.amount, line.kind) for line in request.lines},
            shipping=part(request.shipping, "standard"),
            collects=found is not None,
            expires_at=datetime.now(UTC) + timedelta(days=90),
        )

    def commit(self, calculation: str, reference: str, key: str, patience: Patience = BACKGROUND) -> str:
        """Record a sale once; a repeat returns the same record."""
        self._fail()
        if not calculation.startswith("taxcalc_"):
            raise ObjectMissing(f"there is no calculation {calculation}")
        return self.recorded.setdefault(reference, f"tax_{calculation}")

    def reverse(
        self, transaction: str, reference: str, amount: Money | None, key: str, patience: Patience = BACKGROUND
    ) -> str:
        """Take back once; a repeat changes nothing. Of reversals only that of a part is reversed, and as a whole."""
        self._fail()
        undone = self.reversed.get(transaction.removeprefix("rev_"))
        is_undoing = undone is not None and undone[1] is not None and amount is None
        if transaction not in self.recorded.values() and not is_undoing:
            raise ProviderRejected(f"there is no transaction {transaction}", param="original_transaction")
        self.reversed.setdefault(reference, (transaction, amount))
        lost, self.losing = self.losing, None
        if lost is not None:
            raise lost
        return f"rev_{reference}"

    def _fail(self) -> None:
        if self.failing is not None:
            raise self.failing
