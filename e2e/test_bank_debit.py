"""Alice pays by SEPA direct debit: a bank takes its time, and the shop does not pretend otherwise."""

from __future__ import annotations

import requests
from playwright.sync_api import expect

from e2e.customer import CARD, Customer
from e2e.demo import Demo

PAYS_LATER = "AT321904300235473204"  # after three minutes of the sandbox's clock
FAILS_LATER = "AT051904300235473205"


def debit(alice: Customer, iban: str) -> None:
    """Choose SEPA in Stripe's frame, type an IBAN and press Pay."""
    frame = alice.page.frame_locator("iframe[title='Secure payment input frame']")
    frame.get_by_role("button", name="SEPA Direct Debit").click()
    frame.locator("[name=iban]").fill(iban)
    expect(frame.get_by_text("you authorise (A) Tidewater Tea and Stripe")).to_be_visible()
    alice.presses_pay()


def three_minutes_pass(demo: Demo) -> None:
    """Move the sandbox's clock past the bank's answer."""
    requests.post(f"{demo.control}/clock", json={"seconds": 200}, timeout=10).raise_for_status()


def test_a_bank_debit_is_shown_as_processing_and_the_receipt_follows(alice: Customer, demo: Demo) -> None:
    alice.orders_tea()
    debit(alice, PAYS_LATER)
    expect(alice.page.get_by_role("heading", name="Your bank is at work")).to_be_visible()
    demo.wait_for_mail(alice.email, "TT-")

    three_minutes_pass(demo)

    expect(alice.page.get_by_role("heading", name="Thank you, Alice")).to_be_visible(timeout=30_000)
    demo.wait_for_mail(alice.email, "receipt")


def test_somebody_who_leaves_the_page_of_a_bank_at_work_open_finds_it_as_it_was(alice: Customer) -> None:
    alice.orders_tea()
    debit(alice, PAYS_LATER)
    expect(alice.page.get_by_role("heading", name="Your bank is at work")).to_be_visible()
    alice.page.clock.install()
    with alice.page.expect_response("**/status"):
        alice.page.reload()

    with alice.page.expect_response("**/status"):
        alice.page.clock.fast_forward("02:05")
    alice.page.clock.run_for(1_000)  # what its script throws fails the test: see `context`

    expect(alice.page.get_by_role("heading", name="Your bank is at work")).to_be_visible()


def test_a_bank_debit_that_fails_is_told_by_mail_with_a_way_on(alice: Customer, demo: Demo) -> None:
    alice.orders_tea()
    debit(alice, FAILS_LATER)
    expect(alice.page.get_by_role("heading", name="Your bank is at work")).to_be_visible()

    three_minutes_pass(demo)

    expect(alice.page.locator("#pay-message")).to_contain_text("Nothing was charged", timeout=30_000)
    demo.wait_for_mail(alice.email, "did not go through")
    alice.pays_by_card(CARD)
    alice.sees_receipt()
