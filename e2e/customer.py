"""What a customer does in the shop, in a person's words. Each method acts on one open page."""

from __future__ import annotations

import re

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.processes import wait_until

CARD = "4242424242424242"
CARD_3DS = "4000002760003184"
CARD_POOR = "4000000000009995"
TEA = "/teas/harbour-breakfast"


class Customer:
    """Somebody with a browser and a mail address. Alice buys; Bob must not see it."""

    def __init__(self, page: Page, shop: str, email: str) -> None:
        self.page = page
        self.shop = shop
        self.email = email

    def orders_tea(self, count: int = 1, tea: str = TEA) -> str:
        """Put so much of a tea into the cart, check out, and arrive at the pay page; return its address."""
        self.page.goto(self.shop + tea)
        self.page.get_by_label("How many").fill(str(count))
        self.page.get_by_role("button", name="Add to cart").click()
        expect(self.page.get_by_role("heading", name="Your cart", exact=True)).to_be_visible()
        self.page.goto(f"{self.shop}/checkout")
        for field, text in (
            ("Mail address", self.email),
            ("Name", "Alice Ashdown"),
            ("Street and number", "Speicherstadt 4"),
            ("Postcode", "20457"),
            ("Town", "Hamburg"),
        ):
            self.page.get_by_label(field, exact=True).fill(text)
        self.page.get_by_role("button", name="Continue to payment").click()
        expect(self.page.get_by_role("heading", name="Payment", exact=True)).to_be_visible()
        return self.page.url

    @property
    def pay_button(self) -> str:
        """Return the selector of the card form's button."""
        return "#card-pay"

    def fills_card(self, number: str) -> None:
        """Type a card into Stripe's frame."""
        frame = self.page.frame_locator("iframe[title='Secure payment input frame']")
        frame.locator("[name=number]").clear()
        frame.locator("[name=number]").press_sequentially(number)  # as a person does, key by key
        frame.locator("[name=expiry]").fill("12 / 34")
        frame.locator("[name=cvc]").fill("123")

    def pays_by_card(self, number: str) -> None:
        """Type a card and press Pay."""
        self.fills_card(number)
        self.presses_pay()

    def presses_pay(self) -> None:
        """Press the card form's button."""
        self.presses(self.page.locator(self.pay_button))

    def presses(self, button: Locator) -> None:
        """Press a button once the pointer is on it, as a person does who looks where it is.

        Right after a scroll Chromium still takes the pointer to where a provider's frame was: the press would be lost.
        """

        def is_under_pointer() -> object:
            button.hover()
            return button.evaluate("button => button.matches(':hover')")

        wait_until(is_under_pointer, "the pointer is on the button")
        button.click()

    @property
    def challenge(self) -> FrameLocator:
        """The bank's page inside Stripe's modal."""
        return self.page.frame_locator("iframe[src*='three-ds-2-challenge']").frame_locator("#challengeFrame")

    def completes_challenge(self) -> None:
        """Tell the bank: it is me."""
        self.challenge.locator("#test-source-authorize-3ds").click()

    def fails_challenge(self) -> None:
        """Fail the bank's check."""
        self.challenge.locator("#test-source-fail-3ds").click()

    def closes_challenge(self) -> None:
        """Close the bank's modal without an answer."""
        modal = self.page.frame_locator("iframe[src*='three-ds-2-challenge']")
        modal.get_by_role("button", name="Close").click()

    def opens_paypal(self) -> Page:
        """Press PayPal's button and log in in the window that opens; return the window."""
        with self.page.expect_popup() as opened:
            self.presses(self.page.locator("paypal-button"))
        window = opened.value
        window.get_by_role("button", name="Log in").click()
        expect(window.get_by_role("heading", name=re.compile("^Hello"))).to_be_visible()
        return window

    def approves(self, window: Page, funding: str = "balance") -> None:
        """Choose a funding source in PayPal's window and pay."""
        window.locator(f"input[name=funding][value='{funding}']").check()
        window.get_by_role("button", name=re.compile("^Pay ")).click()

    def sees_receipt(self) -> str:
        """Wait for the receipt; return the order's number."""
        expect(self.page.get_by_role("heading", name="Thank you, Alice")).to_be_visible(timeout=20_000)
        return self.page.locator(".receipt__number").inner_text()

    def sees_reservation(self) -> None:
        """Wait for the page that says that the money is set aside and not taken."""
        expect(self.page.get_by_role("heading", name="Reserved, not charged yet")).to_be_visible(timeout=20_000)

    def sees_card_error(self, words: str) -> None:
        """Wait for an error beside the card form."""
        expect(self.page.locator("#card-error")).to_contain_text(words)

    def sees_paypal_error(self, words: str) -> None:
        """Wait for an error beside PayPal's button."""
        expect(self.page.locator("#paypal-error")).to_contain_text(words)
