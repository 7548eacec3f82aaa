"""The small tables: declines, amounts, states, the body of an order, and what is blotted out."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.errors import OurBug, ProviderRejected
from shop.gateways import redaction
from shop.gateways.base import Line
from shop.gateways.paypal import amounts as paypal_amounts
from shop.gateways.paypal import declines as paypal_declines
from shop.gateways.paypal.payments import order_body
from shop.gateways.paypal.snapshots import payment_snapshot
from shop.gateways.stripe import amounts as stripe_amounts
from shop.gateways.stripe import declines as stripe_declines
from shop.gateways.stripe.payments import create_params
from shop.gateways.stripe.snapshots import payment_snapshot as stripe_snapshot
from shop.gateways.stripe.snapshots import payment_state
from shop.money import TWO_DECIMAL, ZERO_DECIMAL, Money
from tests.gateways.cast import alices_order, eur

NINE_HARD_CODES = """incorrect_number lost_card pickup_card stolen_card revocation_of_authorization
    revocation_of_all_authorizations authentication_required highest_risk_level transaction_not_allowed""".split()


@pytest.mark.parametrize("code", NINE_HARD_CODES)
def test_the_nine_codes_that_stripe_itself_never_retries_are_hard(code: str) -> None:
    assert stripe_declines.decline(code, "No.").hard is True


@pytest.mark.parametrize("code", ["insufficient_funds", "generic_decline", "card_velocity_exceeded", "never_seen"])
def test_a_soft_decline_may_be_tried_again_later(code: str) -> None:
    assert stripe_declines.decline(code, "No.").hard is False


def test_stripes_own_advice_comes_before_the_table() -> None:
    assert stripe_declines.decline("insufficient_funds", "No.", "do_not_try_again").hard is True
    assert stripe_declines.decline("never_seen", "No.", "try_again_later").advice == "try_again"
    assert stripe_declines.decline("incorrect_cvc", "No.", "confirm_card_data").advice == "check_details"


@pytest.mark.parametrize("code", sorted(stripe_declines.TOLD_AS_GENERIC))
def test_a_card_tester_does_not_learn_which_cards_are_known(code: str) -> None:
    told = stripe_declines.decline(code, "Your card was reported stolen.")

    assert told.code == "generic_decline"
    assert "stolen" not in told.message
    assert told.hard is True


@pytest.mark.parametrize("code", ["authentication_required", "payment_intent_authentication_failure"])
def test_a_missing_authentication_asks_for_one(code: str) -> None:
    assert stripe_declines.decline(code, "No.").advice == "authenticate"


def test_paypals_declines_are_told_too() -> None:
    assert paypal_declines.decline("INSTRUMENT_DECLINED").advice == "other_method"
    assert paypal_declines.decline("INSTRUMENT_DECLINED").hard is False
    assert paypal_declines.decline("PAYER_ACTION_REQUIRED").advice == "authenticate"
    assert paypal_declines.decline("PAYER_ACCOUNT_RESTRICTED").hard is True
    assert paypal_declines.decline("COMPLIANCE_VIOLATION", "You are on a list.").message == "The payment was declined."
    assert paypal_declines.decline("NEVER_SEEN").advice == "other_method"


@pytest.mark.parametrize(
    ("money", "sent"),
    [
        (Money(2450, "EUR"), 2450),
        (Money(2450, "JPY"), 2450),
        (Money(2450, "ISK"), 245_000),
        (Money(2400, "MGA"), 24),
        (Money(24_500, "KWD"), 24_500),
    ],
)
def test_stripe_gets_its_own_smallest_unit(money: Money, sent: int) -> None:
    assert stripe_amounts.to_stripe(money) == sent
    assert stripe_amounts.from_stripe(sent, money.currency.lower()) == money


@pytest.mark.parametrize("money", [Money(2450, "MGA"), Money(24_501, "KWD")])
def test_what_stripe_cannot_express_is_not_rounded(money: Money) -> None:
    with pytest.raises(ProviderRejected):
        stripe_amounts.to_stripe(money)


@pytest.mark.parametrize(
    ("money", "sent"),
    [
        (Money(2450, "EUR"), "24.50"),
        (Money(5, "EUR"), "0.05"),
        (Money(2450, "JPY"), "2450"),
        (Money(245_000, "HUF"), "2450"),
        (Money(100, "TWD"), "1"),
    ],
)
def test_paypal_gets_decimals_only_where_it_takes_them(money: Money, sent: str) -> None:
    amount = paypal_amounts.to_paypal(money)

    assert amount == {"currency_code": money.currency, "value": sent}
    assert paypal_amounts.from_paypal(amount) == money


def test_half_a_forint_is_not_rounded_away() -> None:
    with pytest.raises(ProviderRejected):
        paypal_amounts.to_paypal(Money(245_050, "HUF"))


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**9), st.sampled_from(sorted(TWO_DECIMAL | ZERO_DECIMAL)))
def test_money_survives_the_way_to_each_provider_and_back(amount: int, currency: str) -> None:
    money = Money(amount * 100, currency)

    assert paypal_amounts.from_paypal(paypal_amounts.to_paypal(money)) == money
    assert stripe_amounts.from_stripe(stripe_amounts.to_stripe(money), currency.lower()) == money


def test_the_parts_of_an_order_add_up_for_paypal() -> None:
    request = alices_order()

    (unit,) = order_body(request)["purchase_units"]

    values = {name: Money.from_decimal(part["value"], "EUR") for name, part in unit["amount"]["breakdown"].items()}
    assert values["item_total"] + values["shipping"] + values["tax_total"] - values["discount"] == request.amount
    assert unit["custom_id"] == request.reference
    assert unit["items"][0]["unit_amount"]["value"] == "10.00"


def test_items_that_do_not_add_up_are_left_out_rather_than_refused() -> None:
    request = alices_order(lines=(Line("Sencha", "SEN", 3, eur(666)),))

    (unit,) = order_body(request)["purchase_units"]

    assert "items" not in unit
    assert unit["amount"]["value"] == "24.50"


def test_two_payments_of_one_order_have_two_invoice_ids() -> None:
    first, second = (order_body(alices_order(order_number="TT-1"))["purchase_units"][0] for _ in range(2))

    assert first["invoice_id"] != second["invoice_id"]
    assert first["invoice_id"].startswith("TT-1-")


def test_stripe_is_not_asked_to_mail_a_receipt_and_gets_no_empty_words() -> None:
    params = create_params(alices_order())

    assert "receipt_email" not in params
    assert "line2" not in params["shipping"]["address"]  # type: ignore[operator]
    assert params["capture_method"] == "automatic_async"
    assert create_params(alices_order(capture_later=True))["capture_method"] == "manual"


def test_a_state_that_nobody_has_heard_of_is_loud() -> None:
    unit = {"amount": {"currency_code": "EUR", "value": "1.00"}, "custom_id": "p"}
    with pytest.raises(OurBug, match="requires_magic"):
        payment_state("requires_magic")
    with pytest.raises(OurBug, match="ENCHANTED"):
        payment_snapshot({"id": "O1", "status": "ENCHANTED", "purchase_units": [unit]}, mode=None)  # type: ignore[arg-type]


def test_held_money_is_told_with_the_time_it_is_let_go() -> None:
    card = {"brand": "visa", "last4": "4242", "capture_before": 1_795_824_000}
    charge = {"object": "charge", "id": "ch_1", "created": 1, "amount": 2450, "amount_captured": 0, "currency": "eur"}
    charge |= {"status": "succeeded", "payment_method_details": {"type": "card", "card": card}}
    intent = {
        "id": "pi_1",
        "amount": 2450,
        "currency": "eur",
        "livemode": False,
        "metadata": {},
        "payment_method": None,
    }
    intent |= {"metadata": {}, "status": "requires_capture", "last_payment_error": None, "latest_charge": charge}
    built = stripe.PaymentIntent.construct_from(intent, "sk_test_1")

    held = stripe_snapshot(built, [built.latest_charge], [])  # type: ignore[list-item]

    assert held.state == "authorized"
    assert held.captures == ()
    assert held.expires_at == datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_a_bank_debit_that_may_still_fail_is_not_money_taken(status: str) -> None:
    charge = {"object": "charge", "id": "py_1", "created": 1, "amount": 2450, "amount_captured": 2450}
    charge |= {"currency": "eur", "captured": True, "status": status, "balance_transaction": None, "outcome": None}
    charge |= {"failure_message": None, "failure_code": None, "payment_method_details": {"type": "sepa_debit"}}
    intent = {"id": "pi_1", "amount": 2450, "currency": "eur", "livemode": False, "metadata": {}}
    intent |= {"payment_method": None, "status": "processing", "last_payment_error": None, "latest_charge": charge}
    built = stripe.PaymentIntent.construct_from(intent, "sk_test_1")

    seen = stripe_snapshot(built, [built.latest_charge], [])  # type: ignore[list-item]

    assert seen.captures == ()


def test_a_form_is_kept_readable_without_card_key_or_person() -> None:
    form = (
        "amount=2450&client_secret=pi_1_secret_2&payment_method_data%5Bcard%5D%5Bnumber%5D=4242424242424242"
        "&shipping%5Bname%5D=Alice+Archer&shipping%5Baddress%5D%5Bline1%5D=12+Harbour+Street"
        "&description=for+alice%40example.com+with+4242+4242+4242+4242&key=sk_test_abc123"
    )

    kept = redaction.body(form, "application/x-www-form-urlencoded")

    assert "amount=2450" in kept
    for gone in ("pi_1_secret_2", "4242", "Archer", "Harbour", "alice@", "sk_test_abc123"):
        assert gone not in kept


def test_no_part_of_an_address_but_its_country_is_kept() -> None:
    form = "shipping[address][city]=Hamburg&shipping[address][state]=HH&shipping[address][country]=DE&state=open"
    place = {"admin_area_2": "Hamburg", "admin_area_1": "HH", "postal_code": "20457", "country_code": "DE"}
    told = {"shipping": {"address": place}, "state": "open", "customer_details": {"address": {"state": "HH"}}}

    kept = (
        redaction.body(form, "application/x-www-form-urlencoded"),
        redaction.body(json.dumps(told), "application/json"),
    )

    for body in kept:
        assert not [word for word in ("Hamburg", "HH", "20457") if word in body]
        assert "DE" in body
        assert "open" in body


def test_json_is_kept_readable_without_token_card_or_person() -> None:
    told = {
        "id": "O1",
        "name": "UNPROCESSABLE_ENTITY",
        "access_token": "A21AA",
        "payer": {"name": {"given_name": "Alice", "surname": "Archer"}, "email_address": "alice@example.com"},
        "payment_source": {"card": {"name": "Alice Archer", "number": "4111111111111111", "cvc": 123}},
        "items": [{"name": "Sencha", "quantity": "2"}],
        "message": "Invalid API Key provided: sk_live_51abc; Bearer A21AAxyz",
    }

    kept = redaction.body(json.dumps(told).encode(), "application/json")

    assert json.loads(kept)["name"] == "UNPROCESSABLE_ENTITY"
    assert json.loads(kept)["items"] == [{"name": "Sencha", "quantity": "2"}]
    for gone in ("A21AA", "Alice", "Archer", "alice@", "4111", "123", "sk_live_51abc"):
        assert gone not in kept


def test_numbers_that_are_no_cards_are_kept() -> None:
    assert redaction.scrub("order 1234567890123456 of 1795219200") == "order 1234567890123456 of 1795219200"


def test_a_long_body_is_cut_and_a_broken_one_is_searched() -> None:
    assert len(redaction.body(json.dumps({"a": "b" * 50_000}))) == redaction.LIMIT
    assert redaction.body("<html>key sk_test_abc</html>", "text/html") == "<html>key [redacted]</html>"
    assert redaction.body(None) == ""


@settings(deadline=None, max_examples=50)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_anything_that_is_json_can_be_redacted(anything: object) -> None:
    redaction.body(json.dumps(anything))
    redaction.without_secrets(anything)


@pytest.mark.parametrize("word", ["b" * 200_000, "_secret" * 30_000, "1 " * 100_000, "a@" * 100_000, "a." * 100_000])
def test_a_hostile_text_costs_no_more_than_its_length(word: str) -> None:
    started = time.process_time()

    redaction.scrub(word)

    assert time.process_time() - started < 1
