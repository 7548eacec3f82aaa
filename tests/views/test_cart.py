"""The cart's page: quantities are checked where they arrive, and a form from elsewhere does nothing."""

from collections.abc import Callable

import pytest
from sqlalchemy import Executable, delete, event, update

from shop.extensions import db
from shop.models import Price, Variant
from shop.services import seed
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop
from tests.views.visitor import Visitor, words


def test_what_is_added_stands_in_the_cart_with_its_sum(shop: Shop, alice: Visitor) -> None:
    answer = alice.put_in_cart("SEN-100", "2")

    assert (answer.status_code, answer.location) == (303, "/cart")
    page = alice.get("/cart")
    assert "Sencha one · €12.50 each" in words(page)
    assert "Subtotal €25.00" in words(page)
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


@pytest.mark.parametrize("quantity", ["0", "-1", "100", "1.5", "", "many", "9999999999"])
def test_a_change_to_no_quantity_is_told_beside_its_line_and_changes_nothing(
    shop: Shop, alice: Visitor, quantity: str
) -> None:
    alice.put_in_cart("SEN-100", "2")

    answer = alice.post("/cart/SEN-100", quantity=quantity, action="update")

    assert answer.status_code == 400
    assert 'aria-describedby="trouble-SEN-100"' in answer.text
    assert "Choose a quantity from 1 to 99" in words(answer)
    assert 'value="2"' in alice.get("/cart").text


def test_a_form_without_a_quantity_is_told_so(shop: Shop, alice: Visitor) -> None:
    answer = alice.post("/cart", sku="SEN-100")

    assert answer.status_code == 400
    assert "Choose a quantity" in words(answer)


def test_prices_currencies_and_discounts_that_are_sent_along_are_ignored(shop: Shop, alice: Visitor) -> None:
    extra = {"price": "1", "currency": "JPY", "discount": "1200", "promotion_code": "ALL", "user_id": "1"}

    alice.post("/cart", sku="SEN-100", quantity="1", **extra)
    alice.post("/cart/prices", seen="SEN-100:1")

    page = words(alice.get("/cart"))
    assert "Tidewater Tea · EUR" in page
    assert "Subtotal €12.50" in page


def test_a_line_that_another_tab_took_out_is_no_error_page(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100")

    answer = alice.post("/cart/CUP-1", quantity="2", action="update")

    assert answer.status_code == 303
    assert "That is no longer in your cart" in words(alice.get("/cart"))


def test_what_is_left_is_taken_with_one_press(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100", "5")
    _set(shop, update(Variant).where(Variant.sku == "SEN-100").values(stock=3))

    before = alice.get("/cart")
    alice.post("/cart/SEN-100", quantity="5", action="take")

    assert "Only 3 are left" in words(before)
    assert "Take the last 3" in words(before)
    assert "Go to checkout" not in before.text
    after = alice.get("/cart")
    assert 'value="3"' in after.text
    assert "Go to checkout" in after.text


def test_a_new_price_is_said_with_the_old_one_until_it_was_seen(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100")
    _set(shop, update(Price).where(Price.amount == 1250).values(amount=1300))

    before = alice.get("/cart")
    alice.post("/cart/prices", seen="SEN-100:1300")

    assert "Was €12.50, is €13.00 now." in words(before)
    assert "Go to checkout" in before.text
    assert "Was €12.50" not in words(alice.get("/cart"))


def test_what_is_not_sold_in_another_currency_stays_and_can_be_taken_out(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100")
    _set(shop, delete(Price).where(Price.amount == 2000))

    alice.post("/currency", currency="JPY")
    page = words(alice.get("/cart"))
    alice.post("/cart/SEN-100", action="remove")

    assert "This is not sold in JPY" in page
    assert "Your cart is empty" in words(alice.get("/cart"))


def test_a_cart_survives_signing_out_and_in_and_other_devices(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    with shop.app.app_context():
        seed.seed()
    elsewhere = bob  # the same Alice, with another browser
    alice.put_in_cart("SEN-100", "2")
    alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)

    alice.post("/logout")
    signed_out = words(alice.get("/cart"))
    alice.put_in_cart("CUP-1")
    alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)
    elsewhere.sign_in("alice@example.com", seed.DEMO_PASSWORD)
    elsewhere.put_in_cart("TIN-1")

    assert "Your cart is empty" in signed_out
    both = words(alice.get("/cart"))
    assert "What you put into your cart before is still in it." in both
    assert all(name in both for name in ("Sencha one", "Cup one", "Tin one"))


def test_a_session_that_lost_its_account_has_lost_its_cart(shop: Shop, alice: Visitor) -> None:
    with shop.app.app_context():
        seed.seed()
    alice.put_in_cart("SEN-100")
    alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)

    with alice.client.session_transaction() as session:
        session.pop("_user_id")

    assert "Your cart is empty" in words(alice.get("/cart"))


def test_the_carts_page_asks_the_database_eight_times_at_most(shop: Shop, alice: Visitor) -> None:
    with shop.app.app_context():
        seed.seed()
    for sku in ("SEN-100", "CUP-1", "TIN-1", "BULK-1"):
        alice.put_in_cart(sku)
    alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)
    alice.post("/cart/promotion", code="TIDE10")
    alice.get("/cart")

    statements = _statements(shop, lambda: alice.get("/cart"))

    assert len(statements) <= 8, statements


def test_a_visitor_without_a_cart_costs_no_question_for_one(shop: Shop, alice: Visitor) -> None:
    statements = _statements(shop, lambda: alice.get("/orders/lookup"))

    assert [statement for statement in statements if "cart" in statement] == []


def _statements(shop: Shop, visit: Callable[[], object]) -> list[str]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            found.append(statement)

    with shop.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        visit()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return found


def _set(shop: Shop, statement: Executable) -> None:
    with shop.app.app_context(), unit_of_work(write=True) as session:
        session.execute(statement)
