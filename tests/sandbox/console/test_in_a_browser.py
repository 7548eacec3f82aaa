"""The console and the mailbox in a real browser: no violation, no error, nothing that only some people can use."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sandbox.running import Sandbox
from tests.sandbox.console.conftest import Console

SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 390, "height": 844}}


def send(sandbox: Sandbox, subject: str, html: str = "<h1>Hello</h1>") -> None:
    """Hand in a mail with an HTML part."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "tea@tidewater.example", "alice@example.com"
    message.set_content("Hello")
    message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", sandbox.settings.smtp_port, timeout=5) as line:
        line.send_message(message)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A profile in which a console error or a policy violation fails the test."""
    complaints: list[str] = []
    made = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    made.on("weberror", lambda failed: complaints.append(str(failed.error)))
    yield made
    made.close()
    # That a mail's script was blocked is what the browser should say.
    assert [text for text in complaints if "Blocked script execution" not in text] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_its_screen_and_is_accessible(
    page: Page, console: Console, sandbox: Sandbox, payment: str, size: str, scheme: str
):
    send(sandbox, "Receipt")
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    mail = next(iter(sandbox.world.store.table("mailbox.messages")))
    delivery = sandbox.world.dispatcher.deliveries()[0]["id"]
    paths = ("/", "/objects", "/objects/stripe.event", f"/objects/stripe.payment_intent/{payment}", "/cards")
    more = ("/webhooks", f"/webhooks/{delivery}", "/requests", "/faults", "/clock", "/mailbox/", f"/mailbox/{mail}")

    for path in (*paths, *more):
        page.goto(console.address + path)
        found = Axe().run(page)

        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the screen"


def test_a_card_number_is_copied_without_its_spaces(page: Page, console: Console):
    page.goto(f"{console.address}/cards")

    page.get_by_role("button", name="Copy 4000000000003220").first.click()

    expect(page.get_by_role("button", name="Copy 4000000000003220").first).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "4000000000003220"


def test_new_mail_appears_by_itself_and_opens_with_its_html_framed(page: Page, console: Console, sandbox: Sandbox):
    page.goto(f"{console.address}/mailbox/")
    expect(page.get_by_text("No mail yet")).to_be_visible()

    send(sandbox, "Your order", "<h1>Thank you</h1><script>parent.document.title = 'broken in'</script>")
    page.get_by_role("link", name="Your order").click()

    expect(page.frame_locator("iframe").get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page).to_have_title("Your order · Sandbox")


def test_a_question_comes_before_everything_is_forgotten(page: Page, console: Console, sandbox: Sandbox, payment: str):
    page.goto(console.address)

    page.once("dialog", lambda asked: asked.dismiss())
    page.get_by_role("button", name="Reset everything").click()
    assert payment in sandbox.world.store.table("stripe.payment_intent")
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Reset everything").click()

    expect(page.get_by_role("status")).to_contain_text("Everything is forgotten")


def test_everything_works_without_javascript(browser: Browser, console: Console, sandbox: Sandbox):
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(console.address)

    page.get_by_role("button", name="+1 day").click()
    expect(page.get_by_role("status")).to_contain_text("The clock moved on")
    page.get_by_role("link", name="Faults").click()
    page.get_by_role("button", name="PayPal is down").click()

    expect(page.get_by_role("status")).to_contain_text("PayPal")
    assert sandbox.world.faults.active()[0]["provider"] == "paypal"
    plain.close()
