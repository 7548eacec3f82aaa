"""What an order must satisfy beyond its shape: PayPal's business rules for amounts, items and purchase units.

Each rule is a generator of `(issue, pointer, value)`; a pointer names the unit by its reference id, as PayPal does.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sandbox.paypal import amounts
from sandbox.paypal.fields import BREAKDOWN, Finding

Json = dict[str, Any]

SUBTRACTED = ("shipping_discount", "discount")
NEEDS_POSTAL_CODE = frozenset("AU CA DE ES FR GB IT JP US".split())
# What else could pay for an order, and why this merchant cannot take it.
REFUSED_SOURCES = {
    "card": "NOT_ENABLED_FOR_CARD_PROCESSING",
    "apple_pay": "NOT_ENABLED_FOR_APPLE_PAY",
    "google_pay": "NOT_ENABLED_FOR_GOOGLE_PAY",
    "token": "BILLING_AGREEMENT_NOT_FOUND",
}


def problems(order: Json) -> Iterator[Finding]:
    """Yield every rule that an order request breaks."""
    units = order["purchase_units"]
    yield from _references(units)
    yield from _currencies(units)
    if order["intent"] == "AUTHORIZE" and len(units) > 1:
        yield "UNSUPPORTED_INTENT", "/intent", order["intent"]
    for unit in units:
        yield from _unit(unit, f"/purchase_units/@reference_id=='{unit.get('reference_id', 'default')}'")
    for name in order.get("payment_source", {}):
        if name != "paypal":
            issue = REFUSED_SOURCES.get(name, "PAYMENT_SOURCE_CANNOT_BE_USED")
            yield issue, f"/payment_source/{name}", None


def _references(units: list[Json]) -> Iterator[Finding]:
    if len(units) < 2:
        return
    seen: set[str] = set()
    for index, unit in enumerate(units):
        reference = unit.get("reference_id")
        if reference is None:
            yield "REFERENCE_ID_REQUIRED", f"/purchase_units/{index}/reference_id", None
        elif reference in seen:
            yield "DUPLICATE_REFERENCE_ID", f"/purchase_units/{index}/reference_id", reference
        else:
            seen.add(reference)


def _currencies(units: list[Json]) -> Iterator[Finding]:
    found = {amount["currency_code"] for unit in units for amount in _amounts(unit)}
    if len(found) > 1:
        yield "MULTI_CURRENCY_ORDER", "/purchase_units", None


def _amounts(unit: Json) -> Iterator[Json]:
    yield unit["amount"]
    yield from _breakdown(unit).values()
    for item in unit.get("items", []):
        yield item["unit_amount"]
        if "tax" in item:
            yield item["tax"]


def _breakdown(unit: Json) -> dict[str, Json]:
    """The parts of an amount that PayPal knows; others are ignored, as every unknown field."""
    told = unit["amount"].get("breakdown", {})
    return {name: told[name] for name in BREAKDOWN if name in told}


def _unit(unit: Json, pointer: str) -> Iterator[Finding]:
    found = list(_values(unit, pointer))
    yield from found
    if not found:
        yield from _sums(unit, pointer)
    yield from _address(unit, pointer)


def _values(unit: Json, pointer: str) -> Iterator[Finding]:
    """Each amount by itself: currency, sign, decimals, size."""
    named: list[tuple[str, Json, bool]] = [("amount", unit["amount"], False)]
    named += [(f"amount/breakdown/{name}", part, True) for name, part in _breakdown(unit).items()]
    for index, item in enumerate(unit.get("items", [])):
        named.append((f"items/{index}/unit_amount", item["unit_amount"], True))
        if "tax" in item:
            named.append((f"items/{index}/tax", item["tax"], True))
    for where, amount, may_be_zero in named:
        if broken := amounts.problem(amount, may_be_zero=may_be_zero):
            issue, part = broken
            yield issue, f"{pointer}/{where}/{part}", amount[part]


def _sums(unit: Json, pointer: str) -> Iterator[Finding]:
    """The amounts together: items against their totals, the breakdown against the amount."""
    items = unit.get("items", [])
    breakdown = _breakdown(unit)
    for total_name, item_name, missing, mismatch in (
        ("item_total", "unit_amount", "ITEM_TOTAL_REQUIRED", "ITEM_TOTAL_MISMATCH"),
        ("tax_total", "tax", "TAX_TOTAL_REQUIRED", "TAX_TOTAL_MISMATCH"),
    ):
        priced = [item for item in items if item_name in item]
        if not priced:
            continue
        where = f"{pointer}/amount/breakdown/{total_name}"
        wanted = sum((Decimal(item[item_name]["value"]) * int(item["quantity"]) for item in priced), Decimal(0))
        if total_name not in breakdown:
            yield missing, where, None
        elif amounts.value_of(breakdown[total_name]) != wanted:
            yield mismatch, f"{where}/value", breakdown[total_name]["value"]
    if breakdown:
        signs = {name: -1 if name in SUBTRACTED else 1 for name in breakdown}
        whole = sum((signs[name] * amounts.value_of(part) for name, part in breakdown.items()), Decimal(0))
        if whole != amounts.value_of(unit["amount"]):
            yield "AMOUNT_MISMATCH", f"{pointer}/amount/value", unit["amount"]["value"]


def _address(unit: Json, pointer: str) -> Iterator[Finding]:
    address = unit.get("shipping", {}).get("address")
    if not address:
        return
    if not address.get("admin_area_2"):
        yield "CITY_REQUIRED", f"{pointer}/shipping/address/admin_area_2", None
    if address["country_code"] in NEEDS_POSTAL_CODE and not address.get("postal_code"):
        yield "POSTAL_CODE_REQUIRED", f"{pointer}/shipping/address/postal_code", None
