"""The same key never does the work twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import stripe

from sandbox.running import Sandbox
from sandbox.stripe.errors import StripeError
from sandbox.stripe.idempotency import Idempotency
from tests.sandbox.stripe.clients import CheckedClient
from tests.sandbox.stripe.conftest import RETURN_URL

ORDER = {"amount": 2000, "currency": "eur"}
KEY = {"idempotency_key": "order-1"}


def outcomes(sandbox: Sandbox, path: str) -> list[str]:
    """Return what became of the requests to an address, oldest first."""
    answer = requests.get(f"{sandbox.console}/_sandbox/requests", params={"path": path}, timeout=5).json()
    return [row["outcome"] for row in answer["requests"]][::-1]


def test_a_repeat_gets_the_first_answer_and_does_nothing(server: Any, http: CheckedClient, sandbox: Sandbox) -> None:
    first = server.payment_intents.create(ORDER, KEY)

    second = server.payment_intents.create(ORDER, KEY)

    assert second.id == first.id
    assert len(server.payment_intents.list().data) == 1
    _, headers = http.seen[1]
    assert headers["Idempotent-Replayed"] == "true"
    assert headers["Original-Request"] == http.seen[0][1]["Request-Id"]
    assert outcomes(sandbox, "/v1/payment_intents")[:2] == ["executed", "replayed"]


def test_a_decline_is_repeated_too(server: Any) -> None:
    declined = {**ORDER, "payment_method": "pm_card_chargeDeclined", "confirm": True, "return_url": RETURN_URL}
    with pytest.raises(stripe.CardError) as first:
        server.payment_intents.create(declined, KEY)

    with pytest.raises(stripe.CardError) as second:
        server.payment_intents.create(declined, KEY)

    assert first.value.json_body == second.value.json_body
    assert len(server.payment_intents.list().data) == 1


def test_other_parameters_under_the_same_key_are_refused(server: Any) -> None:
    server.payment_intents.create(ORDER, KEY)

    with pytest.raises(stripe.IdempotencyError, match="same parameters they were first used with"):
        server.payment_intents.create({**ORDER, "amount": 3000}, KEY)


def test_another_address_under_the_same_key_is_refused(server: Any) -> None:
    server.payment_intents.create(ORDER, KEY)

    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        server.customers.create({}, KEY)


def test_a_request_that_never_began_leaves_the_key_free(server: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        server.payment_intents.create({**ORDER, "colour": "red"}, KEY)

    assert server.payment_intents.create(ORDER, KEY).status == "requires_payment_method"


def test_a_second_request_while_the_first_is_at_work_is_a_conflict(sandbox: Sandbox) -> None:
    idempotency = Idempotency(sandbox.world)
    assert idempotency.begin("order-1", "POST", "/v1/payment_intents", {}) is None

    with pytest.raises(StripeError) as conflict:
        idempotency.begin("order-1", "POST", "/v1/payment_intents", {})

    assert (conflict.value.status, conflict.value.error["code"]) == (409, "idempotency_key_in_use")
    assert conflict.value.keep is False


def test_a_second_request_is_refused_while_the_first_holds_the_store(sandbox: Sandbox) -> None:
    idempotency = Idempotency(sandbox.world)
    idempotency.begin("order-1", "POST", "/v1/payment_intents", {})

    with ThreadPoolExecutor(1) as pool, sandbox.world.store.lock:
        conflict = pool.submit(idempotency.begin, "order-1", "POST", "/v1/payment_intents", {}).exception(timeout=5)

    assert isinstance(conflict, StripeError)
    assert conflict.status == 409


def test_many_requests_at_once_under_one_key_do_the_work_once(server: Any, sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: _raw(sandbox).status_code, range(24)))

    assert set(statuses) <= {200, 409}
    assert outcomes(sandbox, "/v1/payment_intents").count("executed") == 1
    assert len(server.payment_intents.list().data) == 1


def test_a_key_is_forgotten_after_a_day(server: Any, later: Any) -> None:
    first = server.payment_intents.create(ORDER, KEY)

    later(86_401)

    assert server.payment_intents.create(ORDER, KEY).id != first.id


def test_a_key_that_is_too_long_is_refused(server: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="at most 255"):
        server.payment_intents.create(ORDER, {"idempotency_key": "k" * 256})


def test_an_answer_lost_on_the_way_was_still_done_and_the_retry_finds_it(server: Any, sandbox: Sandbox) -> None:
    # given a connection that breaks after the work is done
    sandbox.world.faults.set("stripe", "answer_lost", times=1, path_prefix="/v1/payment_intents", method="POST")
    paid = {**ORDER, "payment_method": "pm_card_visa", "confirm": True, "return_url": RETURN_URL}
    with pytest.raises(stripe.APIConnectionError):
        server.payment_intents.create(paid, KEY)

    # when the same is asked again under the same key
    intent = server.payment_intents.create(paid, KEY)

    # then there is one charge
    assert intent.status == "succeeded"
    assert [charge.payment_intent for charge in server.charges.list().data] == [intent.id]
    assert outcomes(sandbox, "/v1/payment_intents") == ["executed", "replayed"]


def test_the_sdks_own_retry_hides_a_lost_answer(sandbox: Sandbox) -> None:
    # given a client that retries by itself, as the SDK does by default
    client = stripe.StripeClient("sk_test_x", base_addresses={"api": sandbox.stripe_api}, max_network_retries=2)
    sandbox.world.faults.set("stripe", "answer_lost", times=1, method="POST")

    # when an intent is made
    client.v1.payment_intents.create({"amount": 2000, "currency": "eur"})

    # then it is made once
    assert outcomes(sandbox, "/v1/payment_intents") == ["executed", "replayed"]


def _raw(sandbox: Sandbox) -> requests.Response:
    return requests.post(
        f"{sandbox.stripe_api}/v1/payment_intents",
        data=ORDER,
        headers={"Authorization": "Bearer sk_test_x", "Idempotency-Key": "order-1"},
        timeout=5,
    )
