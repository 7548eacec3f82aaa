"""Tax calculations and transactions: https://docs.stripe.com/api/tax/calculations."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.stripe import amounts, errors, lists, tax_rates
from sandbox.stripe.models import Call, address, new_id
from sandbox.stripe.tax_rates import Rate

LIFE_SECONDS = 90 * 86_400
NAMES = {"vat": "VAT", "gst": "GST", "hst": "HST", "jct": "Japanese Consumption Tax", "sales_tax": "Sales Tax"}


def calculate(call: Call) -> dict[str, Any]:
    """POST /v1/tax/calculations: what a basket's tax is where it goes; it can be recorded for 90 days."""
    params = call.params
    currency = amounts.check_currency(params["currency"])
    details = _customer_details(call)
    lines = [_line(item, details, at) for at, item in enumerate(params["line_items"])]
    if len({line["reference"] for line in lines}) < len(lines):
        raise errors.refused("Each line item needs a reference of its own.", param="line_items")
    shipping = _shipping(params.get("shipping_cost"), details, lines)
    parts = [*lines, *([shipping] if shipping else [])]
    exclusive = sum(part["amount_tax"] for part in parts if part["tax_behavior"] == "exclusive")
    inclusive = sum(part["amount_tax"] for part in parts if part["tax_behavior"] == "inclusive")
    calculation = call.insert(
        "tax.calculation",
        {
            "amount_total": sum(part["amount"] for part in parts) + exclusive,
            "created": call.now(),
            "currency": currency,
            "customer": params.get("customer"),
            "customer_details": details,
            "expires_at": call.now() + LIFE_SECONDS,
            "livemode": False,
            "ship_from_details": None,
            "shipping_cost": shipping,
            "tax_amount_exclusive": exclusive,
            "tax_amount_inclusive": inclusive,
            "tax_breakdown": _breakdown(parts),
            "tax_date": params.get("tax_date", call.now()),
        },
    )
    calculation["_created"] = calculation.pop("created")
    call.world.store.table("stripe.tax.line_items")[calculation["id"]] = lines
    return calculation


def get_calculation(call: Call) -> dict[str, Any]:
    """GET /v1/tax/calculations/{id}."""
    return call.find("tax.calculation", call.ids[0])


def list_calculation_lines(call: Call) -> dict[str, Any]:
    """GET /v1/tax/calculations/{id}/line_items."""
    return _lines_page(call, "calculations", call.find("tax.calculation", call.ids[0])["id"])


def _lines_page(call: Call, noun: str, owner_id: str) -> dict[str, Any]:
    rows = call.world.store.table("stripe.tax.line_items").get(owner_id, [])
    return lists.cut(call.params, rows, f"/v1/tax/{noun}/{owner_id}/line_items", "line item")


def _customer_details(call: Call) -> dict[str, Any]:
    """Return the place that is taxed: given outright, or the customer's shipping or own address."""
    given = call.params.get("customer_details")
    if given is None:
        if not call.params.get("customer"):
            raise errors.missing("customer_details")
        customer = call.find("customer", call.params["customer"], "customer")
        shipped = (customer.get("shipping") or {}).get("address")
        place, source = shipped or customer.get("address"), "shipping" if shipped else "billing"
        given = {"address": place, "address_source": source}
    place = given.get("address")
    if not place or not place.get("country"):
        message = "We could not determine the customer's tax location: an address with a country is needed."
        raise errors.refused(message, param="customer_details[address]", code="customer_tax_location_invalid")
    _check_place(place)
    return {
        "address": address(place),
        "address_source": given.get("address_source"),
        "ip_address": given.get("ip_address"),
        "tax_ids": [{"type": each["type"], "value": each["value"]} for each in given.get("tax_ids") or []],
        "taxability_override": given.get("taxability_override") or "none",
    }


def _check_place(place: dict[str, Any]) -> None:
    """Raise StripeError for a country that is none, and for an American place without its state or ZIP code."""
    country = str(place["country"])
    if len(country) != 2 or not country.isalpha():
        message = f"Country '{country}' is unknown. Try using a 2-character alphanumeric country code instead."
        raise errors.refused(message, param="customer_details[address][country]")
    if country == "US" and not (place.get("state") or place.get("postal_code")):
        message = "The customer's address needs a state or a postal code to calculate tax in the United States."
        raise errors.refused(message, param="customer_details[address]", code="customer_tax_location_invalid")


