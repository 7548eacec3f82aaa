"""A visitor whose browser asks for German buys in German, from the front page to the receipt and the mail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import expect

from e2e.customer import CARD, Customer
from e2e.demo import Demo

CATALOGUE = Path(__file__).resolve().parents[1] / "shop" / "translations" / "de" / "LC_MESSAGES" / "messages.po"
LONG = 20  # characters: shorter texts may stand inside German ones, or be the same word
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
FIELDS = {
    "E-Mail-Adresse": "",
    "Name": "Alice Ashdown",
    "Straße und Hausnummer": "Speicherstadt 4",
    "Postleitzahl": "20457",
    "Ort": "Hamburg",
}


@pytest.fixture(scope="module")
def english() -> list[re.Pattern[str]]:
    """Every sentence that a German page must not have, whatever its placeholders stand for."""
    with CATALOGUE.open("rb") as opened:
        messages = [message for message in read_po(opened) if message.id]
    texts = [text for message in messages for text in ([message.id] if isinstance(message.id, str) else message.id)]
    parts = [PLACEHOLDER.split(text) for text in texts]
    return [re.compile(".+".join(map(re.escape, between))) for between in parts if len("".join(between)) > LONG]


def rest_of(english: list[re.Pattern[str]], text: str) -> list[str]:
    """Return what of a text is English."""
    return sorted({found[0] for pattern in english if (found := pattern.search(text))})


@pytest.mark.speaks("de-DE")
def test_a_german_visitor_buys_by_card_in_german(
    alice: Customer, demo: Demo, english: list[re.Pattern[str]]
) -> None:
    page = alice.page
    left: dict[str, list[str]] = {}

    def read(name: str) -> None:
        expect(page.locator("html")).to_have_attribute("lang", "de")
        words = page.locator("[data-word], [data-decline]").all_text_contents()
        left[name] = rest_of(english, "\n".join([page.title(), page.locator("body").inner_text(), *words]))

    page.goto(demo.shop)
    read("home")
    page.goto(f"{demo.shop}/teas/harbour-breakfast")
    read("product")
    page.get_by_role("button", name="In den Warenkorb").click()
    page.goto(f"{demo.shop}/cart")
    read("cart")
    page.get_by_role("link", name="Zur Kasse").click()
    for label, value in FIELDS.items():
        page.get_by_label(label, exact=True).fill(value or alice.email)
    read("checkout")
    page.get_by_role("button", name="Weiter zur Zahlung").click()
    expect(page.get_by_role("heading", name="Zahlung", exact=True)).to_be_visible()
    read("pay page")
    expect(page.get_by_role("button", name="Mit PayPal bezahlen")).to_be_visible()
    alice.pays_by_card(CARD)
    expect(page.get_by_role("heading", name="Vielen Dank, Alice")).to_be_visible(timeout=20_000)
    read("receipt")
    number = page.locator(".receipt__number").inner_text()
    mail = demo.wait_for_mail(alice.email, number)

    assert {name: found for name, found in left.items() if found} == {}
    assert mail["subject"] == f"Ihr Beleg für Bestellung {number}"
    assert rest_of(english, mail["text"]) == []


@pytest.mark.speaks("de-DE")
def test_no_page_is_wider_than_a_phone_in_german(alice: Customer, demo: Demo) -> None:
    page = alice.page
    page.set_viewport_size({"width": 390, "height": 844})
    wide: dict[str, int] = {}

    def measure(name: str) -> None:
        overflow: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wide[name] = overflow

    for path in ("/", "/?kind=black", "/cart", "/login", "/register", "/orders/lookup", "/teas/harbour-breakfast"):
        page.goto(demo.shop + path)
        measure(path)
    page.get_by_role("button", name="In den Warenkorb").click()
    for path in ("/cart", "/checkout"):
        page.goto(demo.shop + path)
        measure(f"{path} with tea in it")

    assert {name: overflow for name, overflow in wide.items() if overflow} == {}
