"""The pay page on its bad days: each decline in the shopper's words, scripts that do not load, too many tries."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from e2e.customer import CARD, CARD_POOR, Customer
from e2e.demo import Demo


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (CARD_POOR, "does not have enough money on it"),
        ("4000000000000069", "This card has expired"),
        ("4000000000000127", "The security code is not right"),
        ("4000000000000002", "Your bank declined this payment"),
        ("4000000000009979", "Your bank declined this payment"),
        ("4000000000000119", "could not process the card just now"),
    ],
)
def test_each_decline_is_told_in_the_shoppers_words(alice: Customer, number: str, words: str) -> None:
    alice.orders_tea()

    alice.pays_by_card(number)

    alice.sees_card_error(words)
    told = alice.page.locator("#card-error").inner_text()
    alice.page.goto(alice.page.url + "/return")
    expect(alice.page.locator("#return-reason")).to_contain_text(told)


@pytest.mark.expects("net::ERR_FAILED")
def test_a_blocked_card_script_leaves_paypal_and_another_try(alice: Customer) -> None:
    alice.page.route("**/stripe.js", lambda route: route.abort())
    alice.orders_tea()

    alice.sees_card_error("The card form could not be loaded")
    expect(alice.page.locator("#card-error").get_by_role("link", name="Pay with PayPal")).to_be_visible()
    alice.page.unroute_all()
    alice.page.get_by_role("link", name="Load the page again").click()

    alice.pays_by_card(CARD)
    alice.sees_receipt()


def test_the_back_button_after_paying_leads_to_the_receipt(alice: Customer, demo: Demo) -> None:
    alice.orders_tea()
    alice.pays_by_card(CARD)
    number = alice.sees_receipt()
    before = len(demo.objects("stripe.charge"))

    alice.page.go_back()

    assert alice.sees_receipt() == number
    assert len(demo.objects("stripe.charge")) == before


def test_an_error_of_the_card_goes_when_paypal_is_used(alice: Customer) -> None:
    alice.orders_tea()
    alice.pays_by_card(CARD_POOR)
    alice.sees_card_error("enough money")

    window = alice.opens_paypal()

    expect(alice.page.locator("#card-error")).to_be_hidden()
    expect(alice.page.locator("#card")).to_have_attribute("inert", "")
    window.close()
    expect(alice.page.locator("#card")).not_to_have_attribute("inert", "")
    alice.pays_by_card(CARD)
    alice.sees_receipt()


@pytest.mark.expects("status of 429")
def test_many_declines_have_the_bank_ask_then_make_the_next_try_wait_and_the_page_counts_down(alice: Customer) -> None:
    alice.orders_tea()
    for number in range(4):
        alice.pays_by_card(CARD_POOR)
        if number == 3:
            alice.completes_challenge()
        alice.sees_card_error("enough money")
        expect(alice.page.locator("#card-pay")).not_to_have_attribute("aria-disabled", "true")
    alice.fills_card(CARD)

    alice.presses_pay()

    alice.sees_card_error("Several tries were declined")
    expect(alice.page.locator("#card-error")).to_contain_text(re.compile(r"again in \d+ seconds"))
    expect(alice.page.locator(alice.pay_button)).to_have_attribute("aria-disabled", "true")
    expect(alice.page.locator(alice.pay_button)).not_to_have_attribute("aria-disabled", "true", timeout=20_000)
    alice.presses_pay()
    alice.completes_challenge()
    alice.sees_receipt()


def test_a_total_that_changed_is_told_before_anything_is_charged(alice: Customer, demo: Demo) -> None:
    alice.orders_tea()
    before = len(demo.objects("stripe.payment_intent"))
    alice.fills_card(CARD)
    alice.page.route("**/pay/*/stripe", lambda route: route.continue_(post_data='{"amount": 1, "currency": "EUR"}'))

    alice.presses_pay()

    alice.sees_card_error("The total has changed: it is now")
    assert len(demo.objects("stripe.payment_intent")) == before
    alice.page.unroute_all()
    alice.page.get_by_role("link", name="See the new total").click()
    alice.pays_by_card(CARD)
    alice.sees_receipt()


def test_the_way_back_of_another_payment_says_so(alice: Customer) -> None:
    pay_page = alice.orders_tea()

    alice.page.goto(f"{pay_page}/return?payment_intent=pi_of_somebody&redirect_status=succeeded")

    expect(alice.page.get_by_text("belongs to another payment")).to_be_visible()
    expect(alice.page.get_by_role("heading", name="Not paid yet")).to_be_visible()
