"""A merchant's page with a strict policy on another site than PayPal's, and the browser that visits it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from sandbox.running import Sandbox
from sandbox.server import LoopbackServer
from tests.sandbox.paypal_browser.merchant import Merchant, create_merchant


@pytest.fixture
def merchant(sandbox: Sandbox) -> Iterator[Merchant]:
    """A shop of one page on 127.0.0.1, while the SDK comes from localhost."""
    server = LoopbackServer(0, sandbox.world.clock)
    shop = create_merchant(sandbox, f"http://127.0.0.1:{server.port}")
    server.start(shop.app)
    yield shop
    server.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile that has seen nothing."""
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, merchant: Merchant) -> Iterator[Page]:
    """The merchant's page, ready to pay; a console error or a policy violation on any page fails the test."""
    complaints: list[str] = []
    context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda failed: complaints.append(str(failed.error)))
    visited = context.new_page()
    visited.goto(merchant.address)
    visited.get_by_text("ready", exact=True).wait_for()
    yield visited
    assert [text for text in complaints if not merchant.expects(text)] == []
