"""The catalogue's pages."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from shop.models import Price, Product, Variant
from shop.services.shelf import Shelves
from shop.services.unit_of_work import unit_of_work
from tests.shelf import SHELF
from tests.shop_app import Shop
from tests.statements import collected
from tests.views.visitor import Visitor, words


def test_the_catalogue_shows_what_is_listed_with_its_price(shop: Shop, alice: Visitor) -> None:
    page = alice.get("/")

    assert page.status_code == 200
    assert "Sencha €12.50 for one" in words(page)
    assert page.text.count('class="card"') == len(SHELF)


def test_a_product_that_is_not_listed_is_nowhere(shop: Shop, alice: Visitor) -> None:
    _change(shop, update(Product).where(Product.slug == "sen-100").values(is_listed=False))

    assert "Sencha" not in alice.get("/").text
    assert alice.get("/teas/sen-100").status_code == 404


def test_a_kind_with_nothing_in_it_says_so_and_an_unknown_kind_is_no_page(shop: Shop, alice: Visitor) -> None:
    assert "The shelf is empty" in words(alice.get("/?kind=oolong"))
    assert alice.get("/?kind=coffee").status_code == 404


def test_what_is_sold_out_says_so_and_cannot_be_bought(shop: Shop, alice: Visitor) -> None:
    _change(shop, update(Variant).where(Variant.sku == "RARE-1").values(stock=0))

    page = alice.get("/teas/rare-1")

    assert "sold out" in words(page)
    assert "Add to cart" not in page.text


def test_another_currency_shows_that_currencys_own_prices(shop: Shop, alice: Visitor) -> None:
    answer = alice.post("/currency", currency="JPY", next="/teas/sen-100")

    assert (answer.status_code, answer.location) == (303, "/teas/sen-100")
    assert "¥2,000" in words(alice.get("/teas/sen-100"))


def test_a_currency_nothing_is_sold_in_is_refused(shop: Shop, alice: Visitor) -> None:
    assert alice.post("/currency", currency="XXX").status_code == 404


def test_the_way_on_never_leads_to_another_host(shop: Shop, alice: Visitor) -> None:
    others = ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)")
    for elsewhere in (*others, "/\t/evil.example", "/\r\n/evil.example"):  # browsers drop tabs and line breaks
        assert alice.post("/currency", currency="EUR", next=elsewhere).location == "/"


def _change(shop: Shop, statement: object) -> None:
    with shop.app.app_context(), unit_of_work(write=True) as session:
        session.execute(statement)  # type: ignore[call-overload]


@pytest.fixture
def busy(shop: Shop) -> Iterator[Shop]:
    """The shop with its shelf kept, as in life; forgotten afterwards."""
    shop.change_context(shelves=Shelves(600))
    yield shop
    shop.change_context(shelves=Shelves(0))


def test_wishes_that_say_nothing_are_left_out_of_the_address(shop: Shop, alice: Visitor) -> None:
    answer = alice.get("/?from=&to=&q=+sencha+&stock=&sort=catalogue&page=1&origin=")

    assert (answer.status_code, answer.location) == (302, "/?q=sencha")


@pytest.mark.parametrize(
    "address",
    ["/?page=abc", "/?page=-1", "/?from=-5", "/?to=1e9", "/?sort=drop", "/?origin=xx", "/?stock=y", "/?page=99999999"],
)
def test_wishes_that_make_no_sense_lead_to_the_address_without_them(shop: Shop, alice: Visitor, address: str) -> None:
    answer = alice.get(address)

    assert (answer.status_code, answer.location) == (302, "/")


def test_a_range_that_stands_on_its_head_is_turned(shop: Shop, alice: Visitor) -> None:
    assert alice.get("/?from=20&to=10").location == "/?from=10&to=20"


def test_wishes_survive_each_other_and_stand_in_the_form(shop: Shop, alice: Visitor) -> None:
    page = alice.get("/?q=sencha&kind=green&stock=1&to=20&sort=price")

    assert page.status_code == 200
    assert "Sencha €12.50" in words(page)
    assert 'value="sencha"' in page.text
    assert "/?q=sencha&amp;kind=black&amp;stock=1&amp;to=20&amp;sort=price" in page.text


def test_what_is_not_found_says_so_and_shows_a_way_out(shop: Shop, alice: Visitor) -> None:
    page = alice.get("/?q=espresso")

    assert page.status_code == 200
    assert "Nothing washed up" in words(page)
    assert "Clear the filters" in words(page)
    assert page.text.count('class="card"') == 3


def test_what_is_typed_is_shown_as_text(shop: Shop, alice: Visitor) -> None:
    page = alice.get("/?q=%3Cscript%3Ealert(1)%3C/script%3E")

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


def test_a_product_tells_search_engines_what_it_costs(shop: Shop, alice: Visitor) -> None:
    page = alice.get("/teas/sen-100")

    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text)
    assert block
    data = json.loads(block[1])
    assert data["name"] == "Sencha"
    assert data["offers"][0]["price"] == "12.50"
    assert data["offers"][0]["availability"] == "https://schema.org/InStock"
    assert '<link rel="canonical" href="http://localhost/teas/sen-100">' in page.text


def test_what_is_called_like_a_tag_stays_inside_the_data(shop: Shop, alice: Visitor) -> None:
    _change(shop, update(Product).where(Product.slug == "sen-100").values(name="</script><b>"))

    assert "</script><b>" not in alice.get("/teas/sen-100").text


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (3, "charged when it ships."),
        (20, "With PayPal it is charged when it ships, with a card when you order."),
        (90, "charged when you order."),
    ],
)
def test_a_pre_order_says_when_it_ships_and_when_it_is_charged(
    shop: Shop, alice: Visitor, days: int, told: str
) -> None:
    day = (shop.clock.now() + timedelta(days=days)).date()
    _change(shop, update(Product).where(Product.slug == "sen-100").values(available_from=day))

    page = alice.get("/teas/sen-100")

    assert f"Ships from {day.day} {day:%B %Y}" in words(page)
    assert told in words(page)
    assert "schema.org/PreOrder" in page.text


def test_what_is_sold_by_weight_shows_its_price_per_kilogram(shop: Shop, alice: Visitor) -> None:
    _change(shop, update(Variant).where(Variant.sku == "SEN-100").values(net=80))

    assert "€156.25 per kg" in words(alice.get("/teas/sen-100"))


def test_an_empty_shop_asks_for_patience(shop: Shop, alice: Visitor) -> None:
    _change(shop, update(Product).values(is_listed=False))

    assert "The next ship is on its way" in words(alice.get("/"))


def test_search_engines_are_told_of_every_page_and_of_no_private_one(shop: Shop, alice: Visitor) -> None:
    sitemap, robots = alice.get("/sitemap.xml"), alice.get("/robots.txt")

    assert sitemap.mimetype == "application/xml"
    assert "<loc>http://localhost/teas/sen-100</loc>" in sitemap.text
    assert "Disallow: /orders" in robots.text
    assert "Disallow: /merchant" in robots.text
    assert "Sitemap: http://localhost/sitemap.xml" in robots.text


@pytest.mark.parametrize(("path", "most"), [("/", 6), ("/?kind=green&q=tin", 6), ("/teas/sen-100", 4)])
def test_a_page_asks_the_database_a_few_times_however_much_there_is(
    busy: Shop, alice: Visitor, path: str, most: int
) -> None:
    alice.put_in_cart()
    busy.change_context(shelves=Shelves(600))
    with busy.app.app_context(), collected() as few:
        assert alice.get(path).status_code == 200

    _many_more(busy)
    busy.change_context(shelves=Shelves(600))
    with busy.app.app_context(), collected() as many:
        assert alice.get(path).status_code == 200

    assert 0 < len(many) <= most, many
    assert len(many) == len(few)


def test_visitors_without_a_cart_share_a_page_and_ask_the_database_nothing(
    busy: Shop, alice: Visitor, bob: Visitor
) -> None:
    first = alice.get("/")

    with busy.app.app_context(), collected() as sent:
        second = bob.get("/")

    assert sent == []
    assert token(first) != token(second)  # each has the token of their own session
    assert first.text.replace(token(first), "") == second.text.replace(token(second), "")
    assert bob.client.post("/currency", data={"csrf_token": token(second), "currency": "JPY"}).status_code == 303


def test_a_cart_a_message_and_a_currency_are_never_shown_to_somebody_else(
    busy: Shop, alice: Visitor, bob: Visitor
) -> None:
    alice.post("/currency", currency="JPY", next="/")
    assert "Prices are in JPY now." in words(alice.get("/"))
    alice.put_in_cart()
    assert 'header__count">1<' in alice.get("/").text

    page = bob.get("/")

    assert "Prices are in JPY" not in page.text
    assert "header__count" not in page.text
    assert "€12.50" in words(page)


def test_what_was_just_sold_out_cannot_be_bought_from_a_page_that_does_not_know_yet(busy: Shop, alice: Visitor) -> None:
    alice.get("/teas/rare-1")
    _change(busy, update(Variant).where(Variant.sku == "RARE-1").values(stock=0))
    assert "Add to cart" in alice.get("/teas/rare-1").text

    answer = alice.put_in_cart("RARE-1")

    assert answer.status_code == 409
    assert "is sold out" in words(answer)


def _many_more(shop: Shop) -> None:
    """Put forty more products on the shelf, with two sizes each."""
    facts = {"name": "Noise", "summary": "", "description": "", "category": "green", "facts": {}}
    with shop.app.app_context(), unit_of_work(write=True) as session:
        for number in range(40):
            sizes = [
                Variant(sku=f"N-{number}-{size}", label=size, stock=1, prices=[Price(currency="EUR", amount=100)])
                for size in ("small", "large")
            ]
            session.add(Product(slug=f"noise-{number}", variants=sizes, **facts))


def token(page: TestResponse) -> str:
    """Return the form token that stands in a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found
    return found[1]
