"""Every other secret is changed while the shop is in use: old and new are both good for as long as it takes."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from sandbox.paypal.responses import approvals
from sandbox.running import Sandbox
from shop.errors import OutcomeUnknown, SettingsError
from shop.gateways.base import PaymentState, Provider, RefundState
from shop.models import IdempotencyKey, InboxEvent
from shop.money import Money
from shop.services import payments, refunds
from shop.services.unit_of_work import unit_of_work
from tests.gateways import authority
from tests.gateways.test_contract_stripe import StripeBackend
from tests.rotation.running import Running
from tests.shop_app import PAYPAL, STRIPE, Shop

# Webhooks.


def stripes(shop: Shop, event_id: str, *secrets: str) -> int:
    """Deliver an event that Stripe has signed with each of these secrets, as it does while one is being rolled."""
    event: dict[str, Any] = {"id": event_id, "object": "event", "type": "payment_intent.succeeded", "livemode": False}
    event["data"] = {"object": {"id": "pi_1", "object": "payment_intent"}}
    body, at = json.dumps(event).encode(), int(shop.clock.now().timestamp())
    digests = [hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest() for secret in secrets]
    headers = {"Stripe-Signature": ",".join([f"t={at}", *(f"v1={digest}" for digest in digests)])}
    return shop.app.test_client().post("/webhooks/stripe", data=body, headers=headers).status_code


def test_no_webhook_of_stripe_is_refused_while_its_secret_is_rolled(running: Running) -> None:
    old, new = "whsec_old", "whsec_new"
    answers = []

    for number, (secrets, signed_by) in enumerate(
        [(old, [old]), (f"{old},{new}", [old]), (f"{old},{new}", [new, old]), (f"{new},{old}", [new]), (new, [new])]
    ):
        shop = running.start(STRIPE_WEBHOOK_SECRETS=secrets)
        running.believe_genuine_webhooks()
        answers.append(stripes(shop, f"evt_{number}", *signed_by))

    assert answers == [200] * 5
    assert stripes(running.shop, "evt_late", old) == 400, "the old secret is dropped"
    with running.shop.app.app_context():
        assert len(running.shop.rows(InboxEvent)) == 5


@pytest.fixture
def certificates() -> Iterator[authority.CertificateServer]:
    """Where PayPal's certificate is fetched."""
    with authority.CertificateServer(authority.chain()) as server:
        yield server


def test_no_webhook_of_paypal_is_refused_while_one_takes_over_from_another(
    running: Running, certificates: authority.CertificateServer
) -> None:
    answers = []

    def deliver(shop: Shop, event_id: str, webhook: str) -> int:
        event = {"id": event_id, "event_type": "CHECKOUT.ORDER.COMPLETED", "resource": {"id": "ORDER1"}}
        body = json.dumps(event).encode()
        headers = authority.sign(body, webhook, certificates.base + authority.PATH, shop.clock.now())
        return shop.app.test_client().post("/webhooks/paypal", data=body, headers=headers).status_code

    for number, (ids, signed_for) in enumerate(
        [("OLD", "OLD"), ("OLD,NEW", "OLD"), ("OLD,NEW", "NEW"), ("NEW, OLD", "OLD"), ("NEW", "NEW")]
    ):
        shop = running.start(PAYPAL_WEBHOOK_ID=ids, PAYPAL_API_BASE=certificates.base)
        running.believe_genuine_webhooks()
        answers.append(deliver(shop, f"WH-{number}", signed_for))

    assert answers == [200] * 5
    assert deliver(running.shop, "WH-late", "OLD") == 400


# The providers' own keys.

ACCOUNT = "AliceAliceAlice1"
OLD_KEY, NEW_KEY = (f"sk_test_51{ACCOUNT}{letter * 40}" for letter in "on")
ANOTHERS_KEY = f"sk_test_51{'BobBobBobBobBob1'}{'b' * 40}"


def at_the_sandbox(sandbox: Sandbox, stripe_key: str = "sk_test_sandbox", paypal: str = "old") -> dict[str, str]:
    return {
        "STRIPE_SECRET_KEY": stripe_key,
        "STRIPE_API_BASE": sandbox.stripe_api,
        "PAYPAL_CLIENT_SECRET": paypal,
        "PAYPAL_API_BASE": sandbox.paypal_api,
    }


