"""Every test card does what Stripe's page on testing says."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from sandbox.stripe.cards import BY_TOKEN, ROWS, is_luhn
from tests.sandbox.stripe.conftest import RETURN_URL

GOOD = [row for row in ROWS if row.charge is None and row.three_ds in ("never", "optional")]
DECLINED = [row for row in ROWS if row.charge is not None and row.three_ds in ("never", "optional")]


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row.number)
def test_a_card_that_succeeds(row: Any, card: Callable[..., str], pay: Callable[..., Any]) -> None:
    cvc = "1234" if row.brand == "amex" else "123"

    intent = pay(card(row.number, cvc=cvc), expand=["latest_charge"])

    paid = intent.latest_charge
    assert (intent.status, paid.paid, paid.outcome.type) == ("succeeded", True, "authorized")
    assert paid.payment_method_details.card.last4 == row.number[-4:]
    assert paid.payment_method_details.card.brand == row.brand
    assert paid.outcome.risk_level == row.risk_level


@pytest.mark.parametrize("row", DECLINED, ids=lambda row: row.number)
def test_a_card_that_is_declined(
    row: Any, card: Callable[..., str], pay: Callable[..., Any], server: Any, event_types: Callable[[], list[str]]
) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay(card(row.number))

    error = refusal.value.error
    assert (refusal.value.http_status, error.code, error.decline_code) == (
        402,
        row.charge.code,
        row.charge.decline_code,
    )
    intent = server.payment_intents.retrieve(error.payment_intent.id, {"expand": ["latest_charge"]})
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error.code == row.charge.code
    assert (intent.latest_charge.id, intent.latest_charge.status) == (error.charge, "failed")
    assert intent.latest_charge.outcome.type == ("blocked" if row.blocked else "issuer_declined")
    assert event_types() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


@pytest.mark.parametrize(
    ("number", "decline_code"),
    [
        ("4000000000000002", "generic_decline"),
        ("4000000000009995", "insufficient_funds"),
        ("4000000000009987", "lost_card"),
        ("4000000000009979", "stolen_card"),
        ("4000000000006975", "card_velocity_exceeded"),
        ("4000000000000341", "generic_decline"),
        ("4100000000000019", "fraudulent"),
    ],
)
def test_the_declines_that_stripe_documents(
    number: str, decline_code: str, card: Callable[..., str], pay: Callable[..., Any]
) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay(card(number))

    assert (refusal.value.code, refusal.value.error.decline_code) == ("card_declined", decline_code)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "incorrect_cvc"),
        ("4000000000000119", "processing_error"),
    ],
)
def test_the_other_card_errors(number: str, code: str, card: Callable[..., str], pay: Callable[..., Any]) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay(card(number))

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"number": "42424242"}, "incorrect_number"),
        ({"exp_month": 13}, "invalid_expiry_month"),
        ({"exp_month": 0}, "invalid_expiry_month"),
        ({"exp_year": 2020}, "invalid_expiry_year"),
        ({"exp_year": 2099}, "invalid_expiry_year"),
        ({"cvc": "12"}, "invalid_cvc"),
        ({"cvc": "1234"}, "invalid_cvc"),
        ({"cvc": "abc"}, "invalid_cvc"),
        ({"number": "378282246310005", "cvc": "123"}, "invalid_cvc"),
    ],
)
def test_details_that_no_card_has_are_refused(public: Any, details: dict[str, Any], code: str) -> None:
    given = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123", **details}

    with pytest.raises(stripe.CardError) as refusal:
        public.payment_methods.create({"type": "card", "card": given})

    assert refusal.value.code == code


def test_a_raw_number_from_a_server_is_refused(server: Any) -> None:
    given = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034}

    with pytest.raises(stripe.CardError, match="generally unsafe"):
        server.payment_methods.create({"type": "card", "card": given})


@pytest.mark.parametrize("token", sorted(BY_TOKEN))
def test_a_token_stands_for_its_card(token: str, server: Any) -> None:
    method = server.payment_methods.retrieve(token)

    assert method.card.last4 == BY_TOKEN[token].number[-4:]


def test_a_card_that_saves_well_and_then_fails(server: Any, pay: Callable[..., Any]) -> None:
    customer = server.customers.create({})
    method = server.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})

    with pytest.raises(stripe.CardError):
        pay(method.id, customer=customer.id)


def test_a_declined_card_cannot_be_saved(server: Any) -> None:
    customer = server.customers.create({})

    with pytest.raises(stripe.CardError):
        server.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer.id})

    assert server.customers.payment_methods.list(customer.id).data == []


def test_every_number_in_the_table_is_well_formed() -> None:
    assert [row.number for row in ROWS if not is_luhn(row.number)] == []


def test_an_unknown_number_succeeds(card: Callable[..., str], server: Any) -> None:
    intent = server.payment_intents.create({"amount": 2000, "currency": "eur"})

    intent = server.payment_intents.confirm(
        intent.id, {"payment_method": card("4111111111111111"), "return_url": RETURN_URL}
    )

    assert intent.status == "succeeded"
