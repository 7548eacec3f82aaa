"""`make pictures`: the few pictures that the documents show, taken anew from a demo of their own.

    python -m e2e.pictures --into docs/pictures

Every picture has one size and at most 256 colours. `e2e/shots.py` takes every page and state instead, to look at.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path

import typst
from playwright.sync_api import Browser, Page, expect, sync_playwright

from e2e.customer import CARD_3DS, Customer
from e2e.demo import Demo
from e2e.palette import compress
from e2e.shots import PASSWORD
from sandbox.demo import environment
from shop import create_app
from shop.config import Settings
from shop.models import Document
from shop.services.documents import content, pdf
from tests import browser

ROOT = Path(__file__).resolve().parents[1]
WIDE, TALL, FRONT = (1280, 800), (1280, 1000), (1280, 1240)
PHONE = (390, 780)
ALICE = "alice@example.com"
CHOICE = ("/teas/keemun-hao-ya", "/teas/tokoname-pot")


class Album:
    """The pictures of one demo, taken in one browser."""

    def __init__(self, started: Browser, demo: Demo, folder: Path) -> None:
        self._browser, self.demo, self._folder = started, demo, folder

    def window(self, size: tuple[int, int] = WIDE, scheme: str = "light") -> Page:
        """Open a window of a size, with a profile of its own."""
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            locale="en-GB",
        )
        return context.new_page()

    def take(self, page: Page, name: str, *, asks_on: bool = False) -> None:
        """Take what the window shows now; `asks_on` is a page that goes on asking its server."""
        if not asks_on:
            page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        self.keep(page.screenshot(), name)

    def keep(self, png: bytes, name: str) -> None:
        """Write a picture, made small."""
        small = compress(png)
        (self._folder / f"{name}.png").write_bytes(small)
        print(f"{name}: {len(small) // 1000} kB")


def shelf(album: Album) -> None:
    """The shop's front in both schemes, and a product."""
    for name, scheme in (("front", "light"), ("front-dark", "dark")):
        page = album.window(FRONT, scheme)
        page.goto(album.demo.shop)
        album.take(page, name)
        page.context.close()
    page = album.window()
    page.goto(album.demo.shop + CHOICE[0])
    album.take(page, "product")
    page.context.close()


def purchase(album: Album) -> str:
    """A purchase from the checkout to the receipt, with the bank's question; return the order's number."""
    page = album.window(TALL)
    alice = Customer(page, album.demo.shop, ALICE)
    for tea in CHOICE:
        page.goto(album.demo.shop + tea)
        page.get_by_role("button", name="Add to cart").click()
        expect(page.get_by_role("heading", name=re.compile("cart", re.IGNORECASE)).first).to_be_visible()
    page.goto(f"{album.demo.shop}/checkout")
    album.take(page, "checkout")
    for field, text in (
        ("Mail address", alice.email),
        ("Name", "Alice Ashdown"),
        ("Street and number", "Speicherstadt 4"),
        ("Postcode", "20457"),
        ("Town", "Hamburg"),
    ):
        page.get_by_label(field, exact=True).fill(text)
    page.get_by_role("button", name="Continue to payment").click()
    page.locator("#card-pay:not([aria-disabled])").wait_for()
    page.locator("paypal-button").wait_for()
    alice.fills_card(CARD_3DS)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    album.take(page, "pay")
    alice.presses_pay()
    alice.challenge.locator("#test-source-authorize-3ds").wait_for()
    album.take(page, "challenge", asks_on=True)
    alice.completes_challenge()
    number = alice.sees_receipt()
    page.evaluate("scrollTo(0, 0)")
    album.take(page, "receipt")
    page.context.close()
    return number


def mail(album: Album) -> None:
    """The receipt as it came by mail, on a phone."""
    arrived = album.demo.wait_for_mail(ALICE, "")
    page = album.window(PHONE)
    page.goto(album.demo.control.replace("/_sandbox", f"/mailbox/{arrived['id']}/html"))
    album.take(page, "mail")
    page.context.close()


def desk(album: Album, number: str) -> None:
    """Mara gives something back, and looks at where the order's money is, and at its history."""
    page = album.window(TALL)
    page.goto(album.demo.shop + "/login")
    page.get_by_label("Mail address").fill("mara@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=number).first.click()
    page.get_by_role("link", name="Refund", exact=True).click()
    page.get_by_label("An amount").check()
    page.locator("#amount").fill("5")
    page.get_by_role("button", name="Give the money back").click()
    expect(page.get_by_role("heading", name=re.compile(number))).to_be_visible()
    album.take(page, "order")
    page.locator("#timeline").evaluate("heading => heading.scrollIntoView()")
    album.take(page, "timeline")
    page.context.close()


def console(album: Album) -> None:
    """What the sandbox's console shows of the webhooks."""
    page = album.window()
    page.goto(album.demo.control.replace("/_sandbox", "/webhooks"))
    page.locator("tbody tr").first.wait_for()
    album.take(page, "console", asks_on=True)
    page.context.close()


def document(album: Album) -> None:
    """The first page of the invoice, set by the template that sets its PDF."""
    settings = Settings.from_env(environment.read(ROOT, album.demo.environment).variables)
    app = create_app(settings)
    with app.app_context():
        found = Document.query.order_by(Document.id).first()
        assert found is not None, "it was issued when the order was paid"
        told = content.of(found, settings.brand)
    made = typst.compile(
        pdf.FOLDER / "document.typ",
        root=pdf.FOLDER,
        font_paths=[pdf.FOLDER / "fonts"],
        format="png",
        ppi=80,
        sys_inputs={"content": json.dumps(told)},
    )
    assert isinstance(made, bytes), "one order fits on one page"
    album.keep(made, "invoice")


def main(arguments: list[str]) -> int:
    """Take all pictures; returns 1 without a browser."""
    parser = argparse.ArgumentParser(prog="make pictures", description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "pictures")
    folder: Path = parser.parse_args(arguments).into
    path = browser.find()
    if path is None:
        print(browser.CURE, file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pictures-") as data, Demo(Path(data)) as demo, sync_playwright() as drives:
        started = drives.chromium.launch(executable_path=path, args=list(browser.ARGUMENTS))
        album = Album(started, demo, folder)
        shelf(album)
        number = purchase(album)
        mail(album)
        desk(album, number)
        console(album)
        document(album)
        started.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
