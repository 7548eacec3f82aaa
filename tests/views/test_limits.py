"""Limits: what each door bears, whose requests count together, and what somebody reads who came too often."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from werkzeug.test import TestResponse

from shop import create_app
from shop.config import Settings
from shop.errors import TooManyTries
from shop.extensions import limiter
from shop.services import guard, seed
from shop.views.visitor import visitor
from shop.views.words import too_many_words
from tests.shop_app import ENVIRONMENT, Shop
from tests.views.visitor import Visitor, words

Door = Callable[[Visitor], TestResponse]
PAY = "/pay/x"
# What may be done how often within its window before the next try is told to wait.
DOORS: dict[str, tuple[int, Door]] = {
    "sign in": (10, lambda visitor: visitor.sign_in("alice@example.com", "guess")),
    "register": (5, lambda visitor: visitor.post("/register", email="a@example.com", name="A", password="x")),
    "forgot": (5, lambda visitor: visitor.post("/forgot", email="a@example.com")),
    "reset": (10, lambda visitor: visitor.post("/account/reset/x", password="x")),
    "confirm": (10, lambda visitor: visitor.post("/account/confirm/x", password="x")),
    "code": (10, lambda visitor: visitor.post("/cart/promotion", code="GUESS")),
    "order": (20, lambda visitor: visitor.post("/checkout", action="place")),
    "figures and VAT ids": (120, lambda visitor: visitor.post("/checkout", action="refresh", vat_id="DE1")),
    "pay by card": (20, lambda visitor: visitor.post(f"{PAY}/stripe")),
    "pay with PayPal": (20, lambda visitor: visitor.post(f"{PAY}/paypal")),
    "look up": (10, lambda visitor: visitor.post("/orders/lookup", number="TT-1", email="a@example.com")),
    "documents": (10, lambda visitor: visitor.post("/orders/x/documents")),
    "set up a card": (20, lambda visitor: visitor.post("/account/payment-methods/setup")),
    "reports": (
        30,
        lambda visitor: visitor.client.post("/reports/csp", data="[]", content_type="application/reports+json"),
    ),
}


FRESH = count(1)


@pytest.fixture(autouse=True)
def limited(alice: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits count, and Alice comes from an address that nobody came from before; Redis is away."""
    alice.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{next(FRESH)}"
    monkeypatch.setattr(limiter, "enabled", True)


@pytest.mark.parametrize("door", DOORS)
def test_each_door_bears_so_much_and_then_says_until_when(shop: Shop, alice: Visitor, door: str) -> None:
    most, knock = DOORS[door]
    with shop.app.app_context():
        seed.seed()
    alice.put_in_cart()
    if door == "set up a card":
        alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)

    answers = [knock(alice) for _ in range(most + 1)]

    assert 429 not in {answer.status_code for answer in answers[:-1]}
    last = answers[-1]
    assert last.status_code == 429
    assert 1 <= int(last.headers["Retry-After"]) <= 3600
    if not last.is_json:
        assert re.search(r"Try again in \w+ (second|minute)|You can try another one in", words(last))
        assert "tokens.css" in last.text


def test_who_is_not_told_to_wait_hears_nothing_of_waiting(shop: Shop, alice: Visitor) -> None:
    answer = alice.sign_in("nobody@example.com", "guess")

    assert "Retry-After" not in answer.headers
    assert not [name for name, _value in answer.headers if name.startswith("X-RateLimit")]


