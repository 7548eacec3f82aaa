"""Who may ask: tokens for sandbox credentials, and for nobody else."""

import base64

import pytest
import requests

from sandbox.paypal import tokens
from sandbox.running import Sandbox
from tests.sandbox.paypal.merchant import Merchant


def ask(sandbox: Sandbox, client: str, secret: str, grant: str = "client_credentials") -> requests.Response:
    url = f"{sandbox.paypal_api}/v1/oauth2/token"
    return requests.post(url, data={"grant_type": grant}, auth=(client, secret), timeout=5)


def call(sandbox: Sandbox, authorization: str | None) -> requests.Response:
    headers = {"Authorization": authorization} if authorization else {}
    return requests.get(f"{sandbox.paypal_api}/v2/checkout/orders/X", headers=headers, timeout=5)


def test_any_sandbox_credentials_get_a_bearer_token(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "sandbox-client", "sandbox-secret")

    assert answer.status_code == 200
    given = answer.json()
    assert set(given) == {"scope", "access_token", "token_type", "app_id", "expires_in", "nonce"}
    assert call(sandbox, f"Bearer {given['access_token']}").status_code == 404


@pytest.mark.parametrize(("client", "secret"), [("", ""), ("sandbox-client", ""), ("live-client", "secret")])
def test_other_credentials_are_an_invalid_client(sandbox: Sandbox, client: str, secret: str) -> None:
    answer = ask(sandbox, client, secret)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_live_credentials_are_told_why_they_are_refused(sandbox: Sandbox) -> None:
    assert "takes no live credentials" in ask(sandbox, "live-client", "x").json()["error_description"]


def test_another_grant_is_not_supported(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "sandbox-client", "sandbox-secret", "password")

    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_a_call_without_a_token_fails_to_authenticate(sandbox: Sandbox) -> None:
    answer = call(sandbox, None)

    assert (answer.status_code, answer.json()["name"]) == (401, "AUTHENTICATION_FAILURE")


FORGED = base64.urlsafe_b64encode(f"{'0' * 24}|9999999999|00|sandbox-client".encode()).decode().rstrip("=")
MADE_UP = {"a word": "A21AAnonsense", "letters": "xyz", "one signed by nobody": f"A21AA{FORGED}"}


@pytest.mark.parametrize("token", MADE_UP.values(), ids=MADE_UP)
def test_a_made_up_token_is_invalid(sandbox: Sandbox, token: str) -> None:
    answer = call(sandbox, f"Bearer {token}")

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_a_token_ends(sandbox: Sandbox) -> None:
    answer = call(sandbox, f"Bearer {tokens.issue('sandbox-client', 1)}")

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_a_token_outlives_a_reset(merchant: Merchant) -> None:
    merchant.create()
    merchant.sandbox.reset()

    assert merchant.create().status == 201
