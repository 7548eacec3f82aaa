"""Alice pays with PayPal."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from e2e.customer import CARD, Customer
from e2e.demo import Demo


def test_paypal_approved_pays_and_the_receipt_comes_by_page_and_mail(alice: Customer, demo: Demo) -> None:
    alice.orders_tea()

    alice.approves(alice.opens_paypal())

    number = alice.sees_receipt()
    expect(alice.page.locator(".receipt")).to_contain_text("PayPal")
    assert number in demo.wait_for_mail(alice.email, number)["text"]


def test_paypal_cancelled_charges_nothing_and_the_card_still_pays(alice: Customer) -> None:
    alice.orders_tea()
    window = alice.opens_paypal()

    window.get_by_role("button", name="Cancel and return").click()

    alice.sees_paypal_error("Nothing was charged")
    alice.pays_by_card(CARD)
    alice.sees_receipt()


def test_the_window_closed_is_a_cancellation(alice: Customer) -> None:
    alice.orders_tea()
    window = alice.opens_paypal()

    window.close()

    alice.sees_paypal_error("Nothing was charged")
    alice.approves(alice.opens_paypal())
    alice.sees_receipt()


def test_a_declined_funding_source_is_told_and_another_one_pays(alice: Customer) -> None:
    alice.orders_tea()
    alice.approves(alice.opens_paypal(), funding="declined")
    alice.sees_paypal_error("PayPal could not take the money from what you chose")

    alice.approves(alice.opens_paypal())

    alice.sees_receipt()


def test_where_windows_are_blocked_paypal_opens_over_the_page(alice: Customer) -> None:
    alice.page.add_init_script("window.open = () => null")
    alice.orders_tea()

    alice.presses(alice.page.locator("paypal-button"))
    frame = alice.page.frame_locator("paypal-overlay iframe")
    frame.get_by_role("button", name="Log in").click()
    frame.locator("input[name=funding][value=balance]").check()
    frame.get_by_role("button", name=re.compile("^Pay ")).click()

    alice.sees_receipt()


@pytest.mark.expects("net::ERR_FAILED")
def test_an_approval_that_the_shop_did_not_hear_of_is_captured_on_the_return_page(alice: Customer) -> None:
    alice.orders_tea()
    alice.page.route("**/paypal/approved", lambda route: route.abort())
    window = alice.opens_paypal()

    alice.approves(window)

    alice.sees_receipt()


@pytest.mark.expects("status of 503", "status of 500")
@pytest.mark.parametrize("status", [503, 500])
def test_an_approval_that_the_shop_could_not_write_down_leads_to_the_return_page_which_looks_again(
    alice: Customer, status: int
) -> None:
    alice.orders_tea()
    answer = {"error": "Closed for a moment", "message": "Our books cannot be opened at the moment.", "field": ""}
    alice.page.route("**/paypal/approved", lambda route: route.fulfill(status=status, json=answer))
    asked: list[str] = []
    alice.page.on("request", lambda request: asked.append(request.url))

    alice.approves(alice.opens_paypal())

    alice.sees_receipt()
    assert [url for url in asked if url.endswith("/return")], "and not to a second try"
