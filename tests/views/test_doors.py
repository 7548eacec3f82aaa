"""Every door of the shop, by its map of addresses: no form without a token, nothing of another customer's."""

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.routing import Rule

from shop.models import Alarm, Document, Order, SavedMethod, User
from shop.models.base import utc_now
from shop.services import addresses, record, seed, tokens, wallets
from shop.services.addresses import Entry
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import STRIPE, Shop
from tests.views.visitor import Visitor, words

CHANGES = {"POST", "PUT", "PATCH", "DELETE"}
# Who sends to these has no page of ours to take a token from: providers sign, browsers report.
WITHOUT_TOKEN = {"reports.csp"}
# Their arguments name nothing that is anybody's own.
NOBODYS = {"static", "catalogue.product", "cart.update"}
PREVIEW = "preview"  # development only, with people who do not exist


def rules(shop: Shop) -> Iterator[Rule]:
    """Yield every rule of the map."""
    yield from sorted(shop.app.url_map.iter_rules(), key=lambda rule: rule.rule)


def address_of(shop: Shop, rule: Rule, values: dict[str, Any]) -> str:
    """Return an address that the rule matches."""
    built = rule.build(values)
    assert built is not None, rule
    return built[1]


def test_every_request_that_changes_something_wants_a_token_but_those_that_are_named(
    shop: Shop, alice: Visitor
) -> None:
    sent = set()
    for rule in rules(shop):
        for method in CHANGES & (rule.methods or set()):
            names = {"provider": "stripe", "alarm_id": 1, "run_id": 1}
            path = address_of(shop, rule, {name: names.get(name, "x") for name in rule.arguments})

            answer = alice.client.open(path, method=method, data={"next": "/"})

            if rule.endpoint in WITHOUT_TOKEN:
                assert "This form has expired" not in answer.text
            else:
                assert answer.status_code == 400, rule
                assert "This form has expired" in words(answer), rule
                assert "tokens.css" in answer.text
            sent.add(rule.endpoint)

    assert sent > WITHOUT_TOKEN
    assert len(sent) > 40


def test_a_token_of_another_session_is_none(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    theft = bob.get("/login").text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    alice.get("/login")

    answer = alice.client.post("/cart", data={"csrf_token": theft, "sku": "SEN-100", "quantity": "1"})

    assert answer.status_code == 400
    assert "This form has expired" in words(answer)


@pytest.fixture
def alices(shop: Shop, alice: Visitor, bob: Visitor) -> dict[str, list[str]]:
    """What is Alice's, by the name of the argument that names it; Bob has an account and is signed in."""
    with shop.app.app_context():
        seed.seed()
        payment = shop.paid()
        order = shop.placed(payment.order_id)
        her, him = (_account(shop, f"{name}@example.com") for name in ("alice", "bob"))
        with unit_of_work(write=True) as session:
            session.get_one(Order, order.id).user_id = her.id
            record.alarm(session, "a:1", "something", order.id, utc_now())
        _card(shop, her)
        address = addresses.add(her.id, _entry(), make_default=True)
        bob.sign_in(him.email, seed.DEMO_PASSWORD)
        return {
            "token": [order.number, order.public_id],
            "public_id": [order.public_id, shop.rows(SavedMethod)[0].public_id],
            "payment_id": [payment.public_id],
            "address_id": [address.public_id],
            "number": [shop.rows(Document)[0].number],
            "alarm_id": [str(shop.rows(Alarm)[0].id)],
            "run_id": ["1"],
        }


def test_what_is_anothers_is_not_there_whatever_id_is_guessed(
    shop: Shop, alice: Visitor, bob: Visitor, alices: dict[str, list[str]]
) -> None:
    asked = 0
    for rule in rules(shop):
        if not rule.arguments or rule.endpoint in NOBODYS or rule.endpoint.startswith(PREVIEW):
            continue
        unknown = rule.arguments - set(alices)
        assert not unknown, f"say in this test whose {unknown} of {rule} is"
        for number in range(2):
            values = {name: alices[name][min(number, len(alices[name]) - 1)] for name in rule.arguments}
            values |= {name: int(values[name]) for name in ("alarm_id", "run_id") if name in values}
            path = address_of(shop, rule, values)
            for method in {"GET", "POST"} & (rule.methods or set()):
                answer = bob.get(path) if method == "GET" else bob.post(path)
                stranger = alice.get(path) if method == "GET" else alice.post(path)

                assert answer.status_code == 404, (method, path, answer.status_code)
                assert "Not in our books" in answer.text or "This link does not work" in answer.text
                assert stranger.status_code == 404 or "/login" in stranger.location, (method, path)
                asked += 1

    assert asked > 50


@pytest.mark.parametrize("what", ["cards", "again"])
def test_the_link_of_an_order_opens_nothing_that_hangs_on_its_account(
    shop: Shop, bob: Visitor, alices: dict[str, list[str]], what: str
) -> None:
    with shop.app.app_context():
        token = tokens.for_order(alices["token"][1])

    answer = bob.post(f"/pay/{token}/cards" if what == "cards" else f"/orders/{token}/again")

    assert answer.status_code == 404


def _account(shop: Shop, email: str) -> User:
    return shop.rows(User, User.email == email)[0]


def _card(shop: Shop, user: User) -> None:
    shop.wallet.save(wallets.ensure(user.id, STRIPE).external_id or "", "4242")
    wallets.look(user.id, STRIPE)


def _entry() -> Entry:
    return Entry(
        name="Alice", line1="Kai 1", line2="", postal_code="20457", city="Hamburg", region="", country="DE"
    )
