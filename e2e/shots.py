"""Pictures of every page and state worth showing, at 390 and 1280 pixels, light and dark.

    python -m e2e.shots --url http://127.0.0.1:8000 --into shots

It drives a shop that is running (`make demo`) and looks for violations of WCAG on the way; it ends non-zero when it
found one. States that a provider would have to be broken for are made by answering in its place, in the browser.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, sync_playwright

from e2e.customer import CARD, CARD_3DS, CARD_POOR, TEA, Customer
from tests import browser

WIDTHS = {390: 844, 1280: 900}
SCHEMES = ("light", "dark")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
PASSWORD = "tea-and-tide"
DARJEELING = "/teas/first-flush-darjeeling"


class Album:
    """One browser window: it goes somewhere, takes the picture, and has the page examined."""

    def __init__(self, page: Page, shop: str, folder: Path, name: str) -> None:
        self.page, self.shop, self.folder, self.name = page, shop, folder, name
        self.customer = Customer(page, shop, "alice@example.com")
        self.found: list[str] = []
        self.taken: list[str] = []

    def open(self, path: str) -> None:
        """Open a page of the shop."""
        self.page.goto(self.shop + path)

    def take(self, what: str, *, whole: bool = True) -> None:
        """Take a picture of the page as it is, and note what axe finds on it.

        `whole=False` keeps to the window: a picture of the whole page resizes the providers' frames.
        """
        self.taken.append(what)
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate("document.fonts.ready")
        self.page.screenshot(path=self.folder / f"{what}-{self.name}.png", full_page=whole)
        for violation in Axe().run(self.page, options=RULES).response["violations"]:
            places = ", ".join(str(node["target"]) for node in violation["nodes"][:3])
            self.found.append(f"{what}-{self.name}: {violation['id']}: {violation['help']} at {places}")

    def press(self, button: Locator) -> None:
        """Press a button that leads to another page, and wait for that page."""
        with self.page.expect_navigation():
            button.click()

    def ready(self) -> None:
        """Wait until the card form can be used."""
        self.page.locator("#card-pay:not([aria-disabled])").wait_for()


def shelf(album: Album) -> None:
    """The catalogue, a kind of it, and products."""
    for what, path in (
        ("home", "/"),
        ("home-green", "/?kind=green"),
        ("home-teaware", "/?kind=teaware"),
        ("home-search", "/?q=senchaa&stock=1"),
        ("home-nothing", "/?q=espresso&to=20"),
        ("product-pre-order", "/teas/dong-ding-winter"),
        ("product-last-few", "/teas/gyokuro-shade"),
        ("product", "/teas/keemun-hao-ya"),
        ("product-sold-out", "/teas/dragon-well"),
        ("product-teaware", "/teas/tokoname-pot"),
        ("not-found", "/nothing"),
        ("lookup", "/orders/lookup"),
        ("cart-empty", "/cart"),
    ):
        album.open(path)
        album.take(what)


def cart(album: Album) -> None:
    """The cart with three things in it, and the checkout with everything wrong and everything right."""
    for slug in ("keemun-hao-ya", "tokoname-pot", "silver-needle"):
        album.open(f"/teas/{slug}")
        album.press(album.page.get_by_role("button", name="Add to cart"))
    album.take("cart")
    album.page.locator("#quantity-TW-KEE-050").fill("99")
    album.page.locator("#trouble-TW-KEE-050").wait_for()
    album.take("cart-too-many")
    album.page.locator("#quantity-TW-KEE-050").fill("1")
    album.page.locator("#code").fill("nonesuch")
    album.press(album.page.get_by_role("button", name="Apply"))
    album.take("cart-code-unknown")
    for code in ("TIDE10", "FIVEOFF", "FREEPOST"):
        album.page.locator("#code").fill(code)
        album.press(album.page.get_by_role("button", name="Apply"))
        album.take(f"cart-code-{code.lower()}")
        if code != "FREEPOST":
            album.press(album.page.get_by_role("button", name="Take out the code"))
    album.open("/checkout")
    album.take("checkout")
    album.press(album.page.get_by_role("button", name="Continue to payment"))
    album.take("checkout-errors")


def prices(album: Album) -> None:
    """The checkout of an American, of a company in Austria, of an export, in yen, and where it is closed."""
    album.open("/teas/tokoname-pot")
    album.press(album.page.get_by_role("button", name="Add to cart"))
    for currency in ("USD", "JPY", "EUR"):
        album.open("/")
        album.press(album.page.get_by_role("button", name=currency, exact=True))
        album.open("/checkout")
        album.take(f"checkout-{currency}")
    album.page.get_by_text("I buy for a company").click()
    album.page.get_by_label("Country", exact=True).select_option("AT")
    album.page.get_by_label("VAT id").fill("ATU13585627")
    album.page.get_by_label("VAT id").press("Tab")
    album.page.get_by_text("Reverse charge").wait_for()
    album.page.evaluate("scrollTo(0, 0)")  # the bar with the total lies over whatever is scrolled to
    album.take("checkout-company")
    album.page.get_by_label("Country", exact=True).select_option("CH")
    album.page.get_by_text("An export").wait_for()
    album.page.evaluate("scrollTo(0, 0)")
    album.take("checkout-export")


def card(album: Album) -> None:
    """Paying by card: ready, incomplete, declined, challenged, paid."""
    album.customer.orders_tea()
    album.ready()
    album.take("pay")
    album.customer.presses_pay()
    album.page.locator("#card-error:not([hidden])").wait_for()
    album.take("pay-incomplete", whole=False)
    album.customer.pays_by_card(CARD_POOR)
    album.customer.sees_card_error("enough money")
    album.take("pay-declined", whole=False)
    album.customer.pays_by_card(CARD_3DS)
    album.customer.challenge.locator("#test-source-fail-3ds").wait_for()
    album.page.screenshot(path=album.folder / f"pay-challenge-{album.name}.png")
    album.customer.fails_challenge()
    album.customer.sees_card_error("could not confirm")
    album.customer.pays_by_card(CARD)
    album.customer.sees_receipt()
    album.take("receipt")
    album.page.emulate_media(media="print")
    album.page.screenshot(path=album.folder / f"receipt-print-{album.name}.png", full_page=True)
    album.page.emulate_media(media="screen")


def trouble(album: Album) -> None:
    """The pay page when scripts are blocked, when a provider is out, and while it is asked."""
    album.page.route("**/stripe.js", lambda route: route.abort())
    album.page.route("**/web-sdk/**", lambda route: route.abort())
    pay_page = album.customer.orders_tea()
    album.page.locator("#paypal-error:not([hidden])").wait_for()
    album.take("pay-blocked")
    album.page.unroute_all()
    album.page.goto(pay_page)
    album.ready()
    album.page.route("**/pay/*/stripe", _out)
    album.customer.pays_by_card(CARD)
    album.customer.sees_card_error("does not answer")
    album.take("pay-outage", whole=False)
    album.page.unroute_all()
    album.page.route("**/pay/*/stripe", lambda route: route.fulfill(status=202, json={"status": "confirming"}))
    album.customer.presses_pay()
    album.page.locator("#card-busy").get_by_text("Still asking").wait_for()
    album.take("pay-confirming", whole=False)
    album.page.unroute_all()
    album.page.goto(pay_page + "/return")
    album.take("return-open")


def account(album: Album) -> None:
    """Signing in, wrongly and rightly, and the history."""
    album.open("/login")
    album.take("login")
    album.page.get_by_label("Mail address").fill("alice@example.com")
    album.page.get_by_label("Password").fill("wrong")
    album.press(album.page.locator("main").get_by_role("button", name="Sign in"))
    album.take("login-wrong")
    album.page.get_by_label("Password").fill(PASSWORD)
    album.press(album.page.locator("main").get_by_role("button", name="Sign in"))
    album.customer.orders_tea()
    album.open("/orders")
    album.take("orders")
    album.open("/account/addresses/new")
    album.take("account-address")
    album.press(album.page.get_by_role("button", name="Save the address"))
    album.take("account-address-errors")
    for label, text in (("Street and number", "Am Sandtorkai 12"), ("Postcode", "20457"), ("Town", "Hamburg")):
        album.page.get_by_label(label, exact=True).fill(text)
    album.press(album.page.get_by_role("button", name="Save the address"))
    album.take("account-addresses")
    for what in ("", "/details", "/password", "/email", "/privacy", "/privacy/export", "/privacy/delete"):
        album.open(f"/account{what}")
        album.take(f"account{what.replace('/', '-')}")
    album.open("/checkout")
    album.take("checkout-signed-in")


def strangers(album: Album) -> None:
    """What somebody without an account, or without its password, sees."""
    album.open("/register")
    album.take("register")
    album.press(album.page.get_by_role("button", name="Make the account"))
    album.take("register-errors")
    album.open("/forgot")
    album.take("forgot")


def doors(album: Album) -> None:
    """What somebody reads who came too often: a page, or how long is counted down beside the button."""
    for _ in range(11):
        album.open("/orders/lookup")
        album.page.get_by_label("Order number").fill("TT-ABCDEF-00001")
        album.page.get_by_label("Mail address").fill("nobody@example.com")
        album.press(album.page.locator("main").get_by_role("button", name="Show the order"))
    album.take("too-often")
    album.customer.orders_tea()
    album.ready()
    album.page.route("**/pay/*/stripe", _wait_long)
    album.customer.pays_by_card(CARD)
    album.page.locator("#card-error").get_by_text("minutes").wait_for()
    album.take("pay-wait-long", whole=False)


def cards(album: Album) -> None:
    """Payment methods: none, and the form that adds one; the pay page of somebody with an account."""
    album.open("/login")
    album.page.get_by_label("Mail address").fill("alice@example.com")
    album.page.get_by_label("Password").fill(PASSWORD)
    album.press(album.page.locator("main").get_by_role("button", name="Sign in"))
    album.open("/account/payment-methods")
    while (removal := album.page.locator("a[href$='/remove']")).count():
        album.press(removal.first)
        album.press(album.page.get_by_role("button", name="Remove the card"))
    album.take("cards-none")
    album.open("/account/payment-methods/add")
    album.ready()
    album.take("cards-add", whole=False)
    album.customer.orders_tea()
    album.ready()
    album.take("pay-saved", whole=False)


def desk(album: Album) -> None:
    """The merchant's desk: orders found and not found, one order, its refund, alarms, reconciliation."""
    album.customer.orders_tea()
    album.ready()
    album.customer.pays_by_card(CARD)
    album.customer.sees_receipt()
    receipt = album.page.url
    album.open("/login")
    album.page.get_by_label("Mail address").fill("mara@example.com")
    album.page.get_by_label("Password").fill(PASSWORD)
    album.press(album.page.locator("main").get_by_role("button", name="Sign in"))
    album.take("desk-orders")
    album.open("/merchant/?q=nobody%40example.com")
    album.take("desk-orders-nothing")
    album.open("/merchant/?state=paid")
    album.press(album.page.locator(".ledger tbody a").first)
    album.take("desk-order")
    album.press(album.page.get_by_role("link", name="Refund", exact=True))
    album.page.get_by_label("An amount").check()
    album.page.locator("#amount").fill("9999")
    album.press(album.page.get_by_role("button", name="Give the money back"))
    album.take("desk-refund-too-much")
    album.page.locator("#amount").fill("1")
    album.press(album.page.get_by_role("button", name="Give the money back"))
    album.take("desk-order-refunded")
    album.page.goto(f"{album.page.url}?show=money")
    album.take("desk-order-money")
    album.page.goto(receipt)
    album.take("receipt-part-refunded")
    album.open("/merchant/alarms")
    album.take("desk-alarms")
    album.open("/merchant/reconciliation")
    album.take("desk-reconciliation")