def _line(item: dict[str, Any], details: dict[str, Any], at: int) -> dict[str, Any]:
    code = item.get("tax_code", tax_rates.GENERAL_CODE)
    behavior = item.get("tax_behavior", "exclusive")
    tax, rate = _tax(item["amount"], behavior, code, details)
    return {
        "id": new_id("tax_li_", 14),
        "object": "tax.calculation_line_item",
        "amount": item["amount"],
        "amount_tax": tax,
        "livemode": False,
        "metadata": item.get("metadata"),
        "product": item.get("product"),
        "quantity": item.get("quantity", 1),
        "reference": item.get("reference", f"L{at + 1}"),
        "tax_behavior": behavior,
        "tax_breakdown": [_breakdown_line(item["amount"], tax, behavior, rate)],
        "tax_code": code,
        "_rate": _rate_details(rate),
        "_reason": rate.reason,
    }


def _shipping(
    given: dict[str, Any] | None, details: dict[str, Any], lines: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """Return the tax on shipping: at the rate of the goods that are sent, the highest of several."""
    if not given:
        return None
    if "amount" not in given:
        raise errors.missing("shipping_cost[amount]")
    code = given.get("tax_code", tax_rates.SHIPPING_CODE)
    behavior = given.get("tax_behavior", "exclusive")
    dearest = max(lines, key=lambda line: Decimal(line["_rate"]["percentage_decimal"]), default=None)
    follows = dearest["tax_code"] if dearest and code == tax_rates.SHIPPING_CODE else code
    tax, rate = _tax(given["amount"], behavior, follows, details)
    return {
        "amount": given["amount"],
        "amount_tax": tax,
        "tax_behavior": behavior,
        "tax_breakdown": [_breakdown_line(given["amount"], tax, behavior, rate)],
        "tax_code": code,
        "_rate": _rate_details(rate),
        "_reason": rate.reason,
    }


def _tax(amount: int, behavior: str, code: str, details: dict[str, Any]) -> tuple[int, Rate]:
    """Return the tax on an amount, on top of it or within it, half units away from zero."""
    place = details["address"]
    rate = tax_rates.rate_for(place["country"], place["state"], code)
    override = details["taxability_override"]
    if override != "none":
        reason = "reverse_charge" if override == "reverse_charge" else "customer_exempt"
        rate = Rate(Decimal(0), rate.tax_type, reason, rate.country, rate.state)
    if behavior == "exclusive":
        tax = Decimal(amount) * rate.percent / 100
    else:
        tax = Decimal(amount) * rate.percent / (100 + rate.percent)
    return int(tax.quantize(Decimal(1), ROUND_HALF_UP)), rate


def _rate_details(rate: Rate) -> dict[str, Any]:
    return {
        "country": rate.country,
        "flat_amount": None,
        "percentage_decimal": _decimal(rate.percent),
        "rate_type": "percentage",
        "state": rate.state,
        "tax_type": rate.tax_type,
    }


def _breakdown_line(amount: int, tax: int, behavior: str, rate: Rate) -> dict[str, Any]:
    taxable = amount if behavior == "exclusive" else amount - tax
    return {
        "amount": tax,
        "jurisdiction": {
            "country": rate.country,
            "display_name": rate.state or rate.country,
            "level": rate.level,
            "state": rate.state,
        },
        "sourcing": "destination",
        "tax_rate_details": {
            "display_name": NAMES[rate.tax_type],
            "percentage_decimal": _decimal(rate.percent),
            "tax_type": rate.tax_type,
        },
        "taxability_reason": rate.reason,
        "taxable_amount": taxable if rate.percent else 0,
    }


def _breakdown(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up the parts by rate, as a receipt shows them."""
    sums: dict[tuple[str, bool, str], dict[str, Any]] = {}
    for part in parts:
        inclusive = part["tax_behavior"] == "inclusive"
        key = (part["_rate"]["percentage_decimal"], inclusive, part["_reason"])
        entry = sums.setdefault(
            key,
            {
                "amount": 0,
                "inclusive": inclusive,
                "tax_rate_details": part["_rate"],
                "taxability_reason": part["_reason"],
                "taxable_amount": 0,
            },
        )
        entry["amount"] += part["amount_tax"]
        entry["taxable_amount"] += part["tax_breakdown"][0]["taxable_amount"]
    return list(sums.values())


def _decimal(percent: Decimal) -> str:
    """Write a rate as Stripe does: 19.0, 5.5, 14.975."""
    text = f"{percent.normalize():f}"
    return text if "." in text else f"{text}.0"
