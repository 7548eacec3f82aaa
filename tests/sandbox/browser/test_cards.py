"""Cards through the Payment Element: paid, declined and tried again, with 3-D Secure and without."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.sandbox.browser.conftest import (
    ONLY_CARDS,
    Open,
    challenge,
    expect_result,
    fill_card,
    pay,
)
from tests.sandbox.browser.merchant import Merchant


def test_a_card_pays(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options=ONLY_CARDS)

    fill_card(page, "4242 4242 4242 4242")
    pay(page)

    result = expect_result(page, "succeeded")
    assert merchant.status(result["paymentIntent"]["id"]) == "succeeded"


def test_a_declined_card_says_so_and_another_pays_the_same_intent(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options=ONLY_CARDS)
    fill_card(page, "4000 0000 0000 9995")

    pay(page)
    declined = expect_result(page, "Your card has insufficient funds.")
    fill_card(page, "4242 4242 4242 4242")
    pay(page)
    paid = expect_result(page, "succeeded")

    error = declined["error"]
    assert (error["type"], error["code"], error["decline_code"]) == (
        "card_error",
        "card_declined",
        "insufficient_funds",
    )
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert paid["paymentIntent"]["id"] == error["payment_intent"]["id"]


def test_a_completed_challenge_pays(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options=ONLY_CARDS)
    fill_card(page, "4000 0027 6000 3184")

    pay(page)
    challenge(page).locator("#test-source-authorize-3ds").click()

    result = expect_result(page, "succeeded")
    assert merchant.status(result["paymentIntent"]["id"]) == "succeeded"
    expect(page.locator("dialog")).to_have_count(0)
