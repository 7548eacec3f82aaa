"""Finding a tea: by typing badly, by filters, with the keyboard alone, and without JavaScript."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from e2e.customer import Customer
from e2e.demo import Demo


def test_a_mistyped_search_finds_the_tea_and_its_address_can_be_shared(alice: Customer) -> None:
    alice.page.goto(alice.shop)
    alice.page.get_by_label("Search the catalogue").fill("darjeling")
    alice.page.keyboard.press("Enter")

    expect(alice.page.locator(".card").first).to_contain_text("First Flush Darjeeling")
    assert alice.page.url == f"{alice.shop}/?q=darjeling"


def test_filters_narrow_it_down_and_can_be_cleared(alice: Customer) -> None:
    alice.page.goto(f"{alice.shop}/?kind=green")
    alice.page.get_by_text("Narrow it down").click()
    alice.page.get_by_label("Origin").select_option("JP")
    alice.page.get_by_label("Only what is in stock").check()
    alice.page.get_by_label("Up to, in EUR").fill("10")
    alice.page.get_by_role("button", name="Show").click()

    expect(alice.page.locator(".card")).to_have_count(1)
    assert alice.page.url == f"{alice.shop}/?kind=green&stock=1&to=10&origin=JP"

    alice.page.get_by_role("link", name="Clear the filters").click()
    expect(alice.page.locator(".card")).to_have_count(6)


def test_the_keyboard_alone_leads_from_search_to_cart(alice: Customer) -> None:
    alice.page.goto(alice.shop)
    alice.page.get_by_label("Search the catalogue").focus()
    alice.page.keyboard.type("keemun")
    alice.page.keyboard.press("Enter")
    alice.page.wait_for_url("**/?q=keemun")
    alice.page.get_by_role("link", name="Keemun Hao Ya").focus()
    alice.page.keyboard.press("Enter")
    alice.page.get_by_role("radio").first.focus()
    alice.page.keyboard.press("ArrowDown")
    alice.page.keyboard.press("Enter")

    expect(alice.page.get_by_role("heading", name="Keemun Hao Ya")).to_be_visible()
    alice.page.wait_for_url("**/cart")


def test_everything_is_found_without_javascript(browser: Browser, demo: Demo) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{demo.shop}/?q=espresso")
        expect(page.get_by_role("heading", name="Nothing washed up")).to_be_visible()
        page.get_by_role("link", name="Clear the filters").click()
        page.get_by_role("link", name="Next page").click()
        expect(page.locator("[aria-current=page]").filter(has_text="2")).to_be_visible()
