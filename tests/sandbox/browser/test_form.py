"""The Payment Element's form: what it writes, what it says, what it tells the page, how it is dressed."""

from __future__ import annotations

import math

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.sandbox.browser.conftest import (
    DEFERRED,
    ONLY_CARDS,
    Open,
    expect_result,
    fill_card,
    pay,
    payment_frame,
)
from tests.sandbox.browser.merchant import Merchant

WHOLE_PAGES = ("region", "page-has-heading-one", "landmark-one-main")  # what axe asks of pages, and a part of one lacks


@pytest.mark.parametrize(
    ("field", "typed", "written"),
    [
        ("number", "4242424242424242", "4242 4242 4242 4242"),
        ("number", "378282246310005", "3782 822463 10005"),
        ("number", "4000002760003184", "4000 0027 6000 3184"),  # its first thirteen digits pass the check by themselves
        ("number", "4000002500003155", "4000 0025 0000 3155"),
        ("number", "3056930009020004", "3056 9300 0902 0004"),
        ("expiry", "1234", "12 / 34"),
        ("expiry", "534", "05 / 34"),
    ],
)
def test_what_is_typed_is_written_as_on_the_card(open_page: Open, field: str, typed: str, written: str) -> None:
    page = open_page(options=ONLY_CARDS)

    payment_frame(page).locator(f"[name={field}]").press_sequentially(typed)

    expect(payment_frame(page).locator(f"[name={field}]")).to_have_value(written)


@pytest.mark.parametrize(
    ("field", "value", "code", "message"),
    [
        ("number", "4242", "incomplete_number", "Your card number is incomplete."),
        ("number", "4242424242424241", "invalid_number", "Your card number is invalid."),
        ("expiry", "12", "incomplete_expiry", "Your card's expiration date is incomplete."),
        ("expiry", "1220", "invalid_expiry_year_past", "Your card's expiration year is in the past."),
        ("cvc", "1", "incomplete_cvc", "Your card's security code is incomplete."),
        ("postalCode", "1", "incomplete_zip", "Your postal code is incomplete."),
    ],
)
def test_submit_says_what_is_wrong_beside_the_field(
    open_page: Open, field: str, value: str, code: str, message: str
) -> None:
    page = open_page(options=ONLY_CARDS)
    fill_card(page, "4242 4242 4242 4242")
    frame = payment_frame(page)

    frame.locator(f"[name={field}]").fill(value)
    pay(page)

    result = expect_result(page, message)
    assert result["error"] == {"type": "validation_error", "code": code, "message": message}
    expect(frame.get_by_role("alert").filter(visible=True)).to_have_text(message)
    expect(frame.locator(f"[name={field}]")).to_have_attribute("aria-invalid", "true")
    expect(frame.locator(f"[name={field}]")).to_be_focused()


def test_with_nothing_chosen_submit_asks_for_details(open_page: Open) -> None:
    page = open_page(options=DEFERRED)
    expect(payment_frame(page).locator("#card-tab")).to_have_attribute("aria-expanded", "false")

    pay(page)

    expect_result(page, "Please provide complete payment details.")


def test_the_page_hears_what_happens_and_never_the_number(open_page: Open) -> None:
    page = open_page(options=ONLY_CARDS)

    fill_card(page, "4242 4242 4242 4242")
    payment_frame(page).locator("[name=cvc]").press("Escape")

    expect(page.locator("#payment")).to_contain_class("StripeElement StripeElement--complete")
    expect(page.locator("#payment.StripeElement--focus")).to_be_attached()
    events = page.evaluate("window.events")
    names = [event["name"] for event in events]
    assert names[0] == "loaderstart"
    assert {"ready", "change", "focus", "escape"} <= set(names)
    last = [event for event in events if event["name"] == "change"][-1]
    assert last == {
        "name": "change",
        "elementType": "payment",
        "empty": False,
        "complete": True,
        "collapsed": False,
        "value": {"type": "card"},
    }
    assert "4242" not in str(events)


def test_the_element_does_as_it_is_told(open_page: Open) -> None:
    page = open_page(options=DEFERRED, element={"layout": "tabs"})
    frame = payment_frame(page)
    fill_card(page, "4242 4242 4242 4242")

    page.evaluate("window.element.clear()")
    expect(frame.locator("[name=number]")).to_have_value("")
    page.evaluate("window.element.focus()")
    expect(frame.locator("[name=number]")).to_be_focused()
    page.evaluate("window.element.blur()")
    expect(frame.locator("[name=number]")).not_to_be_focused()
    page.evaluate("window.element.collapse()")
    expect(frame.locator("[name=number]")).to_be_hidden()
    page.evaluate("window.element.unmount()")
    expect(page.locator("#payment iframe")).to_have_count(0)
    page.evaluate("window.element.mount('#payment')")
    expect(frame.locator("[name=number]")).to_be_visible()


