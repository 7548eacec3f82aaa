"""Sessions: a cookie that stays on this host, new with every sign-in, gone with the sign-out, and not for ever."""

import pytest
from werkzeug.test import TestResponse

from shop.extensions import limiter
from shop.services import seed, tokens
from shop.views.sessions import LONGEST
from tests.shop_app import Shop
from tests.views.visitor import Visitor, form_token

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


def test_a_browser_stays_known_while_its_owner_comes_by_even_signed_out(
    shop: Shop, alice: Visitor, bob: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.sign_in(ALICE, seed.DEMO_PASSWORD)
    alice.post("/logout")
    for _ in range(10):
        shop.clock.advance(days=170)
        alice.get("/")
    monkeypatch.setattr(limiter, "enabled", True)

    for number in range(21):
        guess_from(f"10.0.3.{number}", bob, "guess")

    assert guess_from("10.0.4.1", bob, "guess") == 429
    assert guess_from("10.0.4.2", alice, seed.DEMO_PASSWORD) == 303


def test_the_mark_of_a_known_browser_is_written_anew_when_half_its_time_is_over_and_not_before(
    shop: Shop, alice: Visitor
) -> None:
    alice.sign_in(ALICE, seed.DEMO_PASSWORD)

    told = []
    for days in (0, 100, 100, 0, 100):
        shop.clock.advance(days=days)
        told.append(marks(alice.get("/")))

    assert [len(one) for one in told] == [0, 0, 1, 0, 0]
    assert "Max-Age=31536000" in told[2][0]


def test_a_mark_that_has_ended_or_that_nobody_signed_is_not_renewed(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    alice.sign_in(ALICE, seed.DEMO_PASSWORD)
    bob.client.set_cookie("tidewater_device", "forged")
    shop.clock.advance(days=366)

    assert [marks(one.get("/")) for one in (alice, bob)] == [[], []]


def test_who_signs_in_takes_the_mark_over_from_who_was_known_before(shop: Shop, alice: Visitor) -> None:
    alice.sign_in("bob@example.com", seed.DEMO_PASSWORD)
    form = {"csrf_token": form_token(alice), "email": ALICE, "password": seed.DEMO_PASSWORD}
    shop.clock.advance(days=200)  # half the time of Bob's is over

    told = marks(alice.client.post("/login", data=form))

    assert len(told) == 1
    with shop.app.test_request_context():
        value = told[0].partition("=")[2].partition(";")[0]
        assert tokens.read_account("device", value, shop.clock.now()).stamp == ALICE


def marks(answer: TestResponse) -> list[str]:
    """Return the cookies of an answer that mark this browser as known."""
    return [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("tidewater_device=")]


def guess_from(host: str, visitor: Visitor, password: str) -> int:
    """Try a password of Alice's from an address on the network; return the code of the answer."""
    form = {"csrf_token": form_token(visitor), "email": ALICE, "password": password}
    return visitor.client.post("/login", data=form, environ_base={"REMOTE_ADDR": host}).status_code
