"""Alice has only her phone with her: a narrow screen that she touches."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.customer import CARD_3DS, TEA, Customer
from e2e.demo import Demo
from tests.processes import wait_until


@pytest.fixture
def phone(browser: Browser, demo: Demo) -> Iterator[Customer]:
    """Alice's phone, 390 pixels wide."""
    made = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB"
    )
    made.set_default_timeout(15_000)
    yield Customer(made.new_page(), demo.shop, "alice-phone@example.com")
    made.close()


def fits(page: Page) -> bool:
    """Tell whether nothing on the page is wider than the screen, once its styles are there."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready.then(() => true)")
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_purchase_with_paypal_fits_the_screen_all_the_way(phone: Customer) -> None:
    page = phone.page
    page.goto(phone.shop)
    assert fits(page)
    phone.orders_tea()
    assert fits(page)

    window = phone.opens_paypal()
    assert fits(window)
    phone.approves(window)

    phone.sees_receipt()
    assert fits(page)
    expect(page.locator(".receipt")).to_contain_text("PayPal")


def test_a_page_magnified_four_times_scrolls_one_way_only(phone: Customer) -> None:
    page = phone.page
    page.set_viewport_size({"width": 320, "height": 640})  # what is left of 1280 pixels: WCAG 2.2, 1.4.10

    for path in ("/", TEA, "/cart", "/login", "/register", "/orders/lookup"):
        page.goto(phone.shop + path)
        assert fits(page), path


def test_a_card_with_three_d_secure_pays_on_it(phone: Customer) -> None:
    phone.orders_tea()
    phone.pays_by_card(CARD_3DS)
    phone.completes_challenge()

    phone.sees_receipt()
    assert fits(phone.page)


def test_the_total_stays_in_sight_while_the_address_is_typed(phone: Customer) -> None:
    page = phone.page
    page.goto(f"{phone.shop}/teas/keemun-hao-ya")
    page.get_by_role("button", name="Add to cart").tap()
    page.wait_for_url("**/cart")
    page.goto(f"{phone.shop}/checkout")
    page.get_by_label("Postcode", exact=True).tap()

    total = page.get_by_text(re.compile(r"€17\.40")).first

    wait_until(lambda: total.evaluate(
        "total => { const box = total.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight; }"
    ), "the total is in sight")  # fmt: skip
