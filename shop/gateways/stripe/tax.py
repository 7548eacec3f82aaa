"""Stripe Tax: calculations, and the transactions that reports are made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from shop.errors import ProviderRejected, ReferenceTaken
from shop.gateways.base import BACKGROUND, Address, Patience
from shop.gateways.stripe.amounts import from_stripe, to_stripe
from shop.gateways.stripe.client import StripeApi
from shop.gateways.stripe.errors import translated
from shop.gateways.tax import PartTax, TaxableLine, TaxCalculation, TaxRequest
from shop.money import Money

if TYPE_CHECKING:
    from stripe.params.tax import (
        CalculationCreateParams,
        CalculationCreateParamsLineItem,
        TransactionCreateReversalParams,
    )

# docs.stripe.com/tax/tax-codes: tea for home consumption; tangible goods; shipping
CODES = {"food": "txcd_40060003"}
GOODS, SHIPPING = "txcd_99999999", "txcd_92010001"
NOT_COLLECTING = "not_collecting"


class StripeTax:
    """Implements `shop.gateways.tax.TaxGateway`."""

    def __init__(self, api: StripeApi) -> None:
        self._api = api

    def calculate(self, request: TaxRequest, patience: Patience = BACKGROUND) -> TaxCalculation:
        """Create a calculation. It charges nothing and binds nobody, so a repeat simply makes another."""
        with translated():
            found = self._api.at(patience).v1.tax.calculations.create(calculation_params(request))
            lines = list(found.line_items.auto_paging_iter()) if found.line_items else []
        assert found.id is not None, "a calculation that was asked for has an id"
        assert found.expires_at is not None, "and it says for how long it can be recorded"
        parts = {line.reference: _part(line, found.currency) for line in lines}
        cost = found.shipping_cost
        reasons = {row.taxability_reason for row in found.tax_breakdown}
        return TaxCalculation(
            external_id=found.id,
            lines=parts,
            shipping=_part(cost, found.currency) if cost else PartTax(Money.zero(request.currency), 0),
            collects=reasons != {NOT_COLLECTING},
            expires_at=datetime.fromtimestamp(found.expires_at, UTC),
        )

    def commit(self, calculation: str, reference: str, key: str, patience: Patience = BACKGROUND) -> str:
        """Create a transaction from a calculation."""
        with _recording():
            made = self._api.at(patience).v1.tax.transactions.create_from_calculation(
                {"calculation": calculation, "reference": reference}, {"idempotency_key": key}
            )
        return made.id

    def reverse(
        self, transaction: str, reference: str, amount: Money | None, key: str, patience: Patience = BACKGROUND
    ) -> str:
        """Create a reversal: full, or of a flat amount that Stripe spreads over the lines itself."""
        params: TransactionCreateReversalParams = {
            "mode": "full" if amount is None else "partial",
            "original_transaction": transaction,
            "reference": reference,
        }
        if amount is not None:
            params["flat_amount"] = -to_stripe(amount)
        with _recording():
            return self._api.at(patience).v1.tax.transactions.create_reversal(params, {"idempotency_key": key}).id


@contextmanager
def _recording() -> Iterator[None]:
    """Translate as everywhere, and say apart that a reference was used before: it "must be unique across all
    transactions, including reversals" (docs.stripe.com/api/tax/transactions/create_from_calculation).
    """
    try:
        with translated():
            yield
    except ProviderRejected as exc:
        if exc.param == "reference":
            raise ReferenceTaken(str(exc), exc.code, exc.param) from exc
        raise


def calculation_params(request: TaxRequest) -> CalculationCreateParams:
    """Return the parameters of a calculation.

    Prices with their tax inside are never sent with a reverse charge: Stripe would leave them as they are.
    """
    behavior: Any = "inclusive" if request.inclusive else "exclusive"
    params: CalculationCreateParams = {
        "currency": request.currency.lower(),
        "line_items": [_line(line, behavior) for line in request.lines],
        "shipping_cost": {"amount": to_stripe(request.shipping), "tax_behavior": behavior, "tax_code": SHIPPING},
        "customer_details": {
            "address": _address(request.ship_to),
            "address_source": "shipping",
            "taxability_override": "reverse_charge" if request.reverse_charge else "none",
        },
        "expand": ["line_items.data.tax_breakdown", "shipping_cost.tax_breakdown"],
    }
    if request.vat_id and request.reverse_charge:
        params["customer_details"]["tax_ids"] = [{"type": "eu_vat", "value": request.vat_id}]
    return params


def _line(line: TaxableLine, behavior: Any) -> CalculationCreateParamsLineItem:
    return {
        "amount": to_stripe(line.amount),
        "quantity": line.quantity,
        "reference": line.reference,
        "tax_behavior": behavior,
        "tax_code": CODES.get(line.kind, GOODS),
    }


def _address(ship_to: Address) -> Any:
    """Return the address without its empty parts and without a name: tax needs a place, not a person."""
    parts = {
        "line1": ship_to.line1,
        "line2": ship_to.line2,
        "city": ship_to.city,
        "state": ship_to.region,
        "postal_code": ship_to.postal_code,
        "country": ship_to.country,
    }
    return {name: value for name, value in parts.items() if value}


def _part(part: Any, currency: str) -> PartTax:
    """Return the tax of a line or of shipping; several rates on it (state and city) are added up."""
    percent = sum(
        (Decimal(row.tax_rate_details.percentage_decimal) for row in part.tax_breakdown or () if row.tax_rate_details),
        Decimal(0),
    )
    basis_points = int((percent * 100).to_integral_value(ROUND_HALF_EVEN))
    return PartTax(from_stripe(part.amount_tax, currency), basis_points)
