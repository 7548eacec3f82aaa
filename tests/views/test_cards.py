"""Payment methods in the account, and what the pay page is told of them."""

from __future__ import annotations

import re

import pytest

from shop.errors import ProviderUnavailable, WrongCredentials
from shop.models import CardSetup, Order, SavedMethod, User
from shop.models.base import utc_now
from shop.services import accounts, tokens, wallets
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import STRIPE, Shop
from tests.views.visitor import Visitor, words

CARDS = "/account/payment-methods"


@pytest.fixture
def cards(shop: Shop, alice: Visitor, bob: Visitor) -> list[SavedMethod]:
    """Alice is signed in and has two cards; Bob is signed in and has one."""
    with shop.app.app_context():
        for email in ("bob@example.com", "alice@example.com"):
            _account(email)
    alice.sign_in("alice@example.com", "tea-and-tide")
    bob.sign_in("bob@example.com", "tea-and-tide")
    with shop.app.app_context():
        bobs, hers = (wallets.ensure(user.id, STRIPE).external_id or "" for user in shop.rows(User))
        shop.wallet.save(bobs, "1111")
        shop.wallet.save(hers, "4242")
        shop.wallet.save(hers, "4444", brand="mastercard", expires=(1, 2020))
        for user in shop.rows(User):
            wallets.look(user.id, STRIPE)
        return shop.rows(SavedMethod, SavedMethod.user_id == shop.rows(User)[1].id)


def test_without_signing_in_there_is_nothing_to_see(shop: Shop, alice: Visitor) -> None:
    for path in ("", "/add", "/return", "/x/remove"):
        answer = alice.get(CARDS + path)
        assert answer.status_code == 302
        assert "/login" in answer.location


def test_the_list_tells_each_card_and_its_state_and_nobody_elses(alice: Visitor, cards: list[SavedMethod]) -> None:
    page = words(alice.get(CARDS))

    assert "Visa ending in 4242" in page
    assert "Mastercard ending in 4444 Good until January 2020" in page
    assert "Expired" in page
    assert "Chosen beforehand" in page
    assert "1111" not in page
    assert "PayPal remembers for itself" in page


def test_somebody_without_a_card_is_told_how_to_save_one(shop: Shop, alice: Visitor) -> None:
    with shop.app.app_context():
        _account("alice@example.com")
    alice.sign_in("alice@example.com", "tea-and-tide")

    assert "No card saved" in words(alice.get(CARDS))


def test_while_the_provider_is_silent_the_list_says_what_was_known_last(
    shop: Shop, alice: Visitor, cards: list[SavedMethod]
) -> None:
    for silence in (ProviderUnavailable("away"), WrongCredentials("keys refused")):
        shop.wallet.fail_next(silence, verb="fetch")

        page = words(alice.get(CARDS))

        assert "does not answer at the moment" in page
        assert "Visa ending in 4242" in page


def test_whose_keys_are_refused_saves_no_card_now_and_pays_by_one_typed_in(
    shop: Shop, alice: Visitor, cards: list[SavedMethod]
) -> None:
    path = alice.order()
    shop.wallet.fail_next(WrongCredentials("keys refused"), verb="start_setup")
    shop.wallet.fail_next(WrongCredentials("keys refused"), verb="open_session")

    saving = _json(alice, f"{CARDS}/setup", f"{CARDS}/add")
    shown = _json(alice, f"{path}/cards", path)

    assert saving.status_code == 503
    assert saving.get_json()["error"] == "provider_unavailable"
    assert shown.get_json() == {"secret": ""}


def test_the_pay_page_keeps_room_for_the_one_card_that_can_still_pay(
    shop: Shop, alice: Visitor, cards: list[SavedMethod]
) -> None:
    path = alice.order()
    assert "way__room--saved" in alice.get(path).text

    with shop.app.app_context():
        shop.wallet.save(wallets.ensure(cards[0].user_id, STRIPE).external_id or "", "5556")
        wallets.look(cards[0].user_id, STRIPE)

    assert "way__room--saved" not in alice.get(path).text


def test_a_card_is_removed_after_being_asked_once_more(alice: Visitor, cards: list[SavedMethod]) -> None:
    path = f"{CARDS}/{cards[0].public_id}/remove"

    asked = words(alice.get(path))
    answer = alice.post(path)

    assert "Remove this card?" in asked
    assert answer.status_code == 303
    assert "is removed" in words(alice.get(CARDS))
    assert alice.get(path).status_code == 404


def test_bob_finds_no_card_of_alices(bob: Visitor, shop: Shop, cards: list[SavedMethod]) -> None:
    path = f"{CARDS}/{cards[0].public_id}"

    answers = [bob.get(f"{path}/remove"), bob.post(f"{path}/remove"), bob.post(f"{path}/default")]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    with shop.app.app_context():
        assert shop.rows(SavedMethod, SavedMethod.id == cards[0].id)[0].removed_at is None