def review(album: Album) -> None:
    """Orders under review: in the list, on their page, rejected, charged too much and in part; nothing to review."""
    tea, count = (TEA, 31) if album.name.endswith("light") else (DARJEELING, 19)
    album.customer.email = f"{album.name}@example.com"  # an address of its own: it has not paid here before
    for _ in range(2):
        album.customer.orders_tea(count, tea)
        album.ready()
        album.customer.pays_by_card(CARD)
        album.customer.sees_reservation()
    album.open("/login")
    album.page.get_by_label("Mail address").fill("mara@example.com")
    album.page.get_by_label("Password").fill(PASSWORD)
    album.press(album.page.locator("main").get_by_role("button", name="Sign in"))
    album.open(f"/merchant/?review=held&q={album.customer.email}")
    album.take("desk-to-review")
    album.press(album.page.locator(".ledger tbody a").first)
    album.take("desk-order-held")
    album.press(album.page.get_by_role("link", name="Reject"))
    album.take("desk-reject")
    album.press(album.page.get_by_role("button", name="Reject and cancel the order"))
    album.take("desk-order-rejected")
    album.open(f"/merchant/?review=held&q={album.customer.email}")
    album.press(album.page.locator(".ledger tbody a").first)
    album.press(album.page.get_by_role("link", name="Capture", exact=True))
    album.take("desk-capture")
    album.page.get_by_label("A part").check()
    album.page.locator("#amount").fill("9999")
    album.press(album.page.get_by_role("button", name="Take the money"))
    album.take("desk-capture-too-much")
    album.page.locator("#amount").fill("250")
    album.press(album.page.get_by_role("button", name="Take the money"))
    album.take("desk-order-captured-in-part")
    album.open("/merchant/?review=held&q=nobody%40example.com")
    album.take("desk-to-review-nothing")


