"""The receipt: by the link in the mail, from any browser; its PDF, from the page and with the mail."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from e2e.customer import CARD, Customer
from e2e.demo import Demo


def words_of(pdf: bytes) -> str:
    """Return the words of a PDF, one space between them."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def stranger(browser: Browser) -> Page:
    """Return a browser that has never been here."""
    return browser.new_context(locale="en-GB").new_page()


def test_a_guest_opens_the_link_in_the_mail_elsewhere_and_downloads_the_pdf(
    alice: Customer, demo: Demo, browser: Browser
) -> None:
    alice.orders_tea()
    alice.pays_by_card(CARD)
    number = alice.sees_receipt()

    mail = demo.wait_for_mail(alice.email, number)
    link = re.search(r"http\S+/receipt", mail["text"])
    assert link is not None
    page = stranger(browser)
    page.goto(link[0])

    expect(page.locator(".receipt__number")).to_have_text(number)
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download as PDF").click()
    file = downloaded.value
    assert re.fullmatch(r"INV-[0-9A-Z]+-\d{5}\.pdf", file.suggested_filename)
    said = words_of(Path(file.path()).read_bytes())
    total = page.locator(".sums__total .money").inner_text()
    assert number in said
    assert f"Total, paid {total}" in said
    page.context.close()


def test_the_mail_carries_the_same_pdf_as_the_page(alice: Customer, demo: Demo) -> None:
    alice.orders_tea()
    alice.pays_by_card(CARD)
    number = alice.sees_receipt()

    mail = demo.wait_for_mail(alice.email, number)

    [attached] = mail["attachments"]
    sent = demo.attachment(mail["id"], attached["index"])
    path = alice.page.get_by_role("link", name="Download as PDF").get_attribute("href")
    served = requests.get(f"{demo.shop}{path}", timeout=10)
    assert attached["name"].removesuffix(".pdf") in mail["text"]
    assert sent == served.content
    assert served.headers["Cache-Control"] == "private, no-store"
    assert served.headers["Content-Disposition"] == f"attachment; filename={attached['name']}"


@pytest.mark.expects("status of 404")
def test_a_link_with_one_letter_wrong_opens_nothing(alice: Customer) -> None:
    alice.orders_tea()
    alice.pays_by_card(CARD)
    alice.sees_receipt()
    wrong = alice.page.url.replace("/receipt", "x/receipt")

    alice.page.goto(wrong)

    expect(alice.page.get_by_role("heading", name="Not in our books")).to_be_visible()


def test_on_paper_there_is_the_slip_and_nothing_else(alice: Customer) -> None:
    alice.orders_tea()
    alice.pays_by_card(CARD)
    alice.sees_receipt()

    alice.page.emulate_media(media="print")

    expect(alice.page.locator(".receipt")).to_be_visible()
    for part in (".header", ".footer", ".thanks", ".receipt__actions", ".test-mode"):
        expect(alice.page.locator(part)).to_be_hidden()
