"""What a merchant's page can ask of the web SDK beside a payment that goes well."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Error, Page, expect

from tests.sandbox.paypal_browser.merchant import Merchant

CREATE = "options => window.paypal.createInstance(options).then(() => 'made', error => error.name + ' ' + error.code)"


def log(page: Page) -> list[str]:
    """What the merchant's page has written down."""
    return page.locator("#log li").all_inner_texts()


def test_the_script_and_its_modules_may_be_loaded_by_any_origin(merchant: Merchant):
    for path in ("/web-sdk/v6/core", "/web-sdk/v6/modules/session.js"):
        answer = requests.get(merchant.sandbox.paypal_api + path, timeout=5)

        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert requests.get(f"{merchant.sandbox.paypal_api}/web-sdk/v6/modules/nothing.js", timeout=5).status_code == 404


@pytest.mark.parametrize(("currency", "is_eligible"), [("EUR", "true"), ("JPY", "true"), ("AED", "false")])
def test_paypal_is_eligible_for_the_currencies_it_settles_in(
    page: Page, merchant: Merchant, currency: str, is_eligible: str
):
    page.goto(f"{merchant.address}/?currency={currency}")

    expect(page.locator("#log")).to_contain_text(f"eligible {is_eligible} false")


@pytest.mark.parametrize(
    ("options", "result"),
    [
        ({"clientId": "sandbox-client", "components": ["paypal-payments"]}, "made"),
        ({"clientToken": "any", "components": ["paypal-payments", "paypal-subscriptions"]}, "made"),
        ({"components": ["paypal-payments"]}, "SdkInitError ERR_INVALID_CLIENT_TOKEN"),
        ({"clientId": "live-abc", "components": ["paypal-payments"]}, "SdkInitError ERR_INVALID_CLIENT_TOKEN"),
        ({"clientId": "sandbox-client", "components": ["card-fields"]}, "SdkInitError ERR_SANDBOX_COMPONENT"),
    ],
)
def test_an_instance_needs_a_test_client_and_components_that_exist(page: Page, options: object, result: str):
    assert page.evaluate(CREATE, options) == result


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("pay", "Pay with PayPal"),
        ("checkout", "Check out with PayPal"),
        ("buynow", "Buy now with PayPal"),
        ("", "PayPal"),
    ],
)
def test_the_button_says_what_it_does(page: Page, merchant: Merchant, kind: str, words: str):
    page.goto(f"{merchant.address}/?type={kind}")

    expect(page.locator("#pay").get_by_role("button", name=words, exact=True)).to_be_visible()


def test_the_button_speaks_the_language_of_the_instance(page: Page, merchant: Merchant):
    page.goto(f"{merchant.address}/?type=pay&locale=de-DE")

    expect(page.locator("#pay").get_by_role("button", name="Mit PayPal bezahlen", exact=True)).to_be_visible()


def test_the_button_works_by_keyboard(page: Page):
    page.locator("h1").click()
    page.keyboard.press("Tab")

    with page.expect_popup() as opened:
        page.keyboard.press("Enter")

    opened.value.get_by_role("button", name="Log in").wait_for()


def test_a_disabled_button_starts_nothing(page: Page):
    page.evaluate("document.querySelector('#pay').disabled = true")

    page.evaluate("document.querySelector('#pay').click()")
    page.locator("#pay").dispatch_event("click")

    expect(page.locator("#pay").get_by_role("button")).to_be_disabled()
    assert log(page) == ["eligible true false", "ready"]


def test_a_hidden_button_takes_no_room(page: Page):
    page.evaluate("document.querySelector('#pay').hidden = true")

    expect(page.locator("#pay")).to_be_hidden()


def test_start_wants_a_promise_and_not_its_value(page: Page):
    with pytest.raises(Error, match=r"expects a Promise. Received 'object'"):
        page.evaluate("session.start({presentationMode: 'popup'}, {orderId: 'X'})")


def test_a_second_start_brings_the_same_window_back(page: Page, merchant: Merchant):
    with page.expect_popup() as opened:
        page.locator("#pay").click()
    opened.value.get_by_role("button", name="Log in").wait_for()

    page.evaluate("start()")

    expect(page.locator("#log li").filter(has_text="started")).to_have_count(2)
    assert len(page.context.pages) == 2


def test_a_destroyed_session_closes_its_window_and_starts_no_more(page: Page):
    with page.expect_popup() as opened:
        page.locator("#pay").click()
    opened.value.get_by_role("button", name="Log in").wait_for()

    with opened.value.expect_event("close"):
        page.evaluate("session.destroy()")
    page.evaluate("start()")

    expect(page.locator("#log")).to_contain_text("rejected ERR_SANDBOX_DESTROYED")
    expect(page.locator("#log")).not_to_contain_text("cancelled")


def test_an_unknown_order_is_a_page_that_says_so(merchant: Merchant):
    answer = requests.get(f"{merchant.sandbox.paypal_api}/checkoutnow?token=NOTHING", timeout=5)

    assert answer.status_code == 404
    assert "There is no such order" in answer.text


def test_the_window_runs_no_script_that_an_order_brings(merchant: Merchant):
    order_id = merchant.order(brand_name="<script>alert(1)</script>")

    answer = requests.get(f"{merchant.sandbox.paypal_api}/checkoutnow/review?token={order_id}", timeout=5)

    assert "<script>alert(1)" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_a_shop_that_asks_again_gets_continue_instead_of_pay(merchant: Merchant):
    order_id = merchant.order(user_action="CONTINUE")

    answer = requests.get(f"{merchant.sandbox.paypal_api}/checkoutnow/review?token={order_id}", timeout=5)

    assert ">Continue</button>" in answer.text
