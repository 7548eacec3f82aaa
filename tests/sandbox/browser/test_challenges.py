"""3-D Secure in the modal and as a page of its own: completed, failed, closed."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.sandbox.browser.conftest import (
    ONLY_CARDS,
    Open,
    challenge,
    expect_result,
    fill_card,
    pay,
)
from tests.sandbox.browser.merchant import Merchant

UNABLE = "We are unable to authenticate your payment method. Please choose a different payment method and try again."
ALWAYS_ASKS = "4000 0027 6000 3184"


def test_a_failed_challenge_can_be_tried_again_with_another_card(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options=ONLY_CARDS)
    fill_card(page, ALWAYS_ASKS)

    pay(page)
    challenge(page).locator("#test-source-fail-3ds").click()
    failed = expect_result(page, UNABLE)
    fill_card(page, "4242 4242 4242 4242")
    pay(page)
    expect_result(page, "succeeded")

    error = failed["error"]
    assert error["code"] == "payment_intent_authentication_failure"
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert merchant.status(error["payment_intent"]["id"]) == "succeeded"


def press_close(page: Page) -> None:
    page.frame_locator("iframe[src*='three-ds-2-challenge']").get_by_role("button", name="Close").click()


def press_escape_in_the_bank(page: Page) -> None:
    challenge(page).locator("#test-source-authorize-3ds").press("Escape")


@pytest.mark.parametrize("close", [press_close, press_escape_in_the_bank])
def test_a_closed_challenge_counts_as_failed(open_page: Open, merchant: Merchant, close) -> None:  # type: ignore[no-untyped-def]
    page = open_page(options=ONLY_CARDS)
    fill_card(page, ALWAYS_ASKS)
    pay(page)
    challenge(page).locator("#test-source-authorize-3ds").wait_for()

    close(page)

    result = expect_result(page, UNABLE)
    assert result["error"]["code"] == "payment_intent_authentication_failure"
    assert merchant.status(result["error"]["payment_intent"]["id"]) == "requires_payment_method"
    expect(page.locator("dialog")).to_have_count(0)


def test_a_card_may_be_declined_after_its_challenge(open_page: Open) -> None:
    page = open_page(options=ONLY_CARDS)
    fill_card(page, "4000 0082 6000 3178")

    pay(page)
    challenge(page).locator("#test-source-authorize-3ds").click()

    result = expect_result(page, "Your card has insufficient funds.")
    assert result["error"]["decline_code"] == "insufficient_funds"


def test_the_page_behind_the_challenge_cannot_be_used(open_page: Open) -> None:
    page = open_page(options=ONLY_CARDS)
    fill_card(page, ALWAYS_ASKS)

    pay(page)
    challenge(page).locator("#test-source-authorize-3ds").wait_for()

    box = page.get_by_role("button", name="Pay", include_hidden=True).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 3, box["y"] + 3)
    assert page.evaluate("window.results.length") == 0
    assert page.evaluate("document.activeElement.closest('dialog') !== null")


def test_paying_leads_to_the_return_address(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options=ONLY_CARDS, redirect="always")
    fill_card(page, ALWAYS_ASKS)

    pay(page)
    challenge(page).locator("#test-source-authorize-3ds").click()
    page.wait_for_url("**/return?**")

    query = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    assert query["order"] == "7"
    assert query["redirect_status"] == "succeeded"
    assert query["payment_intent_client_secret"].startswith(query["payment_intent"])
    assert merchant.status(query["payment_intent"]) == "succeeded"


def test_a_decline_does_not_leave_the_page(open_page: Open) -> None:
    page = open_page(options=ONLY_CARDS, redirect="always")
    fill_card(page, "4000 0000 0000 0002")

    pay(page)

    expect_result(page, "Your card was declined.")


@pytest.mark.parametrize(
    ("button", "status", "left"),
    [
        ("#test-source-authorize-3ds", "succeeded", "succeeded"),
        ("#test-source-fail-3ds", "failed", "requires_payment_method"),
    ],
)
def test_an_intent_confirmed_by_the_server_sends_the_customer_to_the_bank_and_back(
    open_page: Open, merchant: Merchant, button: str, status: str, left: str
) -> None:
    intent = merchant.intent(
        payment_method="pm_card_authenticationRequired", confirm=True, return_url=f"{merchant.address}/return?order=7"
    )
    page = open_page(options=ONLY_CARDS)

    page.evaluate("secret => void window.stripe.handleNextAction({ clientSecret: secret })", intent.client_secret)
    page.locator(button).click()
    page.wait_for_url("**/return?**")

    query = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    assert (query["order"], query["payment_intent"], query["redirect_status"]) == ("7", intent.id, status)
    assert merchant.status(intent.id) == left


def test_handle_next_action_opens_the_challenge_of_an_intent_that_waits_for_it(
    open_page: Open, merchant: Merchant
) -> None:
    intent = merchant.intent(
        payment_method="pm_card_authenticationRequired",
        confirm=True,
        automatic_payment_methods={"enabled": True, "allow_redirects": "never"},
    )
    page = open_page(options=ONLY_CARDS)

    page.evaluate(
        """secret => void window.stripe.handleNextAction({ clientSecret: secret })
             .then((result) => { document.querySelector("#result").textContent = result.paymentIntent.status; })""",
        intent.client_secret,
    )
    challenge(page).locator("#test-source-authorize-3ds").click()

    expect(page.locator("#result")).to_have_text("succeeded")


def test_the_banks_page_knows_nothing_of_an_unknown_address(merchant: Merchant) -> None:
    answer = requests.get(f"{merchant.sandbox.stripe_origin}/3ds/tdsrc_unknown", timeout=5)

    assert answer.status_code == 404
    assert "Nothing to confirm" in answer.text


def test_an_intent_that_the_shop_cancels_meanwhile_is_not_paid(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options=ONLY_CARDS)
    fill_card(page, ALWAYS_ASKS)
    pay(page)
    challenge(page).locator("#test-source-authorize-3ds").wait_for()

    intent_id = page.evaluate("window.secret").split("_secret_")[0]
    merchant.client.v1.payment_intents.cancel(intent_id)
    challenge(page).locator("#test-source-authorize-3ds").click()

    expect_result(page, "canceled")


def test_confirm_card_payment_opens_the_challenge_unless_told_not_to(open_page: Open, merchant: Merchant) -> None:
    intent = merchant.intent()
    page = open_page(options=ONLY_CARDS)
    call = """([secret, options]) => void stripe.confirmCardPayment(
        secret, { payment_method: "pm_card_threeDSecure2Required" }, options,
      ).then((result) => { document.querySelector("#result").textContent = result.paymentIntent.status; })"""

    page.evaluate(call, [intent.client_secret, {"handleActions": False}])
    expect(page.locator("#result")).to_have_text("requires_action")
    page.evaluate(call, [merchant.intent().client_secret, {}])
    challenge(page).locator("#test-source-authorize-3ds").click()

    expect(page.locator("#result")).to_have_text("succeeded")
