"""Whoever computes tax keeps one contract: Stripe Tax at the sandbox, and the fake in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sandbox.running import Sandbox
from shop.errors import (
    ObjectMissing,
    OutcomeUnknown,
    ProviderRejected,
    ProviderUnavailable,
    ReferenceTaken,
    WrongCredentials,
)
from shop.gateways import stripe
from shop.gateways.base import INTERACTIVE, Address, ApiCall
from shop.gateways.fake import FakeTax
from shop.gateways.tax import TaxableLine, TaxGateway, TaxRequest
from shop.money import Money
from tests.gateways.cast import a_closed_port, a_key

HOME = Address("Alice Archer", "Hafenstraße 12", "", "Hamburg", "", "20457", "DE")
RATES = {"DE": {"standard": 1900, "food": 700}}


def basket(currency: str = "EUR", *, inclusive: bool = True, **changes: object) -> TaxRequest:
    """Return a tea of 10.70 and a cup of 23.80, sent for 4.90, to Germany."""

    def money(amount: int) -> Money:
        return Money(amount, currency)

    lines = (TaxableLine("tea", "food", 1, money(1070)), TaxableLine("cup", "standard", 2, money(2380)))
    return replace(TaxRequest(currency, lines, money(490), HOME, inclusive), **changes)  # type: ignore[arg-type]


@pytest.fixture(params=["stripe", "fake"])
def gateway(request: pytest.FixtureRequest) -> TaxGateway:
    """Each provider of tax."""
    if request.param == "fake":
        return FakeTax(RATES)
    calls: list[ApiCall] = []
    return stripe.tax("sk_test_sandbox", request.getfixturevalue("sandbox").stripe_api, calls.append)


def test_tax_inside_is_told_by_line_with_its_rate(gateway: TaxGateway) -> None:
    found = gateway.calculate(basket())

    assert {name: (part.amount.amount, part.basis_points) for name, part in found.lines.items()} == {
        "tea": (70, 700), "cup": (380, 1900),
    }  # fmt: skip
    assert (found.shipping.amount, found.shipping.basis_points) == (Money(78, "EUR"), 1900)
    assert found.collects
    assert found.expires_at > datetime.now(UTC)


def test_tax_on_top_is_more_than_tax_inside(gateway: TaxGateway) -> None:
    found = gateway.calculate(basket(inclusive=False))

    assert [part.amount.amount for part in found.lines.values()] == [75, 452]


def test_a_reverse_charge_has_none(gateway: TaxGateway) -> None:
    found = gateway.calculate(basket(inclusive=False, reverse_charge=True, vat_id="ATU13585627"))

    assert [part.amount.amount for part in (*found.lines.values(), found.shipping)] == [0, 0, 0]


def test_yen_have_no_decimals_to_lose(gateway: TaxGateway) -> None:
    found = gateway.calculate(basket("JPY"))

    assert found.lines["cup"].amount == Money(380, "JPY")


def test_where_nobody_is_registered_nothing_is_collected(gateway: TaxGateway) -> None:
    found = gateway.calculate(basket(ship_to=replace(HOME, country="BR")))

    assert not found.collects


def test_a_sale_is_recorded_once_and_taken_back_in_part_and_whole(gateway: TaxGateway) -> None:
    sold, other = gateway.calculate(basket()), gateway.calculate(basket())
    key = a_key()
    made = gateway.commit(sold.external_id, "TT-1", key)
    whole = gateway.commit(other.external_id, "TT-2", a_key())

    assert gateway.commit(sold.external_id, "TT-1", key) == made
    assert gateway.reverse(made, "TT-1-a", Money(500, "EUR"), a_key())
    assert gateway.reverse(whole, "TT-2-a", None, a_key())


def test_what_was_taken_back_in_part_can_be_undone_and_what_was_taken_back_whole_cannot(gateway: TaxGateway) -> None:
    part = gateway.commit(gateway.calculate(basket()).external_id, "TT-1", a_key())
    whole = gateway.commit(gateway.calculate(basket()).external_id, "TT-2", a_key())
    of_part = gateway.reverse(part, "TT-1-a", Money(3940, "EUR"), a_key())
    of_whole = gateway.reverse(whole, "TT-2-a", None, a_key())

    assert gateway.reverse(of_part, "TT-1-a-undone", None, a_key())
    with pytest.raises((ObjectMissing, ProviderRejected)):
        gateway.reverse(of_whole, "TT-2-a-undone", None, a_key())


def test_a_reference_is_used_once_be_its_key_forgotten(gateway: TaxGateway) -> None:
    sold = gateway.calculate(basket()).external_id
    made = gateway.commit(sold, "TT-1", a_key())
    part = gateway.reverse(made, "TT-1-a", Money(500, "EUR"), a_key())
    gateway.reverse(part, "TT-1-a-undone", None, a_key())

    with pytest.raises(ReferenceTaken):
        gateway.commit(sold, "TT-1", a_key())
    with pytest.raises(ReferenceTaken):
        gateway.reverse(made, "TT-1-a", Money(500, "EUR"), a_key())
    with pytest.raises(ReferenceTaken):
        gateway.reverse(part, "TT-1-a-undone", None, a_key())


def test_a_calculation_or_a_record_that_is_none_is_refused(gateway: TaxGateway) -> None:
    with pytest.raises((ObjectMissing, ProviderRejected)):
        gateway.commit("nothing", "TT-3", a_key())
    with pytest.raises((ObjectMissing, ProviderRejected)):
        gateway.reverse("tax_nothing", "TT-3-a", None, a_key())


@pytest.fixture
def at_stripe(sandbox: Sandbox) -> Callable[..., TaxGateway]:
    """Return a way to Stripe Tax with other keys or at another address."""

    def connect(key: str = "sk_test_sandbox", address: str = "") -> TaxGateway:
        return stripe.tax(key, address or sandbox.stripe_api, lambda call: None)

    return connect


def test_what_stripe_recorded_and_took_back_is_what_was_paid(
    sandbox: Sandbox, at_stripe: Callable[..., TaxGateway]
) -> None:
    gateway = at_stripe()
    made = gateway.commit(gateway.calculate(basket()).external_id, "TT-1", a_key())
    back = gateway.reverse(made, "TT-1-a", Money(1970, "EUR"), a_key())

    lines = sandbox.world.store.table("stripe.tax.line_items")
    cost = sandbox.world.store.table("stripe.tax.transaction")[back]["shipping_cost"]
    assert sum(line["amount"] for line in lines[made]) == 3450
    assert sum(line["amount"] for line in lines[back]) + cost["amount"] == -1970


def test_an_american_place_without_state_is_told_by_its_code(at_stripe: Callable[..., TaxGateway]) -> None:
    nowhere = Address("Alice", "1 Pier", "", "Somewhere", "", "", "US")

    with pytest.raises(ProviderRejected) as caught:
        at_stripe().calculate(basket("USD", inclusive=False, ship_to=nowhere))

    assert caught.value.code == "customer_tax_location_invalid"


def test_stripe_that_does_not_answer_says_so_in_our_words(
    sandbox: Sandbox, at_stripe: Callable[..., TaxGateway]
) -> None:
    sandbox.world.faults.set("stripe", "slow", times=1, seconds=3)
    with pytest.raises(OutcomeUnknown):
        at_stripe().calculate(basket(), INTERACTIVE)
    with pytest.raises(ProviderUnavailable):
        at_stripe(address=f"http://127.0.0.1:{a_closed_port()}").calculate(basket())
    with pytest.raises(WrongCredentials):
        at_stripe("sk_live_of_somebody").calculate(basket())
