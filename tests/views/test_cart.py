"""The cart's page: quantities are checked where they arrive, and a form from elsewhere does nothing."""

import pytest

from tests.shop_app import Shop
from tests.views.visitor import Visitor, words


def test_what_is_added_stands_in_the_cart_with_its_sum(shop: Shop, alice: Visitor) -> None:
    answer = alice.put_in_cart("SEN-100", "2")

    assert (answer.status_code, answer.location) == (303, "/cart")
    page = alice.get("/cart")
    assert "Sencha one · €12.50 each" in words(page)
    assert "Together €25.00" in words(page)
    assert 'class="header__count">2<' in page.text


def test_adding_again_adds_up(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100", "2")
    alice.put_in_cart("SEN-100", "3")

    assert 'value="5"' in alice.get("/cart").text


@pytest.mark.parametrize("quantity", ["0", "-1", "100", "1.5", "", "many", "١", "9999999999"])
def test_a_quantity_that_is_none_is_refused(shop: Shop, alice: Visitor, quantity: str) -> None:
    answer = alice.put_in_cart("SEN-100", quantity)

    assert answer.status_code == 400
    assert "Choose a quantity from 1 to 99" in words(answer)
    assert 'aria-describedby="quantity-error"' in answer.text
    assert "<h1>Sencha</h1>" in answer.text, "the product's page again, and not a bare error"
    assert "Your cart is empty" in words(alice.get("/cart"))


def test_more_than_there_is_says_how_many_are_left(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100", "18")

    answer = alice.put_in_cart("SEN-100", "3")

    assert answer.status_code == 409
    assert "We have 20 left of Sencha, one. 18 are in your cart already." in words(answer)
    assert 'value="18"' in alice.get("/cart").text


def test_a_wrong_change_is_told_beside_its_field_and_changes_nothing(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100", "2")

    answer = alice.post("/cart/SEN-100", quantity="50", action="update")

    assert answer.status_code == 409
    assert 'aria-describedby="trouble-SEN-100"' in answer.text
    assert "We have 20 left" in words(answer)
    assert 'value="2"' in alice.get("/cart").text


def test_what_is_taken_out_is_gone(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100")

    answer = alice.post("/cart/SEN-100", action="remove")

    assert answer.status_code == 303
    assert "Your cart is empty" in words(alice.get("/cart"))


def test_stock_that_shrank_is_told_and_keeps_from_checking_out(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    alice.put_in_cart("RARE-1")
    bob.order("RARE-1")

    page = alice.get("/cart")

    assert "This has sold out in the meantime" in words(page)
    assert "Go to checkout" not in page.text
    assert alice.get("/checkout").location == "/cart"


def test_everybody_has_a_cart_of_their_own(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    alice.put_in_cart("SEN-100")

    assert "Your cart is empty" in words(bob.get("/cart"))


def test_a_form_without_the_pages_token_does_nothing(shop: Shop, alice: Visitor) -> None:
    answer = alice.client.post("/cart", data={"sku": "SEN-100", "quantity": "1"})

    assert answer.status_code == 400
    assert "This form has expired" in words(answer)
    assert "Your cart is empty" in words(alice.get("/cart"))
