"""Alice has an account: she saves a card with consent, pays with it in two clicks, and keeps order in her cards."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from e2e.customer import CARD, Customer
from e2e.demo import Demo

SAVE_WITH_3DS = "4000002500003155"
CARDS = "/account/payment-methods"


@pytest.fixture
def member(context: BrowserContext, demo: Demo) -> Iterator[Customer]:
    """Alice of the demo, signed in, with no card saved."""
    alice = Customer(context.new_page(), demo.shop, "alice@example.com")
    alice.page.goto(f"{demo.shop}/login")
    alice.page.get_by_label("Mail address").fill("alice@example.com")
    alice.page.get_by_label("Password").fill("tea-and-tide")
    alice.page.locator("main").get_by_role("button", name="Sign in").click()
    expect(alice.page.get_by_role("heading", name="Your orders")).to_be_visible()
    _removes_all(alice)
    yield alice
    _removes_all(alice)


def test_a_card_saved_with_consent_pays_the_next_order_in_two_clicks(member: Customer, demo: Demo) -> None:
    member.orders_tea()
    expect(member.page.locator("#card-consent")).to_contain_text("You can remove the card at any time")
    member.fills_card(CARD)
    frame(member.page).get_by_label("Save payment details for future purchases").check()
    member.presses_pay()
    member.sees_receipt()

    member.orders_tea()
    expect(frame(member.page).get_by_role("radio").first).to_be_checked()
    member.presses_pay()

    member.sees_receipt()
    expect(member.page.locator(".receipt")).to_contain_text("4242")
    intents = demo.objects("stripe.payment_intent")[:2]
    assert intents[0]["payment_method"] == intents[1]["payment_method"]
    _opens(member)
    expect(member.page.locator(".cards__card")).to_contain_text("Visa ending in 4242")
    expect(member.page.locator(".cards__card")).to_contain_text("Chosen beforehand")


def test_a_card_that_is_not_to_be_saved_is_not(member: Customer) -> None:
    member.orders_tea()
    member.pays_by_card(CARD)
    member.sees_receipt()

    _opens(member)

    expect(member.page.get_by_role("heading", name="No card saved")).to_be_visible()


def test_a_card_is_added_after_its_bank_asked(member: Customer) -> None:
    _adds(member, SAVE_WITH_3DS)
    member.completes_challenge()

    expect(member.page.get_by_text("The card is saved")).to_be_visible()
    expect(member.page.locator(".cards__card")).to_contain_text("Visa ending in 3155")


def test_a_challenge_that_failed_saves_nothing_and_another_card_can_be_tried(member: Customer) -> None:
    _adds(member, SAVE_WITH_3DS)
    member.fails_challenge()
    member.sees_card_error("Your bank could not confirm that it is you")

    _types(member, CARD)

    expect(member.page.locator(".cards__card")).to_contain_text("Visa ending in 4242")
    expect(member.page.locator(".cards__card")).to_have_count(1)


def test_a_card_that_its_bank_declines_is_not_saved(member: Customer) -> None:
    _adds(member, "4000000000009995")

    member.sees_card_error("does not have enough money on it")


def test_on_a_phone_too_a_card_that_is_missing_or_wrong_is_told_beside_the_button(member: Customer) -> None:
    member.page.set_viewport_size({"width": 390, "height": 844})
    member.page.goto(f"{member.shop}{CARDS}/add")
    expect(member.page.locator(member.pay_button)).not_to_have_attribute("aria-disabled", "true")

    member.presses_pay()
    member.sees_card_error("Your card number is incomplete.")
    _types(member, "4242424242424241")
    member.sees_card_error("Your card number is invalid.")

    _types(member, CARD)
    expect(member.page.get_by_text("The card is saved")).to_be_visible()


def test_a_tab_closed_at_the_banks_page_still_saves_the_card(member: Customer, context: BrowserContext) -> None:
    member.page.route("**/payment-methods/return*", lambda route: route.abort())
    _adds(member, CARD)
    member.page.wait_for_event("requestfailed", lambda request: "/return" in request.url)
    member.page.unroute_all()

    _opens(member)

    expect(member.page.locator(".cards__card")).to_contain_text("Visa ending in 4242")


def test_another_card_is_chosen_beforehand_and_the_first_removed(member: Customer) -> None:
    for number in (CARD, "5555555555554444"):
        _adds(member, number)
        expect(member.page.get_by_text("The card is saved")).to_be_visible()

    member.page.get_by_role("button", name=re.compile("Choose beforehand.*Mastercard")).click()
    expect(member.page.locator(".cards__card").first).to_contain_text("Mastercard ending in 4444")
    member.page.get_by_role("link", name=re.compile("Remove.*Visa")).click()
    member.page.get_by_role("button", name="Remove the card").click()

    expect(member.page.get_by_text("Visa ending in 4242 is removed")).to_be_visible()
    expect(member.page.locator(".cards__card")).to_have_count(1)
    member.orders_tea()
    expect(frame(member.page).get_by_role("radio")).to_have_count(1)


def test_while_stripe_keeps_silent_a_card_can_still_be_typed(member: Customer, demo: Demo) -> None:
    demo.fault("stripe", "down", path_prefix="/v1/customer", times=10)
    member.orders_tea()

    expect(member.page.locator("#card-unshown")).to_be_visible()
    demo.reset_trouble()
    member.pays_by_card(CARD)

    member.sees_receipt()


def test_guests_are_offered_nothing_to_save(alice: Customer) -> None:
    alice.orders_tea()

    expect(frame(alice.page).locator("[name=number]")).to_be_visible()
    expect(alice.page.locator("#card-consent")).to_have_count(0)
    expect(frame(alice.page).get_by_label("Save payment details for future purchases")).to_be_hidden()


def frame(page: Page) -> FrameLocator:
    """Return Stripe's frame."""
    return page.frame_locator("iframe[title='Secure payment input frame']")


def _opens(member: Customer) -> None:
    member.page.goto(member.shop + CARDS)
    expect(member.page.get_by_role("heading", name="Payment methods")).to_be_visible()


def _adds(member: Customer, number: str) -> None:
    member.page.goto(f"{member.shop}{CARDS}/add")
    _types(member, number)


def _types(member: Customer, number: str) -> None:
    member.fills_card(number)
    frame(member.page).locator("[name=country]").select_option("DE")
    member.presses_pay()


def _removes_all(member: Customer) -> None:
    _opens(member)
    while (link := member.page.get_by_role("link", name=re.compile("^Remove"))).count():
        link.first.click()
        member.page.get_by_role("button", name="Remove the card").click()
        expect(member.page.get_by_role("heading", name="Payment methods")).to_be_visible()