def mails(album: Album) -> None:
    """The preview of the mails, and those with the most in them."""
    album.open("/_preview/mails")
    album.take("mails")
    for kind in ("receipt", "refund", "authorized", "payment_failed"):
        album.open(f"/_preview/mails/{kind}.html")
        album.take(f"mail-{kind.replace('_', '-')}")


Taken = Callable[[Album], None]
SETS: tuple[Taken, ...] = (
    shelf, cart, prices, card, trouble, account, strangers, doors, cards, desk, review, mails,
)  # fmt: skip


def _out(route: Route) -> None:
    message = "This way to pay does not answer at the moment. Nothing was charged."
    body = {"error": "provider_unavailable", "message": message, "offer": ["paypal"]}
    route.fulfill(status=503, content_type="application/json", body=json.dumps(body))


def _wait_long(route: Route) -> None:
    body = {"error": "One moment, please", "message": "That was a little too often.", "field": ""}
    headers = {"Retry-After": "540", "Content-Type": "application/json"}
    route.fulfill(status=429, headers=headers, body=json.dumps(body))


def window(started: Browser, width: int, scheme: str) -> Page:
    """Open a window of a width and a colour scheme, as somebody has it who wants no motion."""
    context = started.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    return context.new_page()


def main(arguments: list[str]) -> int:
    """Take all pictures; returns 1 when axe found something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--into", type=Path, default=Path("var/shots"))
    options = parser.parse_args(arguments)
    options.into.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(**browser.launch_arguments())
        for width in WIDTHS:
            for scheme in SCHEMES:
                for take in SETS:
                    page = window(started, width, scheme)
                    album = Album(page, options.url.rstrip("/"), options.into, f"{width}-{scheme}")
                    take(album)
                    found += album.found
                    page.context.close()
        started.close()
    print("\n".join(found) or "axe found nothing")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
