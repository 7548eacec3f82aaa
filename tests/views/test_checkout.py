"""The checkout page: what is wrong is told beside its field, and no figure comes from the customer."""

import pytest

from shop.services import seed
from tests.shop_app import Shop
from tests.views.visitor import Visitor, words


def test_an_empty_cart_cannot_check_out(shop: Shop, alice: Visitor) -> None:
    assert alice.get("/checkout").location == "/cart"
    assert alice.check_out().location == "/cart"


def test_a_filled_in_form_becomes_an_order_and_leads_to_its_pay_page(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100", "2")

    answer = alice.check_out()

    assert answer.status_code == 303
    assert answer.location.startswith("/pay/")
    with shop.app.app_context():
        (order,) = shop.orders()
    assert (order.total, order.city, order.user_id) == (2 * 1250 + 490, "Hamburg", None)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("email", "", "please give a mail address"),
        ("email", "alice@", "does not look like a mail address"),
        ("email", "alice@example.com@example.com", "does not look like a mail address"),
        ("name", "  ", "Who should receive the parcel"),
        ("line1", "", "Street and number, please"),
        ("postal_code", "", "The postcode is missing"),
        ("city", "x" * 81, "80 characters at most"),
        ("country", "", "Which country"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(shop: Shop, alice: Visitor, field: str, value: str, told: str) -> None:
    alice.put_in_cart()

    answer = alice.check_out(**{field: value})

    assert answer.status_code == 400
    assert f'aria-describedby="{field}-error"' in answer.text
    assert told in words(answer)
    with shop.app.app_context():
        assert shop.orders() == []


def test_a_country_we_do_not_ship_to_is_told(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()

    answer = alice.check_out(country="BR")

    assert answer.status_code == 409
    assert "We do not ship" in words(answer)


def test_the_post_of_some_countries_wants_a_state(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()

    assert "needs the state, province or prefecture" in words(alice.check_out(country="US"))


def test_the_form_keeps_what_was_typed(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()

    answer = alice.check_out(city="", line1="Am Sandtorkai 12 <b>")

    assert 'value="Am Sandtorkai 12 &lt;b&gt;"' in answer.text


def test_who_comes_back_from_the_pay_page_finds_what_they_typed(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    alice.order()
    bob.put_in_cart()

    again, anothers = alice.get("/checkout").text, bob.get("/checkout").text

    for value in ("alice@example.com", "Alice Ashdown", "Am Sandtorkai 12", "20457"):
        assert f'value="{value}"' in again
        assert value not in anothers


def test_what_was_typed_is_forgotten_with_the_order_and_not_shown_to_who_signs_in(shop: Shop, alice: Visitor) -> None:
    alice.order()
    with shop.app.app_context():
        seed.seed()
    alice.sign_in("bob@example.com", seed.DEMO_PASSWORD)
    as_bob = alice.get("/checkout").text
    alice.post("/logout")

    alice.order()
    shop.clock.advance(hours=2)
    too_late = alice.get("/checkout").text

    assert "Am Sandtorkai 12" not in as_bob + too_late
    assert 'value="bob@example.com"' in as_bob


def test_a_total_that_is_not_the_pages_own_orders_nothing(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()

    answer = alice.check_out(expected_total="1")

    assert answer.status_code == 409
    assert "The total has changed since" in words(answer)
    assert 'name="expected_total" value="1740"' in answer.text
    with shop.app.app_context():
        assert shop.orders() == []


def test_figures_the_customer_sends_are_not_looked_at(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()

    alice.check_out(total="1", price="1", amount="1", shipping_amount="0", currency="JPY")

    with shop.app.app_context():
        (order,) = shop.orders()
    assert (order.total, order.currency) == (1740, "EUR")


def test_the_page_shows_what_the_order_will_freeze(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100")
    alice.put_in_cart("CUP-1")

    page = words(alice.get("/checkout"))
    alice.check_out()

    with shop.app.app_context():
        (order,) = shop.orders()
    assert f"Total €{order.total / 100:.2f}" in page
    assert f"Includes €{order.tax / 100:.2f} tax for Germany" in page


def test_asking_for_new_figures_orders_nothing(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()

    answer = alice.check_out(action="refresh", country="FR", email="")

    assert answer.status_code == 200
    assert "We do not ship there yet" in words(answer)
    with shop.app.app_context():
        assert shop.orders() == []


def test_the_last_one_is_sold_once(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    alice.put_in_cart("RARE-1")
    bob.put_in_cart("RARE-1")

    answers = [alice.check_out(), bob.check_out()]

    assert answers[0].location.startswith("/pay/")
    assert answers[1].location == "/cart"
