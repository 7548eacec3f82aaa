"""Promotion codes on the cart's page and at the checkout."""

import re

import pytest

from shop.extensions import limiter
from shop.models import Promotion, PromotionKind, PromotionTerms
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop
from tests.views.visitor import Visitor, words


@pytest.fixture(autouse=True)
def codes(shop: Shop) -> None:
    """Mara has made three codes."""
    with shop.app.app_context(), unit_of_work(write=True) as session:
        session.add(Promotion(code="TEN", kind=PromotionKind.PERCENT, basis_points=1000, once_per_customer=True))
        session.add(
            Promotion(
                code="BIG",
                kind=PromotionKind.AMOUNT,
                terms=[PromotionTerms(currency="EUR", amount=500, minimum=3000)],
            )
        )
        session.add(Promotion(code="POST", kind=PromotionKind.FREE_SHIPPING))


def test_a_code_is_typed_shown_with_what_it_takes_off_and_taken_out(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()

    answer = alice.post("/cart/promotion", code=" ten ")
    with_it = words(alice.get("/cart"))
    alice.post("/cart/promotion/remove")
    without = words(alice.get("/cart"))

    assert answer.status_code == 303
    assert "Discount TEN -€1.25" in with_it
    assert "Subtotal €11.25" in with_it
    assert "Subtotal €12.50" in without
    assert "Discount" not in without


@pytest.mark.parametrize("code", ["NOPE", "", "x" * 300, "\x00TEN?", "' OR 1=1"])
def test_a_code_we_do_not_know_is_told_beside_its_field(shop: Shop, alice: Visitor, code: str) -> None:
    alice.put_in_cart()

    answer = alice.post("/cart/promotion", code=code)

    assert answer.status_code == 400
    assert 'aria-describedby="code-error"' in answer.text
    assert "We do not know this code" in words(answer)


def test_a_minimum_that_is_not_reached_says_what_is_missing(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100", "2")

    alice.post("/cart/promotion", code="BIG")

    page = alice.get("/cart")
    assert "It begins to count when €5.00 more is in the cart." in words(page)
    assert "Go to checkout" in page.text


def test_free_shipping_is_told_at_the_cart_and_counted_at_the_checkout(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()
    alice.post("/cart/promotion", code="POST")

    assert "Shipping free with POST" in words(alice.get("/cart"))
    assert 'name="expected_total" value="1250"' in alice.get("/checkout").text


def test_the_checkout_shows_the_discount_and_a_second_use_is_refused_there(
    shop: Shop, alice: Visitor, bob: Visitor
) -> None:
    for visitor in (alice, bob):
        visitor.put_in_cart()
        visitor.post("/cart/promotion", code="TEN")
    shown = alice.get("/checkout")

    first, second = alice.check_out(), bob.check_out()

    assert "Discount TEN -€1.25" in words(shown)
    assert re.search(r'name="expected_total" value="(\d+)"', shown.text)[1] == str(1125 + 490)  # type: ignore[index]
    assert first.status_code == 303
    assert second.status_code == 409
    assert "is good once, and you have used it" in words(second)
    assert 'value="drop_code"' in second.text
    with shop.app.app_context():
        assert len(shop.orders()) == 1


def test_a_code_is_taken_out_at_the_checkout_and_what_was_typed_stays(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()
    alice.post("/cart/promotion", code="TEN")

    answer = alice.check_out(action="drop_code", line1="Speicherstadt 4")

    assert answer.status_code == 200
    assert "Discount" not in words(answer)
    assert 'value="Speicherstadt 4"' in answer.text
    with shop.app.app_context():
        assert shop.orders() == []


def test_a_code_that_takes_nothing_off_says_why_at_the_checkout_too(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()
    alice.post("/cart/promotion", code="BIG")

    page = alice.get("/checkout")

    assert "BIG It begins to count when €17.50 more is in the cart." in words(page)


def test_guessing_codes_is_slowed_down(shop: Shop, alice: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.put_in_cart()
    monkeypatch.setattr(limiter, "enabled", True)

    answers = [alice.post("/cart/promotion", code=f"GUESS{number}") for number in range(11)]

    assert [answer.status_code for answer in answers] == [400] * 10 + [429]


def test_a_code_for_an_empty_cart_does_no_harm(shop: Shop, alice: Visitor) -> None:
    answers = [alice.post(path, code="TEN") for path in ("/cart/promotion", "/cart/promotion/remove", "/cart/prices")]

    assert [answer.location for answer in answers] == ["/cart"] * 3
