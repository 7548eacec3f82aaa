"""Alice and her cart: by keyboard, with a code, with prices and stock that change, on a phone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from e2e.customer import CARD, Customer
from e2e.demo import Demo

TEA, SKU = "/teas/keemun-hao-ya", "TW-KEE-050"


def fill(alice: Customer, path: str = TEA) -> Page:
    """Put one of something into the cart and look at the slip."""
    alice.page.goto(alice.shop + path)
    alice.page.get_by_role("button", name="Add to cart").click()
    expect(alice.page.get_by_role("heading", name="Your cart", exact=True)).to_be_visible()
    expect(alice.page.locator("#cart [data-by-itself]:not([hidden])")).to_have_count(0)  # the script is at work
    return alice.page


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never comes to {selector}")


def test_by_keyboard_a_quantity_counts_as_it_is_typed_and_a_code_takes_off(alice: Customer) -> None:
    page = fill(alice)

    tab_to(page, f"#quantity-{SKU}")
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    expect(page.locator("#cart-said")).to_have_text("Subtotal €37.50")
    expect(page.locator(f"#quantity-{SKU}")).to_be_focused()
    expect(page.locator(".header__count")).to_have_text("3")
    tab_to(page, "#code")
    page.keyboard.type("tide10")
    page.keyboard.press("Enter")

    expect(page.locator(".sums")).to_contain_text("Discount TIDE10")
    expect(page.locator(".sums__total")).to_contain_text("€33.75")
    assert Axe().run(page).response["violations"] == []
    tab_to(page, "a.button")
    page.keyboard.press("Enter")
    expect(page.locator(".sums")).to_contain_text("Discount TIDE10")


def test_a_code_applied_right_after_a_quantity_counts_together_with_it(alice: Customer) -> None:
    page = fill(alice)

    page.locator(f"#quantity-{SKU}").fill("3")
    page.locator("#code").fill("tide10")
    page.get_by_role("button", name="Apply").click()

    expect(page.locator(".sums")).to_contain_text("Discount TIDE10")
    expect(page.locator(".sums__total")).to_contain_text("€33.75")


def test_what_was_typed_a_moment_before_goes_along_to_the_checkout(alice: Customer) -> None:
    page = fill(alice)

    page.locator(f"#quantity-{SKU}").fill("4")
    page.get_by_role("link", name="Go to checkout").click()

    expect(page.locator(".brief")).to_contain_text("4 ×")


def test_a_discounted_order_is_paid_and_its_receipt_says_so(alice: Customer, demo: Demo) -> None:
    page = fill(alice, "/teas/harbour-breakfast")
    page.locator("#code").fill("TIDE10")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".sums")).to_contain_text("Discount")

    alice.orders_tea()
    alice.pays_by_card(CARD)

    number = alice.sees_receipt()
    expect(page.locator(".receipt .sums")).to_contain_text("Discount")
    assert "Discount" in demo.wait_for_mail(alice.email, number)["text"]


@pytest.mark.expects("status of 400")
def test_an_unknown_code_is_told_beside_its_field(alice: Customer) -> None:
    page = fill(alice)

    page.locator("#code").fill("nonesuch")
    page.get_by_role("button", name="Apply").click()

    expect(page.locator("#code-error")).to_contain_text("We do not know this code")
    expect(page.locator("#code")).to_be_focused()


def test_a_price_and_a_stock_that_changed_are_told_and_settled(alice: Customer, demo: Demo) -> None:
    page = fill(alice, "/teas/silver-needle")
    page.locator("[name=quantity]").fill("4")
    expect(page.locator("#cart-said")).not_to_be_empty()
    price = "variant_id IN (SELECT id FROM variant WHERE sku LIKE 'TW-SIL%') AND currency = 'EUR'"
    try:
        demo.change_catalogue(f"UPDATE price SET amount = amount + 40 WHERE {price}")  # noqa: S608 - ours
        demo.change_catalogue("UPDATE variant SET stock = 2 WHERE sku LIKE 'TW-SIL%'")
        page.reload()

        expect(page.locator(".item__was")).to_have_text(re.compile(r"Was €[\d.]+, is €[\d.]+ now\."))
        page.get_by_role("button", name="I have seen it").click()
        expect(page.locator(".item__was")).to_have_count(0)
        expect(page.get_by_text("Only 2 are left.")).to_be_visible()
        page.get_by_role("button", name="Take the last 2").click()
        expect(page.get_by_role("link", name="Go to checkout")).to_be_visible()
        expect(page.locator("[name=quantity]")).to_have_value("2")
    finally:
        demo.change_catalogue(f"UPDATE price SET amount = amount - 40 WHERE {price}")  # noqa: S608 - ours
        demo.change_catalogue("UPDATE variant SET stock = 20 WHERE sku LIKE 'TW-SIL%'")


def test_on_a_phone_the_slip_fits_and_nothing_hides_beside_it(alice: Customer) -> None:
    alice.page.set_viewport_size({"width": 390, "height": 844})
    page = fill(alice)

    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    assert not wide
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Take out").click()
    expect(page.get_by_role("heading", name="Your cart is empty")).to_be_visible()