def test_the_frame_is_as_high_as_its_form(open_page: Open) -> None:
    page = open_page(options=ONLY_CARDS)
    frame = payment_frame(page)
    frame.locator("[name=number]").wait_for()

    pay(page)
    expect_result(page, "Your card number is incomplete.")

    form = frame.locator(".Root").bounding_box()
    assert form is not None
    expect(page.locator("#payment iframe")).to_have_css("height", f"{math.ceil(form['height'])}px")


def test_an_appearance_is_worn(open_page: Open) -> None:
    appearance = {
        "theme": "flat",
        "variables": {"colorPrimary": "#102030", "borderRadius": "0px", "spacingUnit": "6px"},
        "rules": {".Label": {"fontWeight": "700"}, ".Input": {"backgroundColor": "rgb(1, 2, 3)"}},
    }
    page = open_page(options={**ONLY_CARDS, "appearance": appearance})
    frame = payment_frame(page)

    expect(frame.locator("[name=number]")).to_have_css("background-color", "rgb(1, 2, 3)")
    expect(frame.locator("[name=number]")).to_have_css("border-radius", "0px")
    expect(frame.locator("[name=number]")).to_have_css("padding-left", "18px")
    expect(frame.locator("label[for='Field-numberInput']")).to_have_css("font-weight", "700")


def test_a_rule_that_calls_home_is_left_out(open_page: Open) -> None:
    rules = {".Input": {"background": "url(http://example.test/x)"}, "body": {"color": "red"}}
    page = open_page(bare="1")
    warnings: list[str] = []
    page.on("console", lambda said: warnings.append(said.text) if said.type == "warning" else None)

    page.evaluate(
        """options => { window.stripe = window.Stripe("pk_test_sandbox"); window.open_(options); }""",
        {**ONLY_CARDS, "appearance": {"rules": rules}},
    )
    payment_frame(page).locator("[name=number]").wait_for()

    assert len(warnings) == 2
    expect(payment_frame(page).locator("[name=number]")).to_have_css("background-image", "none")


def test_the_form_speaks_german(open_page: Open) -> None:
    page = open_page(options={**ONLY_CARDS, "locale": "de"})
    frame = payment_frame(page)

    expect(frame.get_by_label("Kartennummer")).to_be_visible()
    expect(frame.get_by_label("Land")).to_contain_text("Deutschland")
    pay(page)

    expect_result(page, "Die Kartennummer ist unvollständig.")


def test_a_new_appearance_keeps_what_was_entered(open_page: Open) -> None:
    page = open_page(options=ONLY_CARDS)
    fill_card(page, "4242 4242 4242 4242")

    page.evaluate("window.elements.update({ appearance: { theme: 'night' }, locale: 'de' })")

    frame = payment_frame(page)
    expect(frame.get_by_label("Kartennummer")).to_have_value("4242 4242 4242 4242")
    expect(frame.get_by_label("Kartennummer")).to_have_css("background-color", "rgb(48, 49, 61)")


def test_details_the_shop_has_are_not_asked_for(open_page: Open, merchant: Merchant) -> None:
    details = {"name": "Alice Archer", "address": {"country": "US", "postal_code": "04101"}}
    page = open_page(
        options=ONLY_CARDS,
        element={"fields": {"billingDetails": {"address": {"country": "never", "postalCode": "never"}}}},
        params={"payment_method_data": {"billing_details": details}},
    )
    frame = payment_frame(page)

    fill_card(page, "4242 4242 4242 4242")
    expect(frame.locator("[name=country]")).to_have_count(0)
    expect(frame.locator("[name=postalCode]")).to_be_hidden()
    pay(page)

    result = expect_result(page, "succeeded")
    intent = merchant.client.v1.payment_intents.retrieve(result["paymentIntent"]["id"], {"expand": ["payment_method"]})
    billing = intent.payment_method.billing_details  # type: ignore[union-attr]
    assert (billing.name, billing.address.postal_code) == ("Alice Archer", "04101")  # type: ignore[union-attr]


