"""What each answer of a provider decides: the customer can mend it, try again later, or it is our bug."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shop.errors import (
    AnswerStored,
    Declined,
    KeyReused,
    ObjectMissing,
    OurBug,
    OutcomeUnknown,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    ShopError,
    StillRunning,
    WrongCredentials,
)
from shop.gateways import paypal, stripe
from shop.gateways.base import ApiCall, Mode, StartRefund
from tests.gateways import authority
from tests.gateways.cast import a_key, alices_order, eur
from tests.gateways.scripted import Answer, ScriptedProvider

RETRY = {"Stripe-Should-Retry": "true"}
NO_RETRY = {"Stripe-Should-Retry": "false"}


@pytest.fixture
def provider() -> Iterator[ScriptedProvider]:
    """A provider that says what the test wants."""
    with ScriptedProvider(Answer(404, stripe_error(code="resource_missing"))) as running:
        yield running


def stripe_error(kind: str = "invalid_request_error", **fields: str) -> dict[str, Any]:
    """Return the body of a Stripe error."""
    return {"error": {"type": kind, "message": "No.", **fields}}


def paypal_error(name: str, issue: str = "", **detail: str) -> dict[str, Any]:
    """Return the body of a PayPal error."""
    details = [{"issue": issue, "description": "No.", **detail}] if issue else []
    return {"name": name, "message": "No.", "debug_id": "d1", "details": details}


STRIPE_ANSWERS: list[tuple[Answer, type[ShopError]]] = [
    (Answer(400, stripe_error(code="parameter_missing", param="amount")), ProviderRejected),
    (Answer(400, stripe_error("idempotency_error")), KeyReused),
    (Answer(400, stripe_error(), RETRY), OutcomeUnknown),
    (Answer(400, stripe_error(code="rate_limit")), ProviderRejected),
    (Answer(401, stripe_error()), WrongCredentials),
    (Answer(402, stripe_error("card_error", code="card_declined", decline_code="insufficient_funds")), Declined),
    (Answer(402, stripe_error("card_error", code="expired_card"), NO_RETRY), Declined),
    (Answer(403, stripe_error()), WrongCredentials),
    (Answer(404, stripe_error(code="resource_missing", param="intent")), ObjectMissing),
    (Answer(404, stripe_error()), ProviderRejected),
    (Answer(409, stripe_error(code="idempotency_key_in_use")), StillRunning),
    (Answer(409, stripe_error(code="idempotency_key_in_use"), RETRY), StillRunning),
    (Answer(409, stripe_error(), NO_RETRY), StillRunning),
    (Answer(429, stripe_error(code="rate_limit")), RateLimited),
    (Answer(429, stripe_error(code="lock_timeout"), RETRY), RateLimited),
    (Answer(429, stripe_error(), NO_RETRY), RateLimited),
    (Answer(500, stripe_error("api_error")), OutcomeUnknown),
    (Answer(500, stripe_error("api_error"), NO_RETRY), OutcomeUnknown),
    (Answer(500, stripe_error("api_error"), {"Idempotent-Replayed": "true"}), AnswerStored),
    (Answer(503, "<html>Service unavailable</html>"), OutcomeUnknown),
    (Answer(504, ""), OutcomeUnknown),
    (Answer(200, "not json"), OutcomeUnknown),
    (Answer(302, "", {"Location": "http://127.0.0.1:9/"}), OutcomeUnknown),
]
PAYPAL_ANSWERS: list[tuple[Answer, type[ShopError]]] = [
    (Answer(400, paypal_error("INVALID_REQUEST", "MISSING_REQUIRED_PARAMETER", field="/intent")), ProviderRejected),
    (
        Answer(401, {"error": "invalid_token", "error_description": "Token signature verification failed"}),
        WrongCredentials,
    ),
    (Answer(403, paypal_error("NOT_AUTHORIZED", "PERMISSION_DENIED")), WrongCredentials),
    (Answer(404, paypal_error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")), ObjectMissing),
    (Answer(409, paypal_error("RESOURCE_CONFLICT", "PREVIOUS_REQUEST_IN_PROGRESS")), StillRunning),
    (Answer(415, paypal_error("UNSUPPORTED_MEDIA_TYPE")), ProviderRejected),
    (Answer(422, paypal_error("UNPROCESSABLE_ENTITY", "INSTRUMENT_DECLINED")), Declined),
    (Answer(422, paypal_error("UNPROCESSABLE_ENTITY", "PAYPAL_REQUEST_ID_PREVIOUSLY_USED")), KeyReused),
    (Answer(422, paypal_error("UNPROCESSABLE_ENTITY", "AMOUNT_MISMATCH")), ProviderRejected),
    (Answer(422, paypal_error("UNPROCESSABLE_ENTITY", "ORDER_COMPLETION_IN_PROGRESS")), StillRunning),
    (Answer(429, paypal_error("RATE_LIMIT_REACHED")), RateLimited),
    (Answer(500, paypal_error("INTERNAL_SERVER_ERROR")), OutcomeUnknown),
    (Answer(503, "<html>Service unavailable</html>"), OutcomeUnknown),
    (Answer(201, "not json"), OutcomeUnknown),
    (Answer(307, "", {"Location": "http://127.0.0.1:9/"}), OutcomeUnknown),
]


def answers(table: list[tuple[Answer, type[ShopError]]]) -> list[Any]:
    """Return the rows of a table as parameters with a name each."""
    return [pytest.param(answer, error, id=f"{answer.status}-{number}") for number, (answer, error) in enumerate(table)]


@pytest.mark.parametrize(("answer", "error"), answers(STRIPE_ANSWERS))
def test_an_answer_of_stripe_decides_what_is_done(
    provider: ScriptedProvider, answer: Answer, error: type[ShopError]
) -> None:
    provider.answer = answer
    calls: list[ApiCall] = []

    with pytest.raises(ShopError) as told:
        stripe.connect("sk_test_1", provider.base, Mode.TEST, calls.append).start(alices_order(), a_key())

    assert type(told.value) is error
    assert [call.status for call in calls] == [answer.status]
    assert len(provider.seen) == 1


@pytest.mark.parametrize(("answer", "error"), answers(PAYPAL_ANSWERS))
def test_an_answer_of_paypal_decides_what_is_done(
    provider: ScriptedProvider, answer: Answer, error: type[ShopError]
) -> None:
    provider.answer = answer
    gateway = paypal.connect("client", "secret", provider.base, Mode.TEST, lambda call: None)

    with pytest.raises(ShopError) as told:
        gateway.start(alices_order(), a_key())

    assert type(told.value) is error
    asked = [path for _, path, _ in provider.seen if path != "/v1/oauth2/token"]
    assert len(asked) == (2 if answer.status == 401 else 1)


def test_a_decline_names_the_issuers_code_and_never_the_whole_intent(provider: ScriptedProvider) -> None:
    told = stripe_error("card_error", code="card_declined", decline_code="insufficient_funds")
    told["error"]["payment_intent"] = {"id": "pi_1", "client_secret": "pi_1_secret_x"}
    provider.answer = Answer(402, told)
    calls: list[ApiCall] = []

    with pytest.raises(Declined) as declined:
        stripe.connect("sk_test_1", provider.base, Mode.TEST, calls.append).start(alices_order(), a_key())

    assert declined.value.code == "insufficient_funds"
    assert "pi_1_secret_x" not in f"{declined.value} {calls}"


def test_what_a_provider_was_sent_carries_the_key_the_version_and_no_second_try(provider: ScriptedProvider) -> None:
    provider.answer = Answer(500, stripe_error("api_error"))
    key = a_key()

    with pytest.raises(OutcomeUnknown):
        stripe.connect("sk_test_1", provider.base, Mode.TEST, lambda call: None).start(alices_order(), key)

    ((verb, path, headers),) = provider.seen
    assert (verb, path) == ("POST", "/v1/payment_intents")
    assert headers["Idempotency-Key"] == key
    assert headers["Stripe-Version"] == "2026-10-28.endive"
    assert headers["Authorization"] == "Bearer sk_test_1"


def test_a_netrc_of_the_machine_does_not_replace_our_keys(
    provider: ScriptedProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))

    with pytest.raises(ShopError):
        stripe.connect("sk_test_1", provider.base, Mode.TEST, lambda call: None).fetch("pi_1")

    assert provider.seen[0][2]["Authorization"] == "Bearer sk_test_1"


def test_a_host_that_cannot_prove_its_name_is_told_nothing(tmp_path: Path) -> None:
    pem = tmp_path / "host.pem"
    key = authority.a_key(0).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(key + authority.chain(name="127.0.0.1"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)

    with ScriptedProvider(Answer(200, {}), tls=tls) as impostor:
        for gateway in (
            stripe.connect("sk_test_1", impostor.base, Mode.TEST, lambda call: None),
            paypal.connect("client", "secret", impostor.base, Mode.TEST, lambda call: None),
        ):
            with pytest.raises(ProviderUnavailable):
                gateway.start(alices_order(), a_key())

    assert impostor.seen == []


def test_a_proxy_of_the_machine_is_not_asked_for_loopback(
    provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)

    with pytest.raises(ShopError):
        stripe.connect("sk_test_1", provider.base, Mode.TEST, lambda call: None).fetch("pi_1")

    assert len(provider.seen) == 1


@pytest.mark.parametrize("issue", sorted(paypal.refunds.FINAL))
def test_a_refund_that_paypal_refuses_for_good_is_failed(provider: ScriptedProvider, issue: str) -> None:
    provider.answer = Answer(422, paypal_error("UNPROCESSABLE_ENTITY", issue))
    gateway = paypal.connect("client", "secret", provider.base, Mode.TEST, lambda call: None)

    made = gateway.refund(StartRefund("ref-1", "TT-1", "ORDER1", "CAP1", eur(100), ""), a_key())

    assert (made.state, made.external_id, made.reference) == ("failed", "refused:ref-1", "ref-1")
    assert issue in made.failure


def test_a_refund_request_that_is_wrong_stays_our_bug(provider: ScriptedProvider) -> None:
    provider.answer = Answer(422, paypal_error("UNPROCESSABLE_ENTITY", "INVALID_PAYER_ID"))
    gateway = paypal.connect("client", "secret", provider.base, Mode.TEST, lambda call: None)

    with pytest.raises(OurBug):
        gateway.refund(StartRefund("ref-1", "TT-1", "ORDER1", "CAP1", eur(100), ""), a_key())
