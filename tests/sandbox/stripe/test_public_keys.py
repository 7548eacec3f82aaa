"""What a browser may do and see with a publishable key and a client secret."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
import stripe

from sandbox.running import Sandbox
from tests.sandbox.stripe.conftest import RETURN_URL

CARD = {
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": "4242 4242 4242 4242",
    "payment_method_data[card][exp_month]": "12",
    "payment_method_data[card][exp_year]": "34",
    "payment_method_data[card][cvc]": "123",
    "payment_method_data[billing_details][address][country]": "DE",
    "payment_method_data[guid]": "NA",
    "payment_method_data[payment_user_agent]": "stripe.js/sandbox",
}


@pytest.fixture
def intent(server: Any) -> Any:
    """An intent with things that are no browser's business."""
    customer = server.customers.create({"email": "alice@example.com"})
    return server.payment_intents.create(
        {"amount": 2000, "currency": "eur", "customer": customer.id, "metadata": {"margin": "80%"}}
    )


def post(sandbox: Sandbox, path: str, secret: str | None, **fields: str) -> requests.Response:
    """Post a form as Stripe.js does: with the key and the client secret in it."""
    form = {"key": "pk_test_sandbox", **({"client_secret": secret} if secret else {}), **fields}
    return requests.post(f"{sandbox.stripe_api}{path}", data=form, headers={"Origin": "http://localhost"}, timeout=5)


def test_a_browser_pays_with_a_raw_card(sandbox: Sandbox, server: Any, intent: Any) -> None:
    answer = post(
        sandbox,
        f"/v1/payment_intents/{intent.id}/confirm",
        intent.client_secret,
        return_url=RETURN_URL,
        use_stripe_sdk="true",
        _stripe_version="2026-10-28.endive",
        **CARD,
    )

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert server.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_browser_sees_no_secrets_of_the_merchant(sandbox: Sandbox, intent: Any) -> None:
    answer = requests.get(
        f"{sandbox.stripe_api}/v1/payment_intents/{intent.id}",
        params={"key": "pk_test_sandbox", "client_secret": intent.client_secret},
        timeout=5,
    )

    seen = answer.json()
    assert seen["status"] == "requires_payment_method"
    assert {"metadata", "customer", "latest_charge", "amount_received"}.isdisjoint(seen)
    assert not any(name.startswith("_") for name in seen)


def test_a_decline_in_a_browser_hides_the_same(sandbox: Sandbox, intent: Any) -> None:
    declined = {**CARD, "payment_method_data[card][number]": "4000000000000002"}

    answer = post(
        sandbox,
        f"/v1/payment_intents/{intent.id}/confirm",
        intent.client_secret,
        return_url=RETURN_URL,
        **declined,
    )

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (402, "card_declined")
    assert "metadata" not in error["payment_intent"]
    assert "4000000000000002" not in answer.text


@pytest.mark.parametrize("secret", [None, "pi_other_secret_x"])
def test_without_the_right_client_secret_nothing_happens(
    sandbox: Sandbox, server: Any, intent: Any, secret: str | None
) -> None:
    path = f"/v1/payment_intents/{intent.id}"

    answer = post(sandbox, f"{path}/confirm", secret, return_url=RETURN_URL, **CARD)
    look = requests.get(f"{sandbox.stripe_api}{path}", params={"key": "pk_test_sandbox"}, timeout=5)

    assert (answer.status_code, look.status_code) == (400, 400)
    assert server.payment_intents.retrieve(intent.id).status == "requires_payment_method"


@pytest.mark.parametrize("path", ["", "/capture", "/cancel"])
def test_the_rest_is_for_servers(sandbox: Sandbox, intent: Any, path: str) -> None:
    answer = post(sandbox, f"/v1/payment_intents/{intent.id}{path}", intent.client_secret)

    assert answer.status_code == 401


def test_scripts_of_any_origin_may_read_the_answer(sandbox: Sandbox) -> None:
    asked = requests.options(f"{sandbox.stripe_api}/v1/payment_methods", timeout=5)
    refused = requests.post(f"{sandbox.stripe_api}/v1/payment_methods", timeout=5)

    for answer in (asked, refused):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]


def test_a_browser_makes_a_confirmation_token(sandbox: Sandbox, server: Any) -> None:
    made = post(sandbox, "/v1/confirmation_tokens", None, return_url=RETURN_URL, **CARD).json()

    token = server.confirmation_tokens.retrieve(made["id"])
    assert (token.use_stripe_sdk, token.payment_method_preview.card.last4) == (True, "4242")
    paid = server.payment_intents.create(
        {"amount": 2000, "currency": "eur", "confirm": True, "confirmation_token": token.id}
    )
    assert paid.status == "succeeded"


def test_unknown_parameters_are_named_to_browsers_too(sandbox: Sandbox, intent: Any) -> None:
    answer = post(
        sandbox, f"/v1/payment_intents/{intent.id}/confirm", intent.client_secret, return_url=RETURN_URL, colour="red"
    )

    assert answer.json()["error"]["param"] == "colour"


def test_a_number_is_in_no_answer(card: Callable[..., str], server: Any) -> None:
    method = server.payment_methods.retrieve(card("4242424242424242"))

    assert "4242424242424242" not in str(method)
    assert isinstance(method, stripe.PaymentMethod)
