"""Errors: a page that says what to do, the same in JSON for a script, and never a word about our insides."""

import pytest

from shop.errors import OurBug, OutOfStock, ProviderUnavailable
from shop.extensions import limiter
from shop.services import catalogue
from tests.shop_app import Shop
from tests.views.visitor import Visitor, words


def test_an_address_with_nothing_at_it_says_so_and_offers_a_way_on(shop: Shop, alice: Visitor) -> None:
    page = alice.get("/nothing")

    assert page.status_code == 404
    assert "Not in our books" in words(page)
    assert 'href="/"' in page.text


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (RuntimeError("secret insides"), 500, "Something broke on our side"),
        (OurBug("secret insides"), 500, "Something broke on our side"),
        (ProviderUnavailable("secret insides"), 503, "Please try again in a moment"),
        (OutOfStock("We have 2 left.", "A", 2), 409, "We have 2 left."),
    ],
)
def test_what_goes_wrong_is_told_without_our_insides(
    shop: Shop, alice: Visitor, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, told: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(catalogue, "listing", fail)

    page = alice.get("/teas/sen-100")

    assert page.status_code == code
    assert told in words(page)
    assert "insides" not in page.text
    assert "Traceback" not in page.text


def test_a_form_that_is_slowed_down_or_has_expired_leads_back_to_its_page(
    shop: Shop, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(shop.app.config, "WTF_CSRF_ENABLED", True)
    expired = alice.client.post("/orders/lookup", data={"number": "1"})
    monkeypatch.setattr(limiter, "enabled", True)
    slowed = [alice.post("/orders/lookup", number="TT", email="a@example.com") for _ in range(11)][-1]

    assert (expired.status_code, slowed.status_code) == (400, 429)
    for page in (expired, slowed):
        assert 'class="button" href="/orders/lookup"' in page.text


def test_what_only_takes_forms_leads_to_the_page_of_its_form_when_it_is_opened(shop: Shop, alice: Visitor) -> None:
    page = alice.get("/cart/promotion")

    assert page.status_code == 405
    assert 'class="button" href="/cart"' in page.text


@pytest.mark.parametrize(
    ("sent_to", "onward"),
    [("/checkout", "/checkout"), ("/cart/promotion", "/cart"), ("/cart/NONE-1", "/cart"), ("/cart", "/cart")],
)
def test_another_language_is_chosen_on_the_page_a_form_was_on(
    shop: Shop, alice: Visitor, sent_to: str, onward: str
) -> None:
    alice.put_in_cart()

    page = alice.post(sent_to, code="NOPE", quantity="many", sku="SEN-100")

    assert page.status_code in (400, 404)
    assert f'name="next" value="{onward}"' in page.text


def test_a_script_gets_its_error_as_json(shop: Shop, alice: Visitor) -> None:
    answer = alice.client.get("/nothing", headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert answer.json == {"error": "Not in our books", "message": "There is nothing at this address.", "field": ""}


def test_a_form_that_is_too_large_is_refused(shop: Shop, alice: Visitor) -> None:
    answer = alice.post("/cart", sku="x" * 2_000_000, quantity="1")

    assert answer.status_code in {400, 413}
    assert "Traceback" not in answer.text


def test_every_page_closes_the_door_to_foreign_scripts(shop: Shop, alice: Visitor) -> None:
    for path in ("/", "/cart", "/nothing"):
        policy = alice.get(path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
