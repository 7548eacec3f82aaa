"""Tax: calculated where the goods go, recorded, reversed."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

GOODS = "txcd_99999999"
TEA = "txcd_40060003"


@pytest.fixture
def calculate(server: Any) -> Callable[..., Any]:
    """Calculate the tax of one teapot at 100.00 that goes to a country; options replace or add parameters."""

    def calculate(country: str = "DE", state: str | None = None, **options: Any) -> Any:
        place = {"country": country, **({"state": state} if state else {})}
        return server.tax.calculations.create(
            {
                "currency": "eur",
                "line_items": [{"amount": 10_000, "reference": "teapot", "tax_code": GOODS}],
                "customer_details": {"address": place, "address_source": "shipping"},
                "expand": ["line_items"],
                **options,
            }
        )

    return calculate


@pytest.mark.parametrize(
    ("country", "state", "code", "tax"),
    [
        ("DE", None, GOODS, 1900),
        ("DE", None, TEA, 700),
        ("AT", None, GOODS, 2000),
        ("FR", None, TEA, 550),
        ("GB", None, GOODS, 2000),
        ("GB", None, TEA, 0),
        ("JP", None, GOODS, 1000),
        ("JP", None, TEA, 800),
        ("CH", None, GOODS, 810),
        ("US", "CA", GOODS, 885),
        ("US", "CA", TEA, 0),
        ("US", "OR", GOODS, 0),
        ("CA", "ON", GOODS, 1300),
        ("AU", None, GOODS, 1000),
        ("BR", None, GOODS, 0),
        ("DE", None, "txcd_00000000", 0),
    ],
)
def test_a_place_has_its_rate(
    country: str, state: str | None, code: str, tax: int, calculate: Callable[..., Any]
) -> None:
    lines = [{"amount": 10_000, "reference": "it", "tax_code": code}]

    calculation = calculate(country, state, line_items=lines)

    assert (calculation.tax_amount_exclusive, calculation.amount_total) == (tax, 10_000 + tax)
    [line] = calculation.line_items.data
    assert line.amount_tax == tax
    assert line.tax_breakdown[0].jurisdiction.country == country


def test_tax_within_a_price_is_taken_out_of_it(calculate: Callable[..., Any]) -> None:
    lines = [{"amount": 11_900, "reference": "it", "tax_code": GOODS, "tax_behavior": "inclusive"}]

    calculation = calculate(line_items=lines)

    assert (calculation.tax_amount_inclusive, calculation.tax_amount_exclusive) == (1900, 0)
    assert calculation.amount_total == 11_900


def test_shipping_is_taxed_as_the_goods_that_are_sent(calculate: Callable[..., Any]) -> None:
    calculation = calculate(
        line_items=[{"amount": 1_000, "reference": "a", "tax_code": TEA}], shipping_cost={"amount": 500}
    )

    assert calculation.shipping_cost.amount_tax == 35


def test_shipping_is_taxed_and_rates_are_added_up(calculate: Callable[..., Any]) -> None:
    lines = [
        {"amount": 1_000, "reference": "a", "tax_code": TEA},
        {"amount": 2_000, "reference": "b", "tax_code": TEA},
        {"amount": 3_000, "reference": "c", "tax_code": GOODS},
    ]

    calculation = calculate(line_items=lines, shipping_cost={"amount": 500})

    assert calculation.shipping_cost.amount_tax == 95
    rates = {
        row.tax_rate_details.percentage_decimal: (row.taxable_amount, row.amount) for row in calculation.tax_breakdown
    }
    assert rates == {"7.0": (3_000, 210), "19.0": (3_500, 665)}
    assert calculation.amount_total == 6_500 + 875


def test_the_breakdown_of_each_part_may_be_asked_for(calculate: Callable[..., Any]) -> None:
    wanted = ["line_items.data.tax_breakdown", "shipping_cost.tax_breakdown"]

    calculation = calculate(shipping_cost={"amount": 500}, expand=wanted)

    parts = [*calculation.line_items.data, calculation.shipping_cost]
    assert [part.tax_breakdown[0].tax_rate_details.percentage_decimal for part in parts] == ["19.0", "19.0"]


def test_half_a_cent_rounds_up(calculate: Callable[..., Any]) -> None:
    calculation = calculate(line_items=[{"amount": 50, "reference": "a", "tax_code": GOODS}])

    assert calculation.tax_amount_exclusive == 10  # 9.5


@pytest.mark.parametrize(
    ("override", "reason"), [("reverse_charge", "reverse_charge"), ("customer_exempt", "customer_exempt")]
)
def test_a_customer_may_be_exempt(override: str, reason: str, calculate: Callable[..., Any]) -> None:
    details = {"address": {"country": "DE"}, "address_source": "billing", "taxability_override": override}

    calculation = calculate(customer_details=details)

    assert (calculation.tax_amount_exclusive, calculation.tax_breakdown[0].taxability_reason) == (0, reason)


def test_a_customers_own_address_will_do(server: Any) -> None:
    alice = server.customers.create({"address": {"country": "AT", "line1": "Ring 1"}})

    calculation = server.tax.calculations.create(
        {"currency": "eur", "customer": alice.id, "line_items": [{"amount": 1000, "reference": "a"}]}
    )

    assert (calculation.tax_amount_exclusive, calculation.customer_details.address_source) == (200, "billing")


@pytest.mark.parametrize("place", [{"country": "US"}, {"country": "Germany"}, {"country": "9!"}])
def test_a_place_that_cannot_be_found_is_refused(place: dict[str, str], calculate: Callable[..., Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        calculate(customer_details={"address": place, "address_source": "shipping"})


def test_lines_share_no_reference(calculate: Callable[..., Any]) -> None:
    line = {"amount": 1000, "reference": "same"}

    with pytest.raises(stripe.InvalidRequestError, match="reference of its own"):
        calculate(line_items=[line, line])


def test_a_sale_is_recorded_once(calculate: Callable[..., Any], server: Any) -> None:
    record = server.tax.transactions.create_from_calculation
    calculation = calculate(shipping_cost={"amount": 500})

    sale = record({"calculation": calculation.id, "reference": "order-1", "expand": ["line_items"]})

    assert (sale.type, sale.reference, sale.shipping_cost.amount_tax) == ("transaction", "order-1", 95)
    assert [line.amount_tax for line in sale.line_items.data] == [1900]
    assert server.tax.transactions.retrieve(sale.id).id == sale.id
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        record({"calculation": calculation.id, "reference": "order-1"})


def test_a_calculation_expires(calculate: Callable[..., Any], server: Any, later: Callable[[float], None]) -> None:
    calculation = calculate()

    later(91 * 86_400)

    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        server.tax.transactions.create_from_calculation({"calculation": calculation.id, "reference": "order-1"})


def test_a_reference_outlives_its_key(
    calculate: Callable[..., Any], server: Any, later: Callable[[float], None]
) -> None:
    calculation = calculate()
    record, key = server.tax.transactions.create_from_calculation, {"idempotency_key": "of-order-1"}
    first = record({"calculation": calculation.id, "reference": "order-1"}, key)
    assert record({"calculation": calculation.id, "reference": "order-1"}, key).id == first.id

    later(25 * 3_600)

    with pytest.raises(stripe.InvalidRequestError, match="already exists") as caught:
        record({"calculation": calculation.id, "reference": "order-1"}, key)
    assert caught.value.param == "reference"


@pytest.fixture
def sale(calculate: Callable[..., Any], server: Any) -> Any:
    """A recorded sale: a teapot at 100.00, shipping at 5.00, both with 19 %."""
    calculation = calculate(shipping_cost={"amount": 500})
    return server.tax.transactions.create_from_calculation(
        {"calculation": calculation.id, "reference": "order-1", "expand": ["line_items"]}
    )


def test_a_sale_is_reversed_whole_and_once(sale: Any, server: Any) -> None:
    reverse = server.tax.transactions.create_reversal
    whole = {"mode": "full", "original_transaction": sale.id}

    reversal = reverse({**whole, "reference": "refund-1", "expand": ["line_items"]})

    assert (reversal.type, reversal.reversal.original_transaction) == ("reversal", sale.id)
    assert [(line.amount, line.amount_tax) for line in reversal.line_items.data] == [(-10_000, -1_900)]
    assert (reversal.shipping_cost.amount, reversal.shipping_cost.amount_tax) == (-500, -95)
    with pytest.raises(stripe.InvalidRequestError, match="reversed before"):
        reverse({**whole, "reference": "refund-2"})
    with pytest.raises(stripe.InvalidRequestError, match="cannot be reversed"):
        reverse({"mode": "full", "original_transaction": reversal.id, "reference": "refund-3"})


def test_a_flat_amount_is_spread_over_the_sale(sale: Any, server: Any) -> None:
    reversal = server.tax.transactions.create_reversal(
        {
            "mode": "partial",
            "original_transaction": sale.id,
            "reference": "refund-1",
            "flat_amount": -1_190,
            "expand": ["line_items"],
        }
    )

    [line] = reversal.line_items.data
    cost = reversal.shipping_cost
    assert line.amount + line.amount_tax + cost.amount + cost.amount_tax == -1_190
    assert (line.amount_tax, cost.amount_tax) == (-181, -9)


def test_a_partial_reversal_is_undone_in_full_and_a_full_one_is_not(sale: Any, server: Any) -> None:
    reverse = server.tax.transactions.create_reversal
    partial = {"mode": "partial", "original_transaction": sale.id}
    first = reverse({**partial, "reference": "refund-1", "flat_amount": -12_495})  # all of it
    with pytest.raises(stripe.InvalidRequestError, match="what is left"):
        reverse({**partial, "reference": "refund-2", "flat_amount": -1})

    undone = reverse(
        {"mode": "full", "original_transaction": first.id, "reference": "undo-1", "expand": ["line_items"]}
    )

    assert [(line.amount, line.amount_tax) for line in undone.line_items.data] == [(10_000, 1_900)]
    assert (undone.type, undone.shipping_cost.amount, undone.shipping_cost.amount_tax) == ("reversal", 500, 95)
    assert reverse({**partial, "reference": "refund-2", "flat_amount": -12_495})
    with pytest.raises(stripe.InvalidRequestError, match="reversed before"):
        reverse({"mode": "full", "original_transaction": first.id, "reference": "undo-2"})
    with pytest.raises(stripe.InvalidRequestError, match="cannot be reversed"):
        reverse({"mode": "full", "original_transaction": undone.id, "reference": "undo-3"})


def test_a_flat_amount_takes_from_what_earlier_reversals_have_left(sale: Any, server: Any) -> None:
    reverse = server.tax.transactions.create_reversal
    partial = {"mode": "partial", "original_transaction": sale.id, "expand": ["line_items"]}
    whole_line = {
        "original_line_item": sale.line_items.data[0].id, "reference": "pot", "amount": -10_000, "amount_tax": -1_900,
    }  # fmt: skip
    reverse({**partial, "reference": "refund-1", "line_items": [whole_line]})

    second = reverse({**partial, "reference": "refund-2", "flat_amount": -595})

    assert [line.amount for line in second.line_items.data] == [0]
    assert (second.shipping_cost.amount, second.shipping_cost.amount_tax) == (-500, -95)


def test_a_line_is_reversed_by_name(sale: Any, server: Any) -> None:
    line = {
        "original_line_item": sale.line_items.data[0].id,
        "reference": "one pot",
        "amount": -5_000,
        "amount_tax": -950,
    }
    partial = {"mode": "partial", "original_transaction": sale.id}
    reverse = server.tax.transactions.create_reversal

    reversal = reverse({**partial, "reference": "refund-1", "line_items": [line]})

    [reversed_line] = server.tax.transactions.line_items.list(reversal.id).data
    assert (reversed_line.amount, reversed_line.reversal.original_line_item) == (-5_000, line["original_line_item"])
    with pytest.raises(stripe.InvalidRequestError, match="must be negative"):
        reverse({**partial, "reference": "refund-2", "line_items": [{**line, "amount": 1}]})
    with pytest.raises(stripe.InvalidRequestError, match="needs line_items"):
        reverse({**partial, "reference": "refund-3"})


def test_lines_come_in_pages(calculate: Callable[..., Any], server: Any) -> None:
    lines = [{"amount": 100, "reference": f"line {n}"} for n in range(12)]
    calculation = calculate(line_items=lines)

    first = server.tax.calculations.line_items.list(calculation.id)
    everything = list(server.tax.calculations.line_items.list(calculation.id, {"limit": 5}).auto_paging_iter())

    assert (len(first.data), first.has_more, len(everything)) == (10, True, 12)
