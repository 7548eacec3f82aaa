"""Signing in: the same answer for either mistake, and nothing planted comes along."""

import pytest

from shop.extensions import limiter
from shop.services import seed
from tests.shop_app import Shop
from tests.views.visitor import Visitor, words


@pytest.fixture(autouse=True)
def people(shop: Shop) -> None:
    """Alice, Bob and Mara have accounts."""
    with shop.app.app_context():
        seed.seed()


def test_the_right_password_signs_in_and_leads_on(shop: Shop, alice: Visitor) -> None:
    answer = alice.sign_in("ALICE@example.com", seed.DEMO_PASSWORD, next="/checkout")

    assert (answer.status_code, answer.location) == (303, "/checkout")
    assert "Alice Ashdown" in alice.get("/").text


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(shop: Shop, alice: Visitor) -> None:
    answers = [alice.sign_in("alice@example.com", "wrong"), alice.sign_in("nobody@example.com", seed.DEMO_PASSWORD)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert all("do not belong together" in words(answer) for answer in answers)


def test_the_way_on_never_leads_to_another_host(shop: Shop, alice: Visitor) -> None:
    answer = alice.sign_in("alice@example.com", seed.DEMO_PASSWORD, next="//evil.example/")

    assert answer.location == "/orders"


def test_signing_out_ends_it(shop: Shop, alice: Visitor) -> None:
    alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)

    alice.post("/logout")

    assert alice.get("/orders").status_code == 302


def test_guessing_is_slowed_down(shop: Shop, alice: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", True)

    answers = [alice.sign_in("alice@example.com", f"guess {number}") for number in range(11)]

    assert answers[-1].status_code == 429
    assert "a little too often" in words(answers[-1])
    assert "Retry-After" in answers[-1].headers