def test_tabs_are_walked_by_keyboard(open_page: Open) -> None:
    page = open_page(options=DEFERRED, element={"layout": "tabs"})
    frame = payment_frame(page)

    frame.get_by_role("tab", name="Card").press("ArrowRight")

    expect(frame.get_by_role("tab", name="SEPA Direct Debit")).to_be_focused()
    expect(frame.get_by_role("tab", name="SEPA Direct Debit")).to_have_attribute("aria-selected", "true")
    expect(frame.locator("[name=iban]")).to_be_visible()


@pytest.mark.parametrize("layout", ["tabs", "accordion"])
def test_the_form_is_accessible(open_page: Open, layout: str) -> None:
    page = open_page(options=DEFERRED, element={"layout": {"type": layout, "defaultCollapsed": False}})
    payment_frame(page).locator("[name=number]").wait_for()
    pay(page)
    expect_result(page, "Your card number is incomplete.")

    frame = next(each for each in page.frames if "/elements/payment.html" in each.url)
    found = Axe().run(frame).response["violations"]  # type: ignore[arg-type]

    serious = [f"{each['id']}: {each['help']}" for each in found if each["id"] not in WHOLE_PAGES]
    assert serious == [], serious


def test_a_changed_amount_leaves_the_customer_where_they_were(open_page: Open) -> None:
    page = open_page(options=ONLY_CARDS)
    number = payment_frame(page).locator("[name=number]")
    number.press_sequentially("4242")

    page.evaluate("window.elements.update({ amount: 9900, appearance: { theme: 'flat' } })")
    page.keyboard.type("4242")

    expect(number).to_have_value("4242 4242")


def test_the_terms_name_the_business(open_page: Open) -> None:
    element = {"business": {"name": "Tidewater Tea"}, "layout": "tabs"}
    page = open_page(options={**DEFERRED, "setupFutureUsage": "off_session"}, element=element)
    frame = payment_frame(page)

    expect(frame.locator(".TermsText")).to_contain_text("you allow Tidewater Tea to charge your card")
    frame.get_by_role("tab", name="SEPA Direct Debit").click()
    expect(frame.locator(".TermsText")).to_contain_text("you authorise (A) Tidewater Tea and Stripe")
    page.evaluate("window.element.update({ terms: { sepaDebit: 'never' } })")
    expect(frame.locator(".TermsText")).to_be_hidden()


def test_the_shop_orders_the_ways_to_pay_and_fills_in_what_it_knows(open_page: Open) -> None:
    details = {
        "name": "Alice Archer",
        "email": "alice@example.com",
        "address": {"country": "GB", "postal_code": "SW1A 1AA"},
    }
    element = {"layout": "tabs", "paymentMethodOrder": ["sepa_debit"], "defaultValues": {"billingDetails": details}}
    page = open_page(options=DEFERRED, element=element)
    frame = payment_frame(page)

    expect(frame.get_by_role("tab")).to_have_text(["SEPA Direct Debit", "Card"])
    expect(frame.locator("[name=name]")).to_have_value("Alice Archer")
    expect(frame.locator("[name=email]")).to_have_value("alice@example.com")
    frame.get_by_role("tab", name="Card").click()
    expect(frame.locator("[name=country]")).to_have_value("GB")
    expect(frame.locator("[name=postalCode]")).to_have_value("SW1A 1AA")


def test_a_message_does_not_move_the_button_that_is_being_pressed(open_page: Open) -> None:
    page = open_page(options=ONLY_CARDS)
    payment_frame(page).locator("[name=expiry]").fill("12")
    button = page.get_by_role("button", name="Pay")
    before = button.bounding_box()
    assert before is not None

    page.mouse.move(before["x"] + before["width"] / 2, before["y"] + before["height"] / 2)
    page.mouse.down()
    expect(payment_frame(page).locator("[name=expiry]")).not_to_be_focused()
    page.mouse.up()

    expect_result(page, "Your card number is incomplete.")
    expect(payment_frame(page).get_by_text("Your card's expiration date is incomplete.")).to_be_visible()


@pytest.mark.parametrize("leave", ["another field", "the form"])
def test_an_unfinished_field_says_so_when_it_is_left(open_page: Open, leave: str) -> None:
    page = open_page(options=ONLY_CARDS)
    frame = payment_frame(page)
    frame.locator("[name=expiry]").press_sequentially("12")
    expect(frame.get_by_role("alert").filter(visible=True)).to_have_count(0)

    if leave == "the form":
        page.get_by_role("heading").click()
    else:
        frame.locator("[name=cvc]").focus()

    expect(frame.get_by_role("alert").filter(visible=True)).to_have_text("Your card's expiration date is incomplete.")
