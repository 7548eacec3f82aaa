"""Customers from five countries at the checkout: what each is asked for, what it costs, and that it is paid."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from e2e.customer import CARD, Customer
from e2e.demo import Demo

POT = "/teas/tokoname-pot"
AMERICAN = {"Street and number": "1 Pier", "Town": "San Francisco", "ZIP code": "94103"}


class Buyer(Customer):
    """Somebody who fills in the checkout by hand."""

    def brings_to_checkout(self, currency: str = "EUR", thing: str = POT) -> None:
        """Choose a currency, put something into the cart and open the checkout."""
        self.page.goto(self.shop + thing)
        if currency != "EUR":
            self.page.get_by_role("button", name=currency, exact=True).click()
        self.page.get_by_role("button", name="Add to cart").click()
        self.page.wait_for_url("**/cart")
        self.page.goto(f"{self.shop}/checkout")
        self.fills({"Mail address": self.email, "Name": "Alice Ashdown"})

    def fills(self, fields: dict[str, str]) -> None:
        """Type into fields by their labels."""
        for label, text in fields.items():
            self.page.get_by_label(label, exact=True).fill(text)

    def chooses(self, label: str, option: str) -> None:
        """Choose, and wait until the server has worked out what it costs."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/checkout")):
            self.page.get_by_label(label, exact=True).select_option(label=option)
        self.sees_new_total()

    def sees_new_total(self) -> None:
        """Wait until the page has said the new total."""
        expect(self.page.locator("#cost-status")).to_contain_text("The total is now")
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)

    def sees_cost(self, words: str | re.Pattern[str]) -> None:
        """Look at the slip."""
        expect(self.page.locator(".checkout__cost")).to_contain_text(words)

    def goes_on_and_pays(self) -> str:
        """Place the order and pay it by card; return its number."""
        self.page.get_by_role("button", name="Continue to payment").click()
        expect(self.page.get_by_role("heading", name="Payment", exact=True)).to_be_visible()
        self.pays_by_card(CARD)
        return self.sees_receipt()


@pytest.fixture
def buyer(alice: Customer) -> Buyer:
    """Alice, wherever she lives."""
    return Buyer(alice.page, alice.shop, alice.email)


def test_an_american_sees_the_sales_tax_come_on_top(buyer: Buyer, demo: Demo) -> None:
    buyer.brings_to_checkout("USD")
    buyer.sees_cost("once we know the address")
    buyer.fills(AMERICAN)

    buyer.chooses("State", "California")

    buyer.sees_cost("$7.79")  # 8.85 % of 75.00 and of 13.00
    number = buyer.goes_on_and_pays()
    expect(buyer.page.locator(".receipt")).to_contain_text("Sales tax")
    assert "Tax" in demo.wait_for_mail(buyer.email, number)["text"]


def test_a_german_pays_the_price_on_the_shelf(buyer: Buyer, demo: Demo) -> None:
    buyer.brings_to_checkout()
    buyer.fills({"Street and number": "Speicherstadt 4", "Postcode": "20457", "Town": "Hamburg"})
    buyer.sees_cost("tax for Germany")

    number = buyer.goes_on_and_pays()

    sale = next(row for row in demo.objects("stripe.tax.transaction") if row["reference"] == number)
    assert sale["type"] == "transaction"


def test_an_austrian_company_pays_net_and_reads_why(buyer: Buyer) -> None:
    buyer.brings_to_checkout()
    buyer.chooses("Country", "Austria")
    buyer.fills({"Street and number": "Ring 1", "Postcode": "1010", "Town": "Wien"})
    buyer.page.get_by_text("I buy for a company").click()
    buyer.fills({"Company (if any)": "Teehaus GmbH"})

    buyer.page.get_by_label("VAT id (if any)").fill("ATU13585626")
    buyer.page.get_by_label("VAT id (if any)").press("Tab")
    expect(buyer.page.locator("#vat_id-error")).to_contain_text("wrong digit")
    buyer.page.get_by_label("VAT id (if any)").fill("ATU13585627")
    buyer.page.get_by_label("VAT id (if any)").press("Tab")

    buyer.sees_cost("Reverse charge")
    buyer.sees_cost("€57.14")  # 68.00 without 19 %
    buyer.goes_on_and_pays()
    expect(buyer.page.locator(".receipt")).to_contain_text("VAT id ATU13585627")
    expect(buyer.page.locator(".receipt")).to_contain_text("Reverse charge")


def test_a_swiss_customer_buys_an_export(buyer: Buyer) -> None:
    buyer.brings_to_checkout()
    buyer.chooses("Country", "Switzerland")
    buyer.fills({"Street and number": "Rheinsprung 1", "Postcode": "4001", "Town": "Basel"})

    buyer.sees_cost("An export: no tax of ours")

    buyer.goes_on_and_pays()
    expect(buyer.page.locator(".receipt")).to_contain_text("no tax of ours")


def test_a_japanese_customer_pays_yen_without_decimals(buyer: Buyer) -> None:
    buyer.brings_to_checkout("JPY")
    expect(buyer.page.get_by_label("Country", exact=True)).to_have_value("JP")
    buyer.fills({"Postcode": "100-0001", "Town": "Chiyoda", "Street and number": "1-1"})
    buyer.chooses("Prefecture", "Tokyo")

    buyer.sees_cost(re.compile(r"Includes ¥1,\d{3} tax for Japan"))

    buyer.goes_on_and_pays()
    assert "." not in buyer.page.locator(".sums__total .money").inner_text()


@pytest.mark.expects("status of 400")
def test_a_wrong_postcode_takes_the_focus_and_is_told_beside_its_field(buyer: Buyer) -> None:
    buyer.brings_to_checkout()
    buyer.fills({"Street and number": "Speicherstadt 4", "Postcode": "204", "Town": "Hamburg"})
    buyer.sees_cost("Total")

    buyer.page.get_by_role("button", name="Continue to payment").click()

    expect(buyer.page.locator("#postal_code-error")).to_contain_text("Postcodes there look like")
    expect(buyer.page.get_by_label("Postcode", exact=True)).to_be_focused()


def test_without_an_answer_from_either_the_page_is_closed_for_that_place(buyer: Buyer, demo: Demo) -> None:
    buyer.brings_to_checkout("USD")
    demo.fault("stripe", "down", path_prefix="/v1/tax")

    buyer.chooses("State", "Nevada")

    buyer.sees_cost("Closed for this destination")
    expect(buyer.page.get_by_role("button", name="Continue to payment")).to_be_disabled()
    demo.reset_trouble()


def test_all_of_it_works_without_javascript_as_far_as_the_pay_page(buyer: Buyer, context: BrowserContext) -> None:
    assert context.browser is not None
    plain = context.browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    visitor = Buyer(page, buyer.shop, buyer.email)
    visitor.brings_to_checkout("USD")
    visitor.fills(AMERICAN)
    page.get_by_label("State", exact=True).select_option(label="California")
    page.get_by_role("button", name="Show shipping and tax for this address").click()
    visitor.sees_cost("$7.79")

    page.get_by_role("button", name="Continue to payment").click()

    expect(page.get_by_role("heading", name="Payment", exact=True)).to_be_visible()
    expect(page.locator("noscript .notice")).to_be_visible()
    expect(page.locator(".way")).to_have_count(2)
    expect(page.locator(".way:visible, .waiting:visible")).to_have_count(0)  # nothing waits that will never come
    plain.close()
