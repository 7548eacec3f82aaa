"""The catalogue's pages."""

from sqlalchemy import update

from shop.models import Product, Variant
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import SHELF, Shop
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