def start(running: Running, environment: dict[str, str]) -> Shop:
    shop = running.start(**environment)
    running.speak_to_the_providers()
    return shop


def pay(sandbox: Sandbox, provider: Provider, external_id: str) -> None:
    """Let the customer pay in their browser, which knows nothing of our keys."""
    if provider is STRIPE:
        StripeBackend(sandbox).pay(external_id)
    else:
        approvals.approve(sandbox.world, external_id, "balance")


KEYS = [(STRIPE, {"stripe_key": OLD_KEY}, {"stripe_key": NEW_KEY}), (PAYPAL, {"paypal": "old"}, {"paypal": "new"})]


@pytest.mark.parametrize(("provider", "old", "new"), KEYS, ids=["stripe", "paypal"])
def test_a_payment_that_is_under_way_is_finished_with_the_new_key(
    running: Running, sandbox: Sandbox, provider: Provider, old: dict[str, str], new: dict[str, str]
) -> None:
    shop = start(running, at_the_sandbox(sandbox, **old))
    with shop.app.app_context():
        ready = payments.start(shop.order().id, provider)
    pay(sandbox, provider, ready.external_id)

    shop = start(running, at_the_sandbox(sandbox, **new))

    with shop.app.app_context():
        payments.settle(shop.payment(ready.payment_id).order_id)
        paid = shop.payment(ready.payment_id)
        assert paid.state is PaymentState.CAPTURED
        refund = refunds.request(paid.id, Money(500, "EUR"), "requested_by_customer", "mara", "token-1")
        assert refunds.send(refund.id).state is RefundState.SUCCEEDED


@pytest.mark.parametrize(("provider", "old", "new"), KEYS, ids=["stripe", "paypal"])
def test_a_call_whose_answer_was_lost_is_repeated_with_the_new_key_and_done_once(
    running: Running, sandbox: Sandbox, provider: Provider, old: dict[str, str], new: dict[str, str]
) -> None:
    path = "/v1/payment_intents" if provider is STRIPE else "/v2/checkout/orders"
    shop = start(running, at_the_sandbox(sandbox, **old))
    with shop.app.app_context():
        payments.start(shop.order().id, provider)  # so that a token is at hand, and the fault hits what it is meant for
        order = shop.order()
        sandbox.world.faults.set(str(provider), "answer_lost", times=1, path_prefix=path, method="POST")
        with pytest.raises(OutcomeUnknown):
            payments.start(order.id, provider)

    shop = start(running, at_the_sandbox(sandbox, **new))

    with shop.app.app_context():
        ready = payments.start(order.id, provider)
        [payment] = shop.placed(order.id).payments
        with unit_of_work() as session:
            query = select(IdempotencyKey.key).where(IdempotencyKey.key.contains(payment.public_id))
            sent = list(session.scalars(query))
    done = [
        row["outcome"]
        for row in sandbox.world.store.table(f"{provider}.request_log").values()
        if row["idempotency_key"] in sent
    ]
    assert ready.external_id
    assert len(sent) == 1
    assert done.count("executed") == 1


def test_a_rolled_key_is_of_the_same_account_and_anothers_is_refused(running: Running, sandbox: Sandbox) -> None:
    running.start(**at_the_sandbox(sandbox, OLD_KEY))

    running.start(**at_the_sandbox(sandbox, NEW_KEY))

    with pytest.raises(SettingsError, match="STRIPE_SECRET_KEY belongs to another account"):
        running.start(**at_the_sandbox(sandbox, ANOTHERS_KEY))


# Whoever reads the metrics.


def test_who_reads_the_metrics_is_let_in_by_either_token(running: Running) -> None:
    old, new = "the token of before", "the token from now on"
    seen = []

    for tokens in (old, f"{old},{new}", f"{new},{old}", new):
        shop = running.start(METRICS_TOKEN=tokens)
        client = shop.app.test_client()
        answers = [client.get("/metrics", headers={"Authorization": f"Bearer {token}"}) for token in (old, new, "")]
        seen.append([answer.status_code for answer in answers])

    assert seen == [[200, 404, 404], [200, 200, 404], [200, 200, 404], [404, 200, 404]]
