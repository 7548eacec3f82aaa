"""What comes from outside is not believed: hosts, control characters, many orders, published passwords."""

import dataclasses

import pytest
from sqlalchemy import delete

from shop.extensions import limiter
from shop.models import User
from shop.services import seed
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop
from tests.views.visitor import Visitor, words


def test_stripe_sends_customers_back_to_the_public_address(shop: Shop, alice: Visitor) -> None:
    pay_page = alice.order()
    token = alice.get(pay_page).text.split('data-csrf="', 1)[1].split('"', 1)[0]

    answer = alice.client.post(f"{pay_page}/stripe", headers={"X-CSRFToken": token})

    assert answer.status_code == 200, answer.text
    assert answer.get_json()["return_url"] == f"{shop.context.settings.public_url}{pay_page}/return"


def test_control_characters_in_an_address_do_no_harm(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()

    answer = alice.check_out(name="Alice\x00 Ash\x07down")

    assert answer.status_code == 303
    with shop.app.app_context():
        assert shop.orders()[-1].name == "Alice Ashdown"


def test_one_address_cannot_place_orders_without_end(
    shop: Shop, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dataclasses.replace(shop.context.settings, payment_starts="3 per hour")
    monkeypatch.setitem(shop.app.extensions, "shop", dataclasses.replace(shop.context, settings=settings))
    monkeypatch.setattr(limiter, "enabled", True)
    alice.put_in_cart()

    answers = [alice.check_out() for _ in range(4)]

    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert "a little too often" in words(answers[-1])


def test_production_gets_the_goods_without_the_people_whose_password_is_published(shop: Shop) -> None:
    production = dataclasses.replace(shop.context.settings, environment="production")
    shop.change_context(settings=production)
    with shop.app.app_context():
        with unit_of_work(write=True) as session:
            session.execute(delete(User))

        told = seed.seed()

        assert shop.rows(User) == []
        assert "0 people" in told
