"""What only insiders read: metrics and the details of health; and the id that each request has in the log."""

import dataclasses
from typing import Any

import pytest

from shop.models import Payment
from tests.shop_app import Shop
from tests.views.visitor import Visitor


def test_metrics_answer_only_insiders(shop: Shop, alice: Visitor, paid: Payment) -> None:
    def ask_from(address: str, **headers: str) -> Any:
        return alice.client.get("/metrics", environ_overrides={"REMOTE_ADDR": address}, headers=headers)

    inside = ask_from("127.0.0.1")
    assert "shop_payments_total" in inside.text
    assert 'shop_inbox_waiting 0.0' in inside.text
    assert 'shop_money_last_captured_timestamp_seconds{provider="stripe"}' in inside.text
    assert ask_from("10.1.2.3").status_code == 200
    assert ask_from("203.0.114.7").status_code == 404
    assert ask_from("127.0.0.1", **{"X-Forwarded-For": "203.0.114.7"}).status_code == 404


def test_a_token_lets_in_from_anywhere_and_nothing_else_does(
    shop: Shop, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dataclasses.replace(shop.context.settings, metrics_tokens=("a token of sixteen",))
    monkeypatch.setitem(shop.app.extensions, "shop", dataclasses.replace(shop.context, settings=settings))
    bearer, far = {"Authorization": "Bearer a token of sixteen"}, {"REMOTE_ADDR": "203.0.114.7"}

    assert alice.client.get("/metrics", environ_overrides=far, headers=bearer).status_code == 200
    assert alice.client.get("/metrics").status_code == 404
    assert alice.client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404


def test_a_stranger_learns_of_health_only_whether_it_is_ready(alice: Visitor, shop: Shop) -> None:
    stranger = alice.client.get("/readyz", environ_overrides={"REMOTE_ADDR": "203.0.114.7"})

    assert stranger.json == {"ready": True}
    assert "workers" in (alice.get("/readyz").json or {})


@pytest.mark.parametrize(
    ("given", "kept"), [("req-12345678", True), ("short", False), ("evil id", False), ("x" * 65, False)]
)
def test_a_request_keeps_the_id_it_came_with_if_that_is_well_formed(
    alice: Visitor, given: str, kept: bool
) -> None:
    answer = alice.client.get("/", headers={"X-Request-Id": given})

    assert (answer.headers["X-Request-Id"] == given) is kept
    assert len(answer.headers["X-Request-Id"]) >= 8
