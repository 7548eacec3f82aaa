"""Sessions: a cookie that stays on this host, new with every sign-in, gone with the sign-out, and not for ever."""

import pytest

from shop.services import seed
from shop.views.sessions import LONGEST
from tests.shop_app import Shop
from tests.views.visitor import Visitor

ALICE = "alice@example.com"


@pytest.fixture(autouse=True)
def people(shop: Shop, public_shop: Shop) -> None:
    """Alice has an account in both shops."""
    for each in (shop, public_shop):
        with each.app.app_context():
            seed.seed()


def test_over_https_every_cookie_is_kept_to_this_host_and_from_scripts(customer: Visitor) -> None:
    answer = customer.sign_in(ALICE, seed.DEMO_PASSWORD)

    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"__Host-tidewater", "__Host-tidewater_device"}
    for cookie in cookies:
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)


def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(shop: Shop, alice: Visitor) -> None:
    alice.get("/login")
    with alice.client.session_transaction() as planted:
        planted |= {"till": "of the thief", "_user_id": "1.1", "cart_of": "1", "anything": "else"}
    before = alice.client.get_cookie("tidewater")

    alice.sign_in(ALICE, seed.DEMO_PASSWORD)

    after = alice.client.get_cookie("tidewater")
    assert before
    assert after
    assert before.value != after.value
    with alice.client.session_transaction() as kept:
        assert not {"till", "anything"} & set(kept)


def test_signing_out_leaves_nothing_behind(shop: Shop, alice: Visitor) -> None:
    alice.sign_in(ALICE, seed.DEMO_PASSWORD)
    alice.put_in_cart()

    alice.post("/logout")

    with alice.client.session_transaction() as left:
        assert set(left) <= {"_flashes"}


def test_signing_out_everywhere_ends_a_copy_of_the_cookie(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    alice.sign_in(ALICE, seed.DEMO_PASSWORD)
    copy = alice.client.get_cookie("tidewater")
    assert copy
    bob.client.set_cookie("tidewater", copy.value)
    assert bob.get("/orders").status_code == 200

    alice.post("/account/sessions/end")

    assert bob.get("/orders").status_code == 302


def test_no_password_opens_for_longer_than_a_month_however_busy_its_session_is(shop: Shop, alice: Visitor) -> None:
    alice.sign_in(ALICE, seed.DEMO_PASSWORD)
    day = 24 * 3600
    opened = []
    for _ in range(LONGEST // (day // 2) + 2):
        shop.clock.advance(seconds=day / 2)
        opened.append(alice.get("/orders").status_code)

    assert opened[: LONGEST // (day // 2) - 1] == [200] * (LONGEST // (day // 2) - 1)
    assert opened[-1] == 302
