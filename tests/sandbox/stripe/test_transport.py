"""Keys, versions, headers, parameters and unknown addresses."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
import stripe

from sandbox.running import Sandbox
from sandbox.stripe import parameters
from sandbox.stripe.urls import ROUTES
from tests.sandbox.stripe import clients
from tests.sandbox.stripe.clients import CheckedClient


def test_every_route_names_parameters_that_the_sdk_has() -> None:
    for route in ROUTES:
        kind = parameters.find(route.params) if isinstance(route.params, str) else route.params
        assert isinstance(parameters.fields_of(kind), dict)


def test_an_answer_names_its_request_and_its_version(server: Any, http: CheckedClient) -> None:
    server.customers.create({})

    _, headers = http.seen[-1]
    assert headers["Request-Id"].startswith("req_")
    assert headers["Stripe-Version"] == stripe.api_version
    assert "Stripe-Notice" not in headers


@pytest.mark.parametrize("key", ["sk_live_abc", "rk_live_abc", "pk_live_abc"])
def test_a_live_key_is_refused_with_the_reason(sandbox: Sandbox, key: str) -> None:
    client, http = clients.make(sandbox.stripe_api, key)

    with pytest.raises(stripe.AuthenticationError, match="live key"):
        client.v1.customers.list()

    http.close()


def test_something_that_is_no_key_is_refused_without_being_repeated(sandbox: Sandbox) -> None:
    client, http = clients.make(sandbox.stripe_api, "not_a_key_at_all")

    with pytest.raises(stripe.AuthenticationError) as refusal:
        client.v1.customers.list()

    assert "not_a_key_at_all" not in str(refusal.value)
    http.close()


def test_a_key_may_come_as_basic_auth_or_as_a_parameter(sandbox: Sandbox) -> None:
    address = f"{sandbox.stripe_api}/v1/customers"

    assert requests.get(address, auth=("sk_test_x", ""), timeout=5).status_code == 200
    assert requests.get(address, params={"key": "sk_test_x"}, timeout=5).status_code == 200
    assert requests.get(address, timeout=5).status_code == 401


def test_a_publishable_key_cannot_do_a_secret_ones_work(public: Any) -> None:
    with pytest.raises(stripe.AuthenticationError) as refusal:
        public.customers.list()

    assert refusal.value.json_body["error"]["code"] == "secret_key_required"


def test_another_version_is_refused(sandbox: Sandbox) -> None:
    client, http = clients.make(sandbox.stripe_api, headers={"Stripe-Version": "2019-12-03"})

    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        client.v1.customers.list()

    http.close()


def test_an_address_that_is_not_simulated_is_unrecognized(server: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"Unrecognized request URL \(GET: /v1/topups\)") as refusal:
        server.topups.list()

    assert refusal.value.http_status == 404


def test_a_wrong_method_at_a_known_address_is_unrecognized(sandbox: Sandbox) -> None:
    answer = requests.put(f"{sandbox.stripe_api}/v1/customers", auth=("sk_test_x", ""), timeout=5)

    assert answer.status_code == 404
    assert "Unrecognized request URL (PUT: /v1/customers)" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 2000, "currency": "eur", "colour": "red"}, "parameter_unknown", "colour"),
        (
            {"amount": 2000, "currency": "eur", "shipping": {"name": "A", "address": {"planet": "Mars"}}},
            "parameter_unknown",
            "shipping[address][planet]",
        ),
        ({"currency": "eur"}, "parameter_missing", "amount"),
        ({"amount": 2000, "currency": "eur", "shipping": {"name": "A"}}, "parameter_missing", "shipping[address]"),
        ({"amount": "many", "currency": "eur"}, "parameter_invalid_integer", "amount"),
        ({"amount": 2000, "currency": "eur", "capture_method": "later"}, None, "capture_method"),
        ({"amount": 2000, "currency": "eur", "confirm": "perhaps"}, None, "confirm"),
        ({"amount": 2000, "currency": "eur", "customer": ""}, "parameter_invalid_empty", "customer"),
        ({"amount": 2000, "currency": "xyz"}, None, "currency"),
        ({"amount": 49, "currency": "eur"}, "amount_too_small", "amount"),
        ({"amount": 100_000_000, "currency": "eur"}, "amount_too_large", "amount"),
        ({"amount": 2000, "currency": "eur", "customer": "cus_nobody"}, "resource_missing", "customer"),
        (
            {"amount": 2000, "currency": "eur", "payment_method_types": ["card"]},
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
    ],
)
def test_a_bad_parameter_is_named(server: Any, params: dict[str, Any], code: str | None, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.create(params)

    assert (refusal.value.http_status, refusal.value.code, refusal.value.param) == (400, code, param)
    assert server.payment_intents.list().data == []


def test_an_unknown_id_is_a_404_that_names_it(server: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such customer: 'cus_nobody'") as refusal:
        server.customers.retrieve("cus_nobody")

    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_the_account_behind_the_keys_can_be_asked_for(server: Any) -> None:
    account = server.accounts.retrieve_current()

    assert (account.id, account.charges_enabled) == ("acct_sandbox", True)


def test_amounts_without_decimals_are_taken_as_they_are(pay: Callable[..., Any]) -> None:
    intent = pay(amount=500, currency="jpy", expand=["latest_charge"])

    assert (intent.status, intent.latest_charge.amount) == ("succeeded", 500)


def test_a_body_that_is_not_a_form_is_refused(sandbox: Sandbox, server: Any) -> None:
    headers = {"Authorization": "Bearer sk_test_x"}

    answer = requests.post(f"{sandbox.stripe_api}/v1/customers", json={"name": "Alice"}, headers=headers, timeout=5)

    assert answer.status_code == 400
    assert "application/x-www-form-urlencoded" in answer.json()["error"]["message"]
    assert server.customers.list().data == []
