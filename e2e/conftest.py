"""One demo for all browser tests of a run; each test is a customer of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request

from e2e.customer import Customer
from e2e.demo import Demo
from tests import browser
from tests.card_numbers import carries_card_number

# A browser writes down by itself that a request was answered with 4xx or 5xx; no script can keep it from that.
EXPECTED = ("status of 402", "status of 503", "status of 409")

SLIPPED_IN = ("https://evil.example", '"blocked": "inline"')


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Which browser pytest-playwright starts, and what keeps it quiet."""
    return browser.launch_arguments()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The whole shop, running."""
    with Demo(Path(tmp_path_factory.mktemp("demo"))) as running:
        yield running
        # Browsers report violations to the shop, whichever window they happen in, those that a test provokes as well.
        reported = [line for line in running.log().splitlines() if '"policy_violation"' in line]
        assert [line for line in reported if not any(source in line for source in SLIPPED_IN)] == []


@pytest.fixture(autouse=True)
def _no_trouble(demo: Demo) -> Iterator[None]:
    """Every test begins with providers that work, and leaves them so."""
    demo.reset_trouble()
    yield
    demo.reset_trouble()


class Watch:
    """What went wrong in a browser without anybody seeing it."""

    def __init__(self, shop: str, expected: tuple[str, ...]) -> None:
        self._shop = shop
        self._expected = expected
        self.complaints: list[str] = []
        self.leaks: list[str] = []

    def heard(self, message: ConsoleMessage) -> None:
        """Keep console errors, policy violations among them."""
        if message.type == "error" and not any(known in message.text for known in self._expected):
            self.complaints.append(f"{message.text} ({message.location})")

    def sent(self, request: Request) -> None:
        """Keep requests to the shop that carry what looks like a test card's number."""
        if request.url.startswith(self._shop) and carries_card_number(f"{request.url} {request.post_data or ''}"):
            self.leaks.append(request.url)


@pytest.fixture
def context(browser: Browser, demo: Demo, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh profile; a console error, a policy violation or a card number sent to the shop fails the test."""
    marker = request.node.get_closest_marker("expects")
    watch = Watch(demo.shop, EXPECTED + (marker.args if marker else ()))
    speaks = request.node.get_closest_marker("speaks")
    locale = speaks.args[0] if speaks else "en-GB"
    made = browser.new_context(viewport={"width": 1280, "height": 1000}, locale=locale)
    made.set_default_timeout(15_000)
    made.on("console", watch.heard)
    made.on("weberror", lambda failed: watch.complaints.append(str(failed.error)))
    made.on("request", watch.sent)
    begun = len(demo.log())
    yield made
    made.close()
    assert watch.complaints == [], "\n".join(demo.unexpected(begun))
    assert watch.leaks == []


@pytest.fixture
def alice(context: BrowserContext, demo: Demo, request: pytest.FixtureRequest) -> Customer:
    """Alice, with an address of this test's own, so that her mails are."""
    name = "".join(char if char.isalnum() else "-" for char in request.node.name.removeprefix("test_"))[:48].strip("-")
    return Customer(context.new_page(), demo.shop, f"{name}@alice.example")
