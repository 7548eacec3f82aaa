"""Other ways to pay: SEPA Direct Debit, saved cards, setting up for later."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.sandbox.browser.conftest import (
    DEFERRED,
    ONLY_CARDS,
    Open,
    challenge,
    expect_result,
    fill_card,
    pay,
    payment_frame,
)
from tests.sandbox.browser.merchant import Merchant

UNABLE = "We are unable to authenticate your payment method. Please choose a different payment method and try again."
FEATURES = {
    "payment_method_save": "enabled",
    "payment_method_save_usage": "off_session",
    "payment_method_redisplay": "enabled",
    "payment_method_remove": "enabled",
}


def customer_with_card(merchant: Merchant, card: str = "pm_card_visa") -> tuple[str, str, str]:
    """Return a customer, its saved card, and the secret of a customer session."""
    customer = merchant.client.v1.customers.create({"name": "Alice"})
    saved = merchant.client.v1.payment_methods.attach(card, {"customer": customer.id})
    merchant.client.v1.payment_methods.update(saved.id, {"allow_redisplay": "always"})
    return customer.id, saved.id, session_secret(merchant, customer.id)


def session_secret(merchant: Merchant, customer: str) -> str:
    """Open a customer session that allows everything."""
    session = merchant.client.v1.customer_sessions.create(
        {"customer": customer, "components": {"payment_element": {"enabled": True, "features": FEATURES}}}  # type: ignore[typeddict-item]
    )
    return str(session.client_secret)


def test_a_sepa_debit_is_processing_until_the_bank_has_paid(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options=DEFERRED)
    frame = payment_frame(page)

    frame.get_by_role("button", name="SEPA Direct Debit").click()
    frame.locator("[name=iban]").fill("AT61 1904 3002 3457 3201")
    frame.locator("[name=name]").fill("Alice Archer")
    frame.locator("[name=email]").fill("alice@example.com")
    pay(page)

    result = expect_result(page, "processing")
    intent = merchant.client.v1.payment_intents.retrieve(result["paymentIntent"]["id"], {"expand": ["payment_method"]})
    assert intent.payment_method.sepa_debit.last4 == "3201"  # type: ignore[union-attr]
    assert intent.payment_method.billing_details.name == "Alice Archer"  # type: ignore[union-attr]


def test_sepa_is_offered_for_euros_only(open_page: Open) -> None:
    page = open_page(options={**DEFERRED, "currency": "usd"})

    frame = payment_frame(page)
    expect(frame.locator("[name=number]")).to_be_visible()
    expect(frame.get_by_text("SEPA Direct Debit")).to_have_count(0)


def test_a_british_iban_needs_an_address(open_page: Open) -> None:
    page = open_page(options={**DEFERRED, "allowedPaymentMethodTypes": ["sepa_debit"]})
    frame = payment_frame(page)

    frame.locator("[name=iban]").fill("GB82 WEST 1234 5698 7654 32")

    for name in ("addressLine1", "locality", "postalCode"):
        expect(frame.locator(f"[name={name}]")).to_be_visible()


def test_a_saved_card_pays_without_its_number(open_page: Open, merchant: Merchant) -> None:
    customer, card, secret = customer_with_card(merchant)
    page = open_page(options={**ONLY_CARDS, "customerSessionClientSecret": secret}, intent={"customer": customer})

    expect(payment_frame(page).get_by_role("radio")).to_be_checked()
    pay(page)

    result = expect_result(page, "succeeded")
    assert result["paymentIntent"]["payment_method"] == card


def test_a_saved_card_may_ask_for_a_challenge(open_page: Open, merchant: Merchant) -> None:
    customer, _, secret = customer_with_card(merchant, "pm_card_authenticationRequired")
    page = open_page(options={**ONLY_CARDS, "customerSessionClientSecret": secret}, intent={"customer": customer})

    payment_frame(page).get_by_role("radio").wait_for()
    pay(page)
    challenge(page).locator("#test-source-authorize-3ds").click()

    expect_result(page, "succeeded")


def test_a_customer_with_saved_cards_may_use_a_new_one_and_keep_it(open_page: Open, merchant: Merchant) -> None:
    customer, _, secret = customer_with_card(merchant, "pm_card_mastercard")
    page = open_page(options={**ONLY_CARDS, "customerSessionClientSecret": secret}, intent={"customer": customer})

    payment_frame(page).locator("#card-tab").click()
    fill_card(page, "4242 4242 4242 4242")
    payment_frame(page).get_by_label("Save payment details for future purchases").check()
    pay(page)

    expect_result(page, "succeeded")
    saved = merchant.client.v1.customers.payment_methods.list(customer, {"type": "card"})
    assert {(card.card.last4, card.allow_redisplay) for card in saved} == {("4242", "always"), ("4444", "always")}  # type: ignore[union-attr]


def test_a_customer_removes_a_saved_card_after_being_asked_once_more(open_page: Open, merchant: Merchant) -> None:
    customer, _, secret = customer_with_card(merchant)
    page = open_page(options={**ONLY_CARDS, "customerSessionClientSecret": secret}, intent={"customer": customer})
    frame = payment_frame(page)

    frame.get_by_role("button", name="Remove").click()
    frame.get_by_role("button", name="Keep").click()
    frame.get_by_role("button", name="Remove").click()
    frame.get_by_role("button", name="Remove", exact=True).click()

    expect(frame.get_by_role("radio")).to_have_count(0)
    assert list(merchant.client.v1.customers.payment_methods.list(customer)) == []


def test_another_customers_cards_are_not_shown(open_page: Open, merchant: Merchant) -> None:
    customer_with_card(merchant)
    bob = merchant.client.v1.customers.create({"name": "Bob"})

    page = open_page(options={**ONLY_CARDS, "customerSessionClientSecret": session_secret(merchant, bob.id)})

    expect(payment_frame(page).locator("[name=number]")).to_be_visible()
    expect(payment_frame(page).get_by_role("radio")).to_have_count(0)


def test_a_card_is_set_up_for_later(open_page: Open, merchant: Merchant) -> None:
    customer = merchant.client.v1.customers.create({"name": "Alice"})
    setup = merchant.setup(customer=customer.id)
    page = open_page(options={"clientSecret": setup.client_secret}, secret=setup.client_secret, setup="1")

    payment_frame(page).locator("#card-tab").click()
    fill_card(page, "4000 0025 0000 3155")
    pay(page)
    challenge(page).locator("#test-source-authorize-3ds").click()

    result = expect_result(page, "succeeded")
    assert result["setupIntent"]["id"] == setup.id
    assert [card.card.last4 for card in merchant.client.v1.customers.payment_methods.list(customer.id)] == ["3155"]  # type: ignore[union-attr]


def test_a_failed_setup_says_so(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options={"mode": "setup", "currency": "usd"}, setup="1")

    fill_card(page, "4000 0025 0000 3155")
    pay(page)
    challenge(page).locator("#test-source-fail-3ds").click()

    result = expect_result(page, UNABLE)
    assert result["error"]["code"] == "setup_intent_authentication_failure"
    assert result["error"]["setup_intent"]["status"] == "requires_payment_method"


def test_an_intent_of_the_server_is_paid_with_its_client_secret(open_page: Open, merchant: Merchant) -> None:
    intent = merchant.intent(allowed_payment_method_types=["card"])
    page = open_page(options={"clientSecret": intent.client_secret}, secret=intent.client_secret)

    fill_card(page, "5555 5555 5555 4444")
    pay(page)

    result = expect_result(page, "succeeded")
    assert result["paymentIntent"]["id"] == intent.id
