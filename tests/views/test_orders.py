"""Whose order it is: the history, the lookup by number, the receipt."""

import pytest
from sqlalchemy import select

from shop.models import Order, User
from shop.services import refunds, seed, tokens
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import BOB, Shop, eur
from tests.views.visitor import Visitor, words


@pytest.fixture(autouse=True)
def people(shop: Shop) -> None:
    """Alice, Bob and Mara have accounts."""
    with shop.app.app_context():
        seed.seed()


def test_the_history_is_for_people_who_are_signed_in(shop: Shop, alice: Visitor) -> None:
    answer = alice.get("/orders")

    assert answer.status_code == 302
    assert answer.location == "/login?next=/orders"


def test_the_history_shows_my_orders_and_nobody_elses(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)
    bob.sign_in(BOB, seed.DEMO_PASSWORD)
    bob.order("TIN-1")
    alice.order("SEN-100")

    page = words(alice.get("/orders"))

    assert "Sencha" in page
    assert "To be paid" in page
    assert "Tin" not in page


def test_an_empty_history_says_where_a_guests_order_is(shop: Shop, alice: Visitor) -> None:
    alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)

    assert "Nothing ordered yet" in words(alice.get("/orders"))


def test_a_guest_finds_an_order_by_its_number_and_mail_address(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    order = _order(shop)

    answer = alice.post("/orders/lookup", number=order.number.lower(), email=" Alice@Example.com ")

    assert answer.status_code == 303
    assert answer.location == path.replace("/pay/", "/orders/") + "/receipt"


@pytest.mark.parametrize("as_typed", ["{}", " {} ", "{lower}", "{spaced}", "{bare}"])
def test_a_number_may_be_typed_as_it_is_read_out(shop: Shop, alice: Visitor, as_typed: str) -> None:
    alice.order()
    number = _order(shop).number
    spellings = {"lower": number.lower(), "spaced": number.replace("-", " "), "bare": number.replace("-", "")}

    answer = alice.post("/orders/lookup", number=as_typed.format(number, **spellings), email="alice@example.com")

    assert answer.status_code == 303


def test_a_wrong_number_and_a_wrong_address_get_the_same_answer(shop: Shop, alice: Visitor) -> None:
    alice.order()
    order = _order(shop)

    answers = [
        alice.post("/orders/lookup", number=order.number, email="bob@example.com"),
        alice.post("/orders/lookup", number="TT-NONE-00001", email="alice@example.com"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert all("There is no order with this number and this mail address" in words(answer) for answer in answers)


def test_the_receipt_of_an_order_that_is_not_paid_is_its_pay_page(shop: Shop, alice: Visitor) -> None:
    path = alice.order()

    assert alice.get(path.replace("/pay/", "/orders/") + "/receipt").location == path


def test_the_receipt_shows_what_was_given_back(shop: Shop, alice: Visitor) -> None:
    with shop.app.app_context():
        payment = shop.paid()
        refunds.request(payment.id, eur(500), reason="requested_by_customer", requested_by="Mara")
        order = shop.placed(payment.order_id)
        token = tokens.for_order(order.public_id)

    page = words(alice.get(f"/orders/{token}/receipt"))

    assert "-€5.00" in page
    assert "Left after refunds" in page


def test_a_cart_filled_before_signing_in_becomes_the_customers(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()
    alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)

    alice.check_out()

    with shop.app.app_context(), unit_of_work() as session:
        user = session.scalars(select(User).where(User.email == "alice@example.com")).one()
    assert _order(shop).user_id == user.id


def _order(shop: Shop) -> Order:
    with shop.app.app_context():
        return shop.orders()[-1]
