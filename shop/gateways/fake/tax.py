"""A provider of tax in memory: flat rates by country, and a book of what was recorded and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shop.errors import KeyReused, ObjectMissing, ProviderRejected, ReferenceTaken, ShopError
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
    losing: dict[str, ShopError] = field(default_factory=dict)  # verb: raised once, after the work was done
    keys: dict[str, tuple[object, str]] = field(default_factory=dict)  # key: what was asked, and the record made

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
        """Record a sale once; a repeat with the same key returns the same record."""

        def make() -> str:
            if not calculation.startswith("taxcalc_"):
                raise ObjectMissing(f"there is no calculation {calculation}")
            self.recorded[reference] = f"tax_{calculation}"
            return self.recorded[reference]

        return self._once("commit", key, reference, (calculation, reference), make)

    def reverse(
        self, transaction: str, reference: str, amount: Money | None, key: str, patience: Patience = BACKGROUND
    ) -> str:
        """Take back once, as `commit` records. Of reversals only that of a part is reversed, and as a whole."""

        def make() -> str:
            undone = self.reversed.get(transaction.removeprefix("rev_"))
            is_undoing = undone is not None and undone[1] is not None and amount is None
            if transaction not in self.recorded.values() and not is_undoing:
                raise ProviderRejected(f"there is no transaction {transaction}", param="original_transaction")
            self.reversed[reference] = (transaction, amount)
            return f"rev_{reference}"

        return self._once("reverse", key, reference, (transaction, reference, amount), make)

    def forget_keys(self) -> None:
        """Let a day pass, after which no key is known any more; references are used once and for all."""
        self.keys.clear()

    def _once(self, verb: str, key: str, reference: str, asked: object, work: Callable[[], str]) -> str:
        """Do the work once per key and once per reference; lose the answer where a test wants that."""
        self._fail()
        if key not in self.keys:
            if reference in self.recorded or reference in self.reversed:
                raise ReferenceTaken(f"there is a record under {reference}", param="reference")
            self.keys[key] = (asked, work())
        if self.keys[key][0] != asked:
            raise KeyReused(f"key {key} was used with other parameters")
        if verb in self.losing:
            raise self.losing.pop(verb)
        return self.keys[key][1]

    def _fail(self) -> None:
        if self.failing is not None:
            raise self.failing
