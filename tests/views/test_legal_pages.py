"""The pages that the law wants: linked where the merchant says that they are, and where they have to be read."""

from dataclasses import replace

import pytest

from shop.services.mail import samples, sending
from tests.shop_app import Shop
from tests.views.visitor import Visitor

SITE = "https://tidewater.example"
PAGES = {"imprint": f"{SITE}/imprint", "terms": f"{SITE}/terms", "withdrawal": f"{SITE}/withdrawal", "privacy": ""}


@pytest.fixture
def lawful(shop: Shop) -> Shop:
    """The shop with three pages; the fourth is not due."""
    shop.change_context(settings=replace(shop.context.settings, legal_pages=PAGES))
    return shop


def test_every_page_leads_to_those_that_there_are(lawful: Shop, alice: Visitor) -> None:
    foot = alice.get("/login").text.partition("<footer")[2]

    assert f'<a href="{SITE}/imprint">Imprint</a>' in foot
    assert f'<a href="{SITE}/withdrawal">Right of withdrawal</a>' in foot
    assert "Privacy" not in foot


def test_what_holds_for_an_order_can_be_read_beside_the_buttons_that_order_and_pay(
    lawful: Shop, alice: Visitor
) -> None:
    alice.put_in_cart()

    checkout = alice.get("/checkout").text
    pay = alice.get(alice.check_out().location).text

    for page in (checkout, pay):
        main = page.partition("<footer")[0]
        assert f'<a href="{SITE}/terms" target="_blank" rel="noopener">Terms<' in main
        assert f'<a href="{SITE}/withdrawal" target="_blank" rel="noopener">Right of withdrawal<' in main
        assert "/imprint" not in main


def test_a_mail_leads_to_them_in_its_own_language(lawful: Shop) -> None:
    with lawful.app.app_context():
        composed = sending.compose(samples.letter("receipt", "de"))

    assert composed.text.endswith(f"Impressum: {SITE}/imprint\nAGB: {SITE}/terms\nWiderrufsrecht: {SITE}/withdrawal\n")
    assert f'href="{SITE}/withdrawal"' in composed.html


def test_a_shop_without_such_pages_links_none(alice: Visitor) -> None:
    assert "footer__legal" not in alice.get("/login").text
