"""A buyer pays with PayPal on a merchant's page, in a real browser."""

from __future__ import annotations

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from tests.sandbox.paypal_browser.merchant import Merchant

CLOSES_WITHIN = 10.0


def approve(window: Page | FrameLocator, funding: str = "PayPal balance") -> None:
    """Log in, choose, pay."""
    window.get_by_role("button", name="Log in").click()
    window.get_by_label(funding).check()
    window.get_by_role("button", name=re.compile("^Pay|^Continue")).click()


def open_window(page: Page) -> Page:
    """Click the button and return PayPal's window, once it shows the order."""
    with page.expect_popup() as opened:
        page.locator("#pay").click()
    opened.value.get_by_role("button", name="Log in").wait_for()
    return opened.value


def said(page: Page, words: str) -> None:
    """Wait until the merchant's page has written these words down."""
    expect(page.locator("#log")).to_contain_text(words)


def unsaid(page: Page, words: str) -> None:
    """See that the merchant's page was not told this."""
    expect(page.locator("#log")).not_to_contain_text(words)


def closed(page: Page, window: Page) -> None:
    """Wait until PayPal's window is closed: looked at again and again, for the event may be over before one listens."""
    late = time.monotonic() + CLOSES_WITHIN
    while not window.is_closed() and time.monotonic() < late:
        page.wait_for_timeout(50)
    assert window.is_closed()


def order_in(window: Page) -> str:
    """Read the order's id from the window's address."""
    found = re.search(r"token=(\w+)", window.url)
    assert found
    return found[1]


def test_an_approval_closes_the_window_and_the_shop_captures(page: Page, merchant: Merchant):
    window = open_window(page)
    order_id = order_in(window)

    approve(window)

    said(page, f'"orderId":"{order_id}"')
    said(page, '"payerId":"ALCE5BUYS7TEA"')
    said(page, "capture COMPLETED")
    said(page, 'complete {"paymentSessionState":"approved"}')
    unsaid(page, "cancelled")
    closed(page, window)
    assert merchant.status(order_id) == "COMPLETED"


def test_the_window_shows_what_is_paid_and_to_whom(page: Page):
    window = open_window(page)
    window.get_by_role("button", name="Log in").click()

    expect(window.get_by_role("heading", name="Tidewater Tea")).to_be_visible()
    expect(window.get_by_text("Keemun, 100 g")).to_be_visible()
    expect(window.get_by_text("€19.50")).to_be_visible()
    expect(window.get_by_text("€4.90")).to_be_visible()
    expect(window.get_by_role("button", name="Pay €29.40")).to_be_visible()
    expect(window.get_by_text("Ship to Alice Archer")).to_be_visible()
    window.close()


def test_cancelling_in_the_window_tells_the_shop_and_leaves_the_order_open(page: Page, merchant: Merchant):
    window = open_window(page)
    order_id = order_in(window)

    window.get_by_role("button", name="Cancel and return to Tidewater Tea").click()

    said(page, f'cancelled {{"orderId":"{order_id}"}}')
    said(page, 'complete {"paymentSessionState":"canceled"}')
    unsaid(page, "approved")
    assert merchant.status(order_id) == "PAYER_ACTION_REQUIRED"


def test_closing_the_window_is_a_cancel_and_the_shop_can_start_again(page: Page):
    open_window(page).close()
    said(page, "cancelled")

    window = open_window(page)
    approve(window)

    said(page, "capture COMPLETED")


def test_cancelling_on_the_shops_own_page_closes_the_window(page: Page):
    window = open_window(page)

    page.get_by_role("button", name="Cancel").click()

    said(page, "cancelled")
    expect(page.locator("paypal-overlay")).to_have_count(0)
    closed(page, window)


def test_a_declined_source_is_found_at_capture_and_another_one_pays_the_same_order(page: Page, merchant: Merchant):
    window = open_window(page)
    order_id = order_in(window)
    approve(window, "Card that is declined")
    said(page, "capture INSTRUMENT_DECLINED")

    page.goto(f"{merchant.address}/?again={order_id}")
    said(page, "ready")
    window = open_window(page)
    approve(window)

    said(page, "capture COMPLETED")
    assert merchant.status(order_id) == "COMPLETED"


def test_a_paid_order_cannot_be_approved_again(page: Page, merchant: Merchant):
    window = open_window(page)
    order_id = order_in(window)
    approve(window)
    said(page, "capture COMPLETED")
    merchant.expected.append("409 (CONFLICT)")

    page.goto(f"{merchant.sandbox.paypal_origin}/checkoutnow?token={order_id}")

    expect(page.get_by_role("heading", name="This order is already paid")).to_be_visible()


def test_a_bank_account_leaves_the_capture_pending(page: Page, merchant: Merchant):
    window = open_window(page)
    order_id = order_in(window)

    approve(window, "Bank account, takes a while")

    said(page, "capture")
    unit = merchant.call("GET", f"/v2/checkout/orders/{order_id}").json()["purchase_units"][0]
    assert [capture["status"] for capture in unit["payments"]["captures"]] == ["PENDING"]