def test_too_many_codes_are_told_beside_their_field_and_the_cart_is_there(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()

    answers = [alice.post("/cart/promotion", code=f"GUESS{number}") for number in range(11)]

    assert answers[-1].status_code == 429
    assert 'aria-describedby="code-error"' in answers[-1].text
    assert "Those were many codes" in words(answers[-1])
    assert 'value="GUESS10"' in answers[-1].text
    assert "Sencha" in words(answers[-1])
    assert int(answers[-1].headers["Retry-After"]) <= 60


def test_a_script_reads_how_long_it_waits_in_the_header_and_nowhere_else(shop: Shop, alice: Visitor) -> None:
    page = alice.get("/login").text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    headers = {"X-CSRFToken": token, "Accept": "application/json"}

    answers = [alice.client.post(f"{PAY}/stripe", json={}, headers=headers) for _ in range(21)]

    assert answers[-1].status_code == 429
    assert 60 < int(answers[-1].headers["Retry-After"]) <= 600
    assert answers[-1].json == {"error": "One moment, please", "message": "That was a little too often.", "field": ""}


def test_a_guard_that_slows_says_its_own_wait_and_not_the_longer_one_of_the_limit(
    shop: Shop, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object, **__: object) -> None:
        raise TooManyTries("slow", 15, is_refused=False)

    pay_page = alice.order()
    token = alice.get(pay_page).text.split('data-csrf="', 1)[1].split('"', 1)[0]
    monkeypatch.setattr(guard, "admit", slow)

    answer = alice.client.post(f"{pay_page}/stripe", json={}, headers={"X-CSRFToken": token})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "15"
    assert answer.get_json()["message"] == too_many_words(is_refused=False)


def test_with_redis_away_limits_hold_within_each_process(shop: Shop, alice: Visitor) -> None:
    assert shop.context.settings.redis_url == ENVIRONMENT["REDIS_URL"]

    answers = [alice.sign_in("somebody@example.com", "guess") for _ in range(11)]

    assert [answer.status_code for answer in answers] == [400] * 10 + [429]


def codes(client_address: str, visitor: Visitor, times: int, **headers: str) -> list[int]:
    """Knock from an address so often; return the statuses."""
    sent = {"environ_overrides": {"REMOTE_ADDR": client_address}, "headers": headers}
    return [visitor.client.post("/orders/lookup", data=_token(visitor), **sent).status_code for _ in range(times)]


def _token(visitor: Visitor) -> dict[str, str]:
    return {"csrf_token": visitor.get("/login").text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]}


def test_a_header_that_a_visitor_made_up_changes_nobodys_address(shop: Shop, alice: Visitor) -> None:
    first = codes("203.0.113.9", alice, 10)
    forged = codes("203.0.113.9", alice, 1, **{"X-Forwarded-For": "198.51.100.7"})
    another = codes("203.0.113.10", alice, 1)

    assert (set(first), forged, another) == ({404}, [429], [404])


def test_behind_a_proxy_the_address_is_what_the_proxy_says(shop: Shop) -> None:
    url = shop.context.settings.database_url
    app = create_app(Settings.from_env(ENVIRONMENT | {"DATABASE_URL": url, "TRUSTED_PROXIES": "1"}))
    alice, proxy = Visitor(app), "10.0.0.1"

    busy = codes(proxy, alice, 11, **{"X-Forwarded-For": "1.2.3.4, 198.51.100.9"})
    calm = codes(proxy, alice, 1, **{"X-Forwarded-For": "1.2.3.4, 198.51.100.10"})
    forged = codes(proxy, alice, 1, **{"X-Forwarded-For": "9.9.9.9, 198.51.100.9"})

    assert (busy[-1], calm, forged) == (429, [404], [429])


def test_one_customers_many_ipv6_addresses_are_one(shop: Shop, alice: Visitor) -> None:
    many = [codes(f"2001:db8:1:2::{number:x}", alice, 1)[0] for number in range(1, 12)]

    assert many == [404] * 10 + [429]
    assert codes("2001:db8:1:3::1", alice, 1) == [404]
    assert codes("::ffff:203.0.113.99", alice, 1) == [404]


def test_the_guard_at_the_till_counts_the_same_networks(shop: Shop) -> None:
    def seen(address: str) -> str:
        with shop.app.test_request_context(environ_overrides={"REMOTE_ADDR": address}):
            return visitor().network

    assert seen("2001:db8:1:2::1") == seen("2001:db8:1:2:ffff::9")
    assert seen("::ffff:203.0.113.9") == seen("203.0.113.9") != seen("203.0.113.10")
