"""Alice pays by card."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.customer import CARD, CARD_3DS, CARD_POOR, Customer
from e2e.demo import Demo


def test_a_card_pays_and_the_receipt_comes_by_page_and_mail(alice: Customer, demo: Demo) -> None:
    alice.orders_tea()

    alice.pays_by_card(CARD)

    number = alice.sees_receipt()
    expect(alice.page.locator(".receipt")).to_contain_text("4242")
    mail = demo.wait_for_mail(alice.email, number)
    assert number in mail["text"]
    assert number in mail["html"]


def test_three_d_secure_completed_pays(alice: Customer, demo: Demo) -> None:
    alice.orders_tea()
    alice.pays_by_card(CARD_3DS)

    alice.completes_challenge()

    demo.wait_for_mail(alice.email, alice.sees_receipt())


def test_three_d_secure_failed_leaves_the_same_page_with_a_way_on(alice: Customer) -> None:
    pay_page = alice.orders_tea()
    alice.pays_by_card(CARD_3DS)

    alice.fails_challenge()

    alice.sees_card_error("Your bank could not confirm that it is you")
    assert alice.page.url == pay_page
    alice.pays_by_card(CARD)
    alice.sees_receipt()


def test_three_d_secure_closed_leaves_the_same_page_with_a_way_on(alice: Customer) -> None:
    alice.orders_tea()
    alice.pays_by_card(CARD_3DS)

    alice.closes_challenge()

    alice.sees_card_error("Your bank could not confirm that it is you")
    alice.pays_by_card(CARD_3DS)
    alice.completes_challenge()
    alice.sees_receipt()


def test_a_declined_card_is_told_in_the_shoppers_words_and_another_pays(alice: Customer, demo: Demo) -> None:
    alice.orders_tea()
    alice.pays_by_card(CARD_POOR)
    alice.sees_card_error("does not have enough money on it")

    alice.pays_by_card(CARD)

    alice.sees_receipt()
    assert len(demo.mails_to(alice.email)) <= 1


def test_a_double_click_on_pay_charges_once(alice: Customer, demo: Demo) -> None:
    alice.orders_tea()
    alice.fills_card(CARD)
    before = len(demo.objects("stripe.charge"))

    alice.page.locator(alice.pay_button).dblclick()

    alice.sees_receipt()
    assert len(demo.objects("stripe.charge")) == before + 1


def test_going_back_after_paying_shows_the_receipt_and_charges_nothing(alice: Customer, demo: Demo) -> None:
    pay_page = alice.orders_tea()
    alice.pays_by_card(CARD)
    number = alice.sees_receipt()
    before = len(demo.objects("stripe.charge"))

    alice.page.goto(pay_page)

    assert alice.sees_receipt() == number
    assert len(demo.objects("stripe.charge")) == before
