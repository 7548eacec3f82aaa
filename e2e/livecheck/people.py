"""What customers do, outside the shop: confirm as Stripe.js does, answer their bank, approve at PayPal.

A person is needed where a provider wants one: PayPal's pages are for people, and are asked for only where somebody sits
at the terminal. The bank's test page behind 3-D Secure is pressed in a browser that this program drives.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Browser, Frame, Page

from e2e.livecheck.exchanges import Exchange
from shop.config import LOOPBACK, StripeSettings
from shop.gateways.base import Provider

COMPLETE, FAIL = "#test-source-authorize-3ds", "#test-source-fail-3ds"  # the ids on Stripe's test page of a bank
BROWSER_SECONDS = 45.0
CALL_SECONDS = 30
LOOK_AGAIN = 1.0  # seconds between two looks whether somebody has approved


class NotTried(Exception):
    """Who or what a flow needs is not here; the text names it."""


class People:
    """The customers of one check. `browser` may be missing; `ask` is how a person at the terminal is spoken to."""

    def __init__(self, browser: Browser | None, ask: Callable[[str], None] | None) -> None:
        self.browser = browser
        self._ask = ask
        self._exchanges: list[Exchange] = []

    def take_exchanges(self) -> list[Exchange]:
        """Return what was said to providers since the last call, by customers' browsers alone."""
        said, self._exchanges = self._exchanges, []
        return said

    # At Stripe.

    def confirm(self, door: StripeSettings, kind: str, external_id: str, secret: str, **fields: str) -> Any:
        """Confirm a payment_intent or setup_intent with the publishable key, as Stripe.js does; a decline is an answer.

        `fields` are the method, or what one is made of, in the API's own brackets.
        """
        path = f"/v1/{kind}s/{external_id}/confirm"
        return self._post(door, path, {"client_secret": secret, **fields})

    def _post(self, door: StripeSettings, path: str, fields: dict[str, str]) -> Any:
        began = time.perf_counter()
        answer = requests.post(
            door.api_base + path, data={"key": door.publishable_key, **fields}, timeout=CALL_SECONDS
        )
        milliseconds = (time.perf_counter() - began) * 1000
        body = answer.json()
        request_id = answer.headers.get("Request-Id", "")
        self._exchanges.append(
            Exchange(Provider.STRIPE, "customer", "POST", path, answer.status_code, request_id, milliseconds, body)
        )
        return body

    def answers_bank(self, url: str, button: str | None) -> None:
        """Open the bank's page; press a button on it and wait until it is left, or (None) close it without an answer.

        Raises NotTried without a browser.
        """
        with self.page() as page:
            page.goto(url)
            found = _frame_with(page, COMPLETE)
            if button is not None:
                before = page.url
                found.locator(button).click()
                page.wait_for_url(lambda now: now != before, timeout=BROWSER_SECONDS * 1000)

    # At PayPal.

    def approves(self, url: str, what: str, is_approved: Callable[[], bool], patience: float) -> None:
        """Approve at PayPal: on this machine's own page by itself, at PayPal's by asking the person for it.

        Returns once PayPal says that it is approved. Raises NotTried when nobody is here, or nobody did it in time.
        """
        if urlsplit(url).hostname in LOOPBACK:
            self._approves_here(url)
        elif self._ask is None:
            raise NotTried("PayPal's approval page wants a person; run it in a terminal, with --person")
        else:
            self._ask(f"{what}: open this, log in as a buyer of your PayPal sandbox and approve:\n  {url}")
        deadline = time.monotonic() + patience
        while not is_approved():
            if time.monotonic() > deadline:
                raise NotTried(f"nobody approved at PayPal within {patience:g} s")
            time.sleep(LOOK_AGAIN)

    def _approves_here(self, url: str) -> None:
        with self.page() as page:
            page.goto(url)
            page.get_by_role("button", name="Log in").click()
            page.locator("input[name=funding][value=balance]").check()
            before = page.url
            page.get_by_role("button", name=re.compile("^Pay |^Continue")).click()
            page.wait_for_url(lambda now: now != before, timeout=BROWSER_SECONDS * 1000)

    # In a browser.

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Open a page with a profile of its own; raises NotTried without a browser."""
        if self.browser is None:
            raise NotTried("no browser is here (Debian: apt-get install chromium), or --no-browser was said")
        context = self.browser.new_context(viewport={"width": 1280, "height": 1000}, locale="en-GB")
        context.set_default_timeout(BROWSER_SECONDS * 1000)
        try:
            yield context.new_page()
        finally:
            context.close()


def _frame_with(page: Page, selector: str) -> Frame:
    """Return the frame of a page that shows this element: a bank's page stands in frames within frames."""
    deadline = time.monotonic() + BROWSER_SECONDS
    while time.monotonic() < deadline:
        for frame in page.frames:
            if frame.locator(selector).count():
                return frame
        page.wait_for_timeout(200)
    raise NotTried(f"the bank's page at {urlsplit(page.url).hostname} shows no {selector} that could be pressed")
