"""Mara at her desk: she gives money back, and Alice sees it on her receipt and in her mail."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.customer import CARD, Customer
from e2e.demo import Demo

# More than three hundred euros: a stranger's order of that size is held. No other test needs so much of this tea.
MANY, DEAR = 14, "/teas/dong-ding-winter"


def sign_in(page: Page, shop: str) -> None:
    """Let Mara sign in; she arrives at the desk."""
    page.goto(f"{shop}/login")
    page.get_by_label("Mail address").fill("mara@example.com")
    page.get_by_label("Password").fill("tea-and-tide")
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Orders", exact=True)).to_be_visible()


def test_a_refund_by_the_merchant_reaches_the_customer(alice: Customer, context: BrowserContext, demo: Demo) -> None:
    alice.orders_tea()
    alice.pays_by_card(CARD)
    number = alice.sees_receipt()
    receipt = alice.page.url
    mara = context.new_page()
    sign_in(mara, demo.shop)

    mara.get_by_label("Number, mail address").fill(number)
    mara.get_by_role("button", name="Find", exact=True).click()
    mara.get_by_role("link", name=number).click()
    mara.get_by_role("link", name="Refund", exact=True).click()
    mara.get_by_label("An amount").check()
    mara.locator("#amount").fill("1,00")
    mara.get_by_label("Why").select_option("other")
    mara.get_by_role("button", name="Give the money back").click()

    expect(mara.get_by_text("Given back", exact=True)).to_be_visible()
    expect(mara.locator(".timeline")).to_contain_text("went from pending to paid")
    alice.page.goto(receipt)
    expect(alice.page.get_by_text("Left after refunds")).to_be_visible()
    demo.wait_for_mail(alice.email, "efund")


def opens_the_order_to_review(mara: Page, alice: Customer, demo: Demo) -> Page:
    """Let Alice order so much that it is held, and Mara find and open it, in the window that is returned."""
    alice.orders_tea(MANY, DEAR)
    alice.pays_by_card(CARD)
    alice.sees_reservation()
    sign_in(mara, demo.shop)
    mara.locator(".today").get_by_role("link").first.click()
    mara.get_by_label("Number, mail address").fill(alice.email)
    mara.get_by_role("button", name="Find", exact=True).click()
    expect(mara.get_by_text("This mail address has not paid here before")).to_be_visible()
    mara.locator(".ledger tbody a").click()
    expect(mara.get_by_text("This order waits for your answer")).to_be_visible()
    return mara


def test_a_held_order_is_approved_and_the_receipt_arrives(
    alice: Customer, context: BrowserContext, demo: Demo
) -> None:
    mara = opens_the_order_to_review(context.new_page(), alice, demo)

    mara.get_by_role("button", name="Approve").click()

    expect(mara.get_by_text("The order is approved and the money is taken.")).to_be_visible()
    expect(mara.locator(".timeline")).to_contain_text("The review went from held to approved")
    expect(mara.get_by_text("Captured", exact=True).first).to_be_visible()
    demo.wait_for_mail(alice.email, "eceipt")


def test_a_held_order_is_rejected_and_the_customer_told_what_mara_was_shown(
    alice: Customer, context: BrowserContext, demo: Demo
) -> None:
    mara = opens_the_order_to_review(context.new_page(), alice, demo)

    mara.get_by_role("link", name="Reject").click()
    told = mara.locator("figure strong").inner_text()
    mara.get_by_role("button", name="Reject and cancel the order").click()

    expect(mara.get_by_text("The order is rejected, its money is free again")).to_be_visible()
    demo.wait_for_mail(alice.email, told)


@pytest.mark.expects("status of 400")
def test_a_part_is_captured_and_more_than_is_reserved_refused_beside_its_field(
    alice: Customer, context: BrowserContext, demo: Demo
) -> None:
    mara = opens_the_order_to_review(context.new_page(), alice, demo)

    mara.get_by_role("link", name="Capture", exact=True).click()
    mara.get_by_label("A part").check()
    mara.locator("#amount").fill("9999")
    mara.get_by_role("button", name="Take the money").click()
    expect(mara.locator("#amount-error")).to_contain_text("At most")
    mara.locator("#amount").fill("250,00")
    mara.get_by_role("button", name="Take the money").click()

    expect(mara.get_by_text("€250.00 was taken.")).to_be_visible()
    expect(mara.get_by_text("Captured in part")).to_be_visible()
    demo.wait_for_mail(alice.email, "eceipt")


def opens_refund_of_a_tea(alice: Customer, context: BrowserContext, demo: Demo) -> Page:
    """Let Alice buy a tea by card, and Mara open the form of its refund, in the window that is returned."""
    alice.orders_tea()
    alice.pays_by_card(CARD)
    number = alice.sees_receipt()
    mara = context.new_page()
    sign_in(mara, demo.shop)
    mara.goto(f"{demo.shop}/merchant/?q={number}")
    mara.get_by_role("link", name=number).click()
    mara.get_by_role("link", name="Refund", exact=True).click()
    return mara


def test_a_refund_of_too_much_is_refused_beside_its_field(
    alice: Customer, context: BrowserContext, demo: Demo
) -> None:
    mara = opens_refund_of_a_tea(alice, context, demo)

    mara.get_by_label("An amount").check()
    mara.locator("#amount").fill("9999")
    mara.get_by_role("button", name="Give the money back").click()

    expect(mara.locator("#amount-error")).to_contain_text("At most")


def test_of_two_tabs_that_give_back_the_same_only_one_does(
    alice: Customer, context: BrowserContext, demo: Demo
) -> None:
    first = opens_refund_of_a_tea(alice, context, demo)
    second = context.new_page()
    second.goto(first.url)
    for tab in (first, second):
        tab.get_by_label("Items that came back").check()
        tab.locator(".refund__line input").first.fill("1")

    first.get_by_role("button", name="Give the money back").click()
    expect(first.get_by_text("The refund is made.")).to_be_visible()
    second.get_by_role("button", name="Give the money back").click()

    expect(second.locator("#how-error")).to_contain_text("Money was given back since this page was opened")
    expect(second.get_by_role("heading", name="Given back so far")).to_be_visible()


def test_a_provider_that_is_slow_keeps_nobody_at_the_desk_waiting(
    alice: Customer, context: BrowserContext, demo: Demo
) -> None:
    mara = opens_refund_of_a_tea(alice, context, demo)
    mara.get_by_label("An amount").check()
    mara.locator("#amount").fill("1,00")
    demo.fault("stripe", "slow", seconds=20, times=1, path_prefix="/v1/refunds", method="POST")

    mara.get_by_role("button", name="Give the money back").click()

    expect(mara.get_by_text("The refund is written down and goes out by itself.")).to_be_visible(timeout=10_000)
    expect(mara.locator(".desk__head")).to_contain_text("€1.00")  # on its way back, or arrived by now

    demo.wait_for_mail(alice.email, "efund")
    mara.reload()
    expect(mara.locator(".desk__head")).to_contain_text("€1.00 refunded")


def test_a_phone_keeps_the_number_of_a_held_order_in_one_line(
    alice: Customer, context: BrowserContext, demo: Demo
) -> None:
    mara = opens_the_order_to_review(context.new_page(), alice, demo)
    mara.set_viewport_size({"width": 390, "height": 844})

    mara.goto(f"{demo.shop}/merchant/?q={alice.email}")

    link = mara.locator(".ledger tbody a")
    size = link.evaluate("link => [link.offsetHeight, parseFloat(getComputedStyle(link).lineHeight)]")
    assert size[0] < 1.5 * size[1]