def test_a_frame_over_the_page_does_the_same_as_a_window(page: Page, merchant: Merchant):
    page.goto(f"{merchant.address}/?mode=modal")
    said(page, "ready")

    page.locator("#pay").click()
    approve(page.frame_locator("paypal-overlay iframe"))

    said(page, "capture COMPLETED")
    expect(page.locator("paypal-overlay")).to_have_count(0)


def test_closing_the_frame_is_a_cancel(page: Page, merchant: Merchant):
    page.goto(f"{merchant.address}/?mode=modal")
    said(page, "ready")
    page.locator("#pay").click()
    page.frame_locator("paypal-overlay iframe").get_by_role("button", name="Log in").wait_for()

    page.keyboard.press("Escape")

    said(page, "cancelled")


def test_redirect_mode_goes_to_paypal_and_comes_back_to_the_return_address(page: Page, merchant: Merchant):
    page.goto(f"{merchant.address}/?mode=redirect")
    said(page, "ready")

    page.locator("#pay").click()
    approve(page)

    said(page, "returned")
    said(page, "capture COMPLETED")
    assert "kept=1" in page.url
    assert "PayerID=ALCE5BUYS7TEA" in page.url


def test_redirect_mode_comes_back_to_the_cancel_address(page: Page, merchant: Merchant):
    page.goto(f"{merchant.address}/?mode=redirect")
    said(page, "ready")

    page.locator("#pay").click()
    page.get_by_role("button", name="Cancel and return to Tidewater Tea").click()

    said(page, "cancelled")
    assert "left=1" in page.url


def test_an_order_that_cannot_be_made_closes_the_window_and_says_so(page: Page, merchant: Merchant):
    merchant.fails_to_create = True
    merchant.expected.append("409 (CONFLICT)")

    with page.expect_popup() as opened:
        page.locator("#pay").click()

    said(page, "error ERR_SANDBOX_CREATE_FAILED the shop could not make the order")
    said(page, "rejected")
    unsaid(page, "cancelled")
    closed(page, opened.value)


def test_modes_that_this_browser_lacks_are_refused_recoverably(page: Page):
    page.evaluate("start('payment-handler')")

    said(page, "rejected ERR_FLOW_PAYMENT_HANDLER_BROWSER_INCOMPATIBLE true")


def test_a_blocked_window_is_an_error_for_popup_and_a_frame_for_auto(page: Page, merchant: Merchant):
    merchant.expected.append("'allow-popups' permission is not set")
    page.goto(f"{merchant.address}/?blocked=1&mode=popup")
    said(page, "ready")
    page.locator("#pay").click()
    said(page, "rejected ERR_DEV_UNABLE_TO_OPEN_POPUP true")

    page.goto(f"{merchant.address}/?blocked=1&mode=auto")
    said(page, "ready")
    page.locator("#pay").click()
    approve(page.frame_locator("paypal-overlay iframe"))

    said(page, "capture COMPLETED")


def test_a_message_from_a_stranger_approves_nothing(page: Page, context: BrowserContext):
    window = open_window(page)
    order_id = order_in(window)

    page.evaluate(
        "id => window.postMessage({channel: 'paypal-approval', id, outcome: 'approved', payerId: 'X'}, '*')", order_id
    )
    window.get_by_role("button", name="Cancel and return to Tidewater Tea").click()

    said(page, "cancelled")
    unsaid(page, "approved")


def test_only_the_window_of_the_session_is_heard_and_only_about_its_own_order(page: Page, merchant: Merchant):
    window = open_window(page)
    order_id = order_in(window)
    claim = "id => opener.postMessage({channel: 'paypal-approval', id, outcome: 'approved', payerId: 'X'}, '*')"

    with page.expect_popup() as opened:
        page.evaluate("address => void open(address)", f"{merchant.sandbox.paypal_origin}/web-sdk/v6/waiting")
    opened.value.wait_for_load_state()
    opened.value.evaluate(claim, order_id)
    window.evaluate(claim, "ANOTHER-ORDER")
    window.get_by_role("button", name="Cancel and return to Tidewater Tea").click()

    said(page, "cancelled")
    unsaid(page, "approved")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 500, 1280])
def test_the_window_fits_every_screen_and_is_accessible(page: Page, merchant: Merchant, width: int, scheme: str):
    page.set_viewport_size({"width": width, "height": 720})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    order_id = merchant.order()

    for path in (f"/checkoutnow?token={order_id}", f"/checkoutnow/review?token={order_id}", "/web-sdk/v6/waiting"):
        page.goto(merchant.sandbox.paypal_origin + path)
        found = Axe().run(page)

        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the screen"


def test_the_button_and_the_cover_over_the_page_are_accessible(page: Page):
    assert Axe().run(page).violations_count == 0
    window = open_window(page)

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    window.close()