def test_saving_begins_with_a_secret_that_is_stored_nowhere(
    shop: Shop, alice: Visitor, cards: list[SavedMethod]
) -> None:
    answer = _json(alice, f"{CARDS}/setup", f"{CARDS}/add")

    assert answer.status_code == 200
    assert answer.get_json()["return_url"].endswith(f"{CARDS}/return")
    secret = answer.get_json()["client_secret"]
    with shop.app.app_context():
        (setup,) = shop.rows(CardSetup)
    assert secret not in str(vars(setup))


def test_the_way_back_from_saving_drops_the_secret_and_says_what_became_of_it(
    shop: Shop, alice: Visitor, cards: list[SavedMethod]
) -> None:
    _json(alice, f"{CARDS}/setup", f"{CARDS}/add")
    with shop.app.app_context():
        (setup,) = shop.rows(CardSetup)

    clean = alice.get(f"{CARDS}/return?setup_intent=seti_1&setup_intent_client_secret=seti_1_secret_2")
    waiting = words(alice.get(f"{CARDS}/return"))
    shop.wallet.refuse_setup(setup.external_id or "")
    refused = words(alice.get(f"{CARDS}/return"))
    shop.wallet.finish_setup(setup.external_id or "", "5555")
    done = alice.get(f"{CARDS}/return")

    assert clean.location == f"{CARDS}/return"
    assert "Saving your card" in waiting
    assert "does not have enough money" in refused
    assert done.status_code == 303
    assert "ending in 5555" in words(alice.get(CARDS))


def test_the_pay_page_gets_its_owners_cards_and_nobody_elses(
    shop: Shop, alice: Visitor, bob: Visitor, cards: list[SavedMethod]
) -> None:
    path = alice.order()

    hers = _json(alice, f"{path}/cards", path)
    bobs = _json(bob, f"{path}/cards", path)

    assert hers.get_json()["secret"].startswith("cuss_secret_")
    assert bobs.status_code == 404
    assert "data-cards-url" in alice.get(path).text
    assert "data-cards-url" not in bob.get(path).text
    assert "cuss_secret" not in alice.get(path).text


def test_a_guests_order_has_no_cards(shop: Shop, alice: Visitor) -> None:
    path = alice.order()

    assert _json(alice, f"{path}/cards", path).status_code == 404


def test_a_try_too_many_is_answered_with_429_and_the_seconds_to_wait(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    for _ in range(4):
        assert _json(alice, f"{path}/stripe", path).status_code == 200
        with shop.app.app_context():
            payment = _order(shop, path).payments[-1]
            shop.stripe.decline(payment.external_id or "")
            alice.get(f"{path}/return")

    answer = _json(alice, f"{path}/stripe", path)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15
    assert answer.get_json()["error"] == "slowed"
    assert "Several tries were declined" in answer.get_json()["message"]
    assert answer.get_json()["offer"] == ["paypal"]


def test_a_total_that_differs_from_the_page_is_told_and_nothing_begins(shop: Shop, alice: Visitor) -> None:
    path = alice.order()

    answer = _json(alice, f"{path}/stripe", path, {"amount": 1, "currency": "EUR"})

    assert answer.status_code == 409
    assert "it is now €17.40" in answer.get_json()["message"]
    with shop.app.app_context():
        assert _order(shop, path).payments == []


def test_coming_back_without_the_banks_answer_offers_to_go_on(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    _json(alice, f"{path}/stripe", path)
    with shop.app.app_context():
        shop.stripe.require_action(_order(shop, path).payments[0].external_id or "")

    assert "Your confirmation is still missing" in words(alice.get(f"{path}/return"))


def test_the_way_back_of_another_payment_is_told(shop: Shop, alice: Visitor) -> None:
    path = alice.order()

    answer = alice.get(f"{path}/return?payment_intent=pi_of_somebody")

    assert answer.location == f"{path}/return"
    assert "belongs to another payment" in words(alice.get(f"{path}/return"))


def _account(email: str) -> None:
    with unit_of_work(write=True) as session:
        hashed = accounts.hash_password("tea-and-tide")
        name = email.split("@")[0].title()
        session.add(User(email=email, name=name, password_hash=hashed, email_confirmed_at=utc_now()))


def _order(shop: Shop, path: str) -> Order:
    public_id = tokens.read_order(path.removeprefix("/pay/"))
    return shop.rows(Order, Order.public_id == public_id)[0]


def _json(visitor: Visitor, path: str, page: str, body: dict[str, object] | None = None):  # type: ignore[no-untyped-def]
    """Ask as the page's script does, with the token that stands in the page."""
    token = re.search(r'data-csrf="([^"]+)"', visitor.get(page).text)
    return visitor.client.post(path, json=body or {}, headers={"X-CSRFToken": token[1] if token else ""})
