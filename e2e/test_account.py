"""An account from its beginning to its end, through the mailbox, as a person has it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from e2e.customer import CARD, Customer
from e2e.demo import Demo

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
FIRST, SECOND = "three grey herons", "two green kettles"


def link(demo: Demo, address: str, subject: str) -> str:
    """Wait for a mail; return the link in it."""
    found = re.search(r"https?://\S+/account/\S+", demo.wait_for_mail(address, subject)["text"])
    assert found is not None
    return found[0]


def assert_axe_finds_nothing(alice: Customer) -> None:
    assert [found["id"] for found in Axe().run(alice.page, options=RULES).response["violations"]] == []


@pytest.mark.expects("status of 400")
def test_an_account_from_registering_to_deleting(alice: Customer, demo: Demo, tmp_path: Path) -> None:
    page = alice.page
    page.goto(f"{alice.shop}/register")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("alert")).to_contain_text("Something is not right yet")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    assert_axe_finds_nothing(alice)
    page.get_by_label("Name", exact=True).fill("Alice Ashdown")
    page.get_by_label("Mail address").fill(alice.email)
    page.get_by_label("Password").fill(FIRST)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()

    page.goto(link(demo, alice.email, "confirm your mail address"))
    page.get_by_label("Password").fill(FIRST)
    page.get_by_role("button", name="Confirm and sign in").click()
    expect(page.get_by_role("heading", name="Good to see you, Alice")).to_be_visible()

    alice.orders_tea()
    alice.pays_by_card(CARD)
    number = alice.sees_receipt()
    page.goto(f"{alice.shop}/orders")
    expect(page.get_by_role("row", name=re.compile(number))).to_contain_text("Paid")
    assert_axe_finds_nothing(alice)

    page.goto(f"{alice.shop}/forgot")
    page.get_by_label("Mail address").fill(alice.email)
    page.get_by_role("button", name="Send the link").click()
    page.goto(link(demo, alice.email, "Set a new password"))
    page.get_by_label("Password").fill(SECOND)
    page.get_by_role("button", name="Set it and sign in").click()
    expect(page.get_by_role("heading", name="Good to see you, Alice")).to_be_visible()
    demo.wait_for_mail(alice.email, "password was changed")

    page.goto(f"{alice.shop}/account/privacy/export")
    page.get_by_label("Your password").fill(SECOND)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file").click()
    download.value.save_as(tmp_path / "mine.json")
    mine = json.loads((tmp_path / "mine.json").read_text())
    assert [order["number"] for order in mine["orders"]] == [number]

    page.goto(f"{alice.shop}/account/privacy")
    assert_axe_finds_nothing(alice)
    page.get_by_role("link", name="Go on to delete").click()
    page.get_by_label("Your password").fill(SECOND)
    page.get_by_role("button", name="Delete the account for good").click()
    expect(page.get_by_text("Your account is deleted")).to_be_visible()
    demo.wait_for_mail(alice.email, "account is deleted")
    page.goto(f"{alice.shop}/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
