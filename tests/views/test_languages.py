"""Which language a page speaks, and how it is chosen."""

import pytest
from flask_babel import force_locale

from shop.services import formats
from tests.shop_app import Shop
from tests.views.visitor import Visitor


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("de-CH, en;q=0.5", "de"), ("en-GB", "en"), ("fr, de;q=0.8", "de"), ("fr", "en"), ("", "en"), (";;q=x", "en")],
)
def test_the_browser_is_asked_which_language_it_wants(shop: Shop, alice: Visitor, asked: str, spoken: str) -> None:
    page = alice.client.get("/cart", headers={"Accept-Language": asked})

    assert f'<html lang="{spoken}"' in page.text


def test_what_was_chosen_counts_for_more_than_the_browser(shop: Shop, alice: Visitor) -> None:
    alice.post("/language", language="de")

    page = alice.client.get("/cart", headers={"Accept-Language": "en"})

    assert '<html lang="de"' in page.text


def test_the_language_is_changed_on_the_page_where_one_is(shop: Shop, alice: Visitor) -> None:
    answer = alice.post("/language", language="de", next="/cart?")

    assert (answer.status_code, answer.location) == (303, "/cart")


def test_a_language_without_a_catalogue_is_not_to_be_had(shop: Shop, alice: Visitor) -> None:
    assert alice.post("/language", language="tlh").status_code == 404


def test_choosing_a_language_leads_to_no_other_host(shop: Shop, alice: Visitor) -> None:
    assert alice.post("/language", language="de", next="//evil.example/").location == "/"


def test_a_german_finds_austria_among_the_o_of_the_countries(shop: Shop) -> None:
    with shop.app.test_request_context(), force_locale("de"):
        found = formats.countries(["PL", "AT", "DE", "NL", "DK"])

    assert [code for code, _name in found] == ["DK", "DE", "NL", "AT", "PL"]
