"""Mara at her desk: she gives money back, and Alice sees it on her receipt and in her mail."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from e2e.customer import CARD, Customer
from e2e.demo import Demo


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

    expect(mara.get_by_text("Given back")).to_be_visible()
    expect(mara.locator(".timeline")).to_contain_text("went from pending to paid")
    alice.page.goto(receipt)
    expect(alice.page.get_by_text("Left after refunds")).to_be_visible()
    demo.wait_for_mail(alice.email, "efund")


def test_a_refund_of_too_much_is_refused_beside_its_field(
    alice: Customer, context: BrowserContext, demo: Demo
) -> None:
    alice.orders_tea()
    alice.pays_by_card(CARD)
    number = alice.sees_receipt()
    mara = context.new_page()
    sign_in(mara, demo.shop)
    mara.goto(f"{demo.shop}/merchant/?q={number}")
    mara.get_by_role("link", name=number).click()
    mara.get_by_role("link", name="Refund", exact=True).click()

    mara.get_by_label("An amount").check()
    mara.locator("#amount").fill("9999")
    mara.get_by_role("button", name="Give the money back").click()

    expect(mara.locator("#amount-error")).to_contain_text("At most")
