"""A merchant's page on another site than Stripe's, and the browser that visits it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from sandbox.running import Sandbox
from sandbox.server import LoopbackServer
from tests.card_numbers import carries_card_number
from tests.sandbox.browser.merchant import Merchant

Open = Callable[..., Page]

DEFERRED = {"mode": "payment", "amount": 2450, "currency": "eur"}
ONLY_CARDS = {**DEFERRED, "allowedPaymentMethodTypes": ["card"]}


@pytest.fixture
def merchant(sandbox: Sandbox) -> Iterator[Merchant]:
    """A shop of one page on 127.0.0.1, while stripe.js comes from localhost."""
    server = LoopbackServer(0, sandbox.world.clock)
    shop = Merchant(sandbox, f"http://127.0.0.1:{server.port}")
    server.start(shop.app)
    yield shop
    server.stop()


@pytest.fixture
def context(browser: Browser, merchant: Merchant) -> Iterator[BrowserContext]:
    """A fresh profile; a console error, a policy violation, or a card number at the shop's server fails the test."""
    complaints: list[str] = []
    made = browser.new_context(viewport={"width": 1000, "height": 900}, locale="en-US")
    made.set_default_timeout(10_000)
    made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    made.on("weberror", lambda failed: complaints.append(str(failed.error)))
    yield made
    made.close()
    # A browser writes down by itself that a request was answered with 402; stripe.js cannot keep it from that.
    expected = ("status of 402", *merchant.expected_complaints)
    assert [text for text in complaints if not any(words in text for words in expected)] == []
    assert [line for line in merchant.received if carries_card_number(line)] == []


@pytest.fixture
def open_page(context: BrowserContext, merchant: Merchant) -> Open:
    """Open the shop with options for Elements (`options`), the element (`element`), the intent and so on."""

    def visit(**parameters: Any) -> Page:
        page = context.new_page()
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
        page.goto(f"{merchant.address}/?{urlencode(texts)}")
        return page

    return visit


def payment_frame(page: Page) -> FrameLocator:
    """Return the Payment Element's frame."""
    return page.frame_locator("iframe[title='Secure payment input frame']")


def fill_card(page: Page, number: str, expiry: str = "12 / 34", code: str = "123", postal_code: str = "10115") -> None:
    """Fill in a card as a person does."""
    frame = payment_frame(page)
    frame.locator("[name=number]").fill(number)
    frame.locator("[name=expiry]").fill(expiry)
    frame.locator("[name=cvc]").fill(code)
    if frame.locator("[name=postalCode]").is_visible():
        frame.locator("[name=postalCode]").fill(postal_code)


def pay(page: Page) -> None:
    """Press the shop's button."""
    page.get_by_role("button", name="Pay").click()


def challenge(page: Page) -> FrameLocator:
    """Return the bank's page inside the modal."""
    return page.frame_locator("iframe[src*='three-ds-2-challenge']").frame_locator("#challengeFrame")


def expect_result(page: Page, text: str) -> dict[str, Any]:
    """Wait until the shop says `text`; return what stripe.js last resolved to."""
    expect(page.locator("#result")).to_have_text(text)
    result: dict[str, Any] = page.evaluate("window.results.at(-1)")
    return result
