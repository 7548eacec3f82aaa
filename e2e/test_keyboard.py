"""Alice uses no mouse: everything from the search to the receipt is done with keys."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e.customer import CARD, Customer

TABS = 60  # more than any page has; a person would have given up
RINGED = """() => {
  const style = getComputedStyle(document.activeElement);
  return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
}"""


def tabs_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on something, and see that a ring shows where it is."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            assert page.evaluate(RINGED), f"nothing shows that {selector} has the focus"
            return
    raise AssertionError(f"Tab never comes to {selector}")


def types(page: Page, **fields: str) -> None:
    """Go to each field by Tab, and type."""
    for name, text in fields.items():
        tabs_to(page, f"[name={name}]")
        page.keyboard.type(text)


def test_keys_alone_lead_from_the_search_to_the_receipt(alice: Customer) -> None:
    page = alice.page
    page.goto(alice.shop)
    tabs_to(page, "[type=search]")
    page.keyboard.type("keemun")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=keemun")
    tabs_to(page, "a[href$='/teas/keemun-hao-ya']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/teas/keemun-hao-ya")
    tabs_to(page, "form.buy button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cart")
    tabs_to(page, "a[href$='/checkout']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout")
    types(page, email=alice.email)
    types(page, name="Alice Ashdown", line1="Speicherstadt 4", postal_code="20457", city="Hamburg")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pay/*")

    page.locator("#card-pay:not([aria-disabled])").wait_for()
    for name, text in (("number", CARD), ("expiry", "1234"), ("cvc", "123")):
        _tabs_to_card_field(page, name)
        page.keyboard.type(text)
    tabs_to(page, "#card-pay")
    page.keyboard.press("Enter")

    alice.sees_receipt()


def test_the_first_tab_offers_to_skip_to_what_matters(alice: Customer) -> None:
    alice.page.goto(alice.shop)
    alice.page.keyboard.press("Tab")
    skip = alice.page.locator(":focus")

    expect(skip).to_be_visible()
    alice.page.keyboard.press("Enter")
    alice.page.keyboard.press("Tab")

    assert alice.page.evaluate("document.querySelector('main').contains(document.activeElement)")


def _tabs_to_card_field(page: Page, name: str) -> None:
    """Press Tab until the focus is in a field of the card form, which may have moved it there by itself."""
    field = page.frame_locator("iframe[title='Secure payment input frame']").locator(f"[name={name}]")
    for _ in range(TABS):
        if field.evaluate("field => document.activeElement === field && document.hasFocus()"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to the card's {name}")
