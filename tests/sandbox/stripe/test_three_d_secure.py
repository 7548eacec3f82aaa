"""3-D Secure: who is asked, and what each answer does."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import stripe

from sandbox.running import Sandbox
from sandbox.stripe.responses import authentications
from tests.sandbox.stripe.conftest import RETURN_URL

ALWAYS = "pm_card_authenticationRequired"
REQUIRED = "pm_card_threeDSecure2Required"
ON_SETUP = "pm_card_authenticationRequiredOnSetup"
SET_UP_ALREADY = "pm_card_authenticationRequiredSetupForOffSession"
THEN_DECLINED = "pm_card_threeDSecureRequiredChargeDeclined"
THEN_NO_FUNDS = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"


def challenge_of(intent: Any) -> str:
    """Return the id of the challenge that an intent waits for."""
    action = intent.next_action
    if action.type == "use_stripe_sdk":
        return str(action.use_stripe_sdk["source"])
    return urlsplit(action.redirect_to_url.url).path.rsplit("/", 1)[-1]


@pytest.mark.parametrize("token", [ALWAYS, REQUIRED, ON_SETUP, SET_UP_ALREADY])
def test_a_person_who_pays_is_asked(
    token: str, pay: Callable[..., Any], server: Any, sandbox: Sandbox, event_types: Callable[[], list[str]]
) -> None:
    # given a card that wants to be authenticated
    intent = pay(token)
    assert (intent.status, intent.latest_charge) == ("requires_action", None)

    # when the customer does so
    authentications.finish(sandbox.world, challenge_of(intent), "complete")

    # then it is paid
    intent = server.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (intent.status, intent.next_action) == ("succeeded", None)
    assert intent.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"
    assert event_types()[:4] == [
        "payment_intent.created",
        "payment_intent.requires_action",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


@pytest.mark.parametrize("outcome", ["fail", "cancel"])
def test_a_challenge_that_is_failed_or_closed_asks_for_another_card(
    outcome: str, pay: Callable[..., Any], server: Any, sandbox: Sandbox
) -> None:
    intent = pay(ALWAYS)

    authentications.finish(sandbox.world, challenge_of(intent), outcome)

    intent = server.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert server.charges.list().data == []


@pytest.mark.parametrize(
    ("token", "decline_code"), [(THEN_DECLINED, "generic_decline"), (THEN_NO_FUNDS, "insufficient_funds")]
)
def test_a_card_may_be_declined_after_the_challenge(
    token: str, decline_code: str, pay: Callable[..., Any], server: Any, sandbox: Sandbox
) -> None:
    intent = pay(token)

    authentications.finish(sandbox.world, challenge_of(intent), "complete")

    intent = server.payment_intents.retrieve(intent.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.decline_code == decline_code


def test_a_challenge_ends_once(pay: Callable[..., Any], server: Any, sandbox: Sandbox) -> None:
    intent = pay(ALWAYS)
    challenge = challenge_of(intent)

    for outcome in ("complete", "complete", "fail"):
        authentications.finish(sandbox.world, challenge, outcome)

    assert server.payment_intents.retrieve(intent.id).status == "succeeded"
    assert len(server.charges.list().data) == 1


def test_a_challenge_of_a_canceled_intent_is_void(pay: Callable[..., Any], server: Any, sandbox: Sandbox) -> None:
    intent = pay(ALWAYS)
    server.payment_intents.cancel(intent.id)

    authentications.finish(sandbox.world, challenge_of(intent), "complete")

    assert server.payment_intents.retrieve(intent.id).status == "canceled"
    assert authentications.get(sandbox.world, challenge_of(intent))["status"] == "void"  # type: ignore[index]


def test_an_earlier_challenge_does_not_pay_for_a_later_one(
    pay: Callable[..., Any], server: Any, sandbox: Sandbox
) -> None:
    # given an intent that was confirmed twice
    first = pay(ALWAYS)
    second = server.payment_intents.confirm(first.id, {"payment_method": REQUIRED, "return_url": RETURN_URL})

    # when the first challenge is completed
    authentications.finish(sandbox.world, challenge_of(first), "complete")

    # then the intent still waits for the second
    intent = server.payment_intents.retrieve(first.id)
    assert (intent.status, challenge_of(intent)) == ("requires_action", challenge_of(second))


def test_off_session_nobody_can_be_asked(pay: Callable[..., Any], server: Any) -> None:
    customer = server.customers.create({})
    method = server.payment_methods.attach(ALWAYS, {"customer": customer.id})

    with pytest.raises(stripe.CardError) as refusal:
        pay(method.id, customer=customer.id, off_session=True)

    assert refusal.value.code == "authentication_required"
    intent = server.payment_intents.retrieve(refusal.value.error.payment_intent.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.payment_method.id == method.id


def test_a_card_that_is_set_up_may_be_charged_later(pay: Callable[..., Any], server: Any, sandbox: Sandbox) -> None:
    # given a card that was saved with a challenge
    customer = server.customers.create({})
    intent = pay(ON_SETUP, customer=customer.id, setup_future_usage="off_session")
    authentications.finish(sandbox.world, challenge_of(intent), "complete")
    [method] = server.customers.payment_methods.list(customer.id).data

    # then it can be charged without its owner
    assert pay(method.id, customer=customer.id, off_session=True).status == "succeeded"


def test_a_card_that_is_not_set_up_may_not(pay: Callable[..., Any], server: Any) -> None:
    customer = server.customers.create({})
    method = server.payment_methods.attach(ON_SETUP, {"customer": customer.id})

    with pytest.raises(stripe.CardError):
        pay(method.id, customer=customer.id, off_session=True)


def test_a_card_that_came_set_up_passes_off_session(pay: Callable[..., Any], server: Any) -> None:
    customer = server.customers.create({})
    method = server.payment_methods.attach(SET_UP_ALREADY, {"customer": customer.id})

    assert pay(method.id, customer=customer.id, off_session=True).status == "succeeded"


def test_a_merchant_may_ask_where_it_is_optional(pay: Callable[..., Any]) -> None:
    asking = {"payment_method_options": {"card": {"request_three_d_secure": "any"}}}

    assert pay("pm_card_threeDSecureOptional").status == "succeeded"
    assert pay("pm_card_threeDSecureOptional", **asking).status == "requires_action"
    assert pay("pm_card_amex", **asking).status == "succeeded"


def test_an_error_may_be_asked_for_instead_of_an_action(pay: Callable[..., Any]) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay(ALWAYS, error_on_requires_action=True)

    assert refusal.value.code == "authentication_required"


def test_a_server_that_redirects_gets_an_address_and_the_way_back(
    pay: Callable[..., Any], server: Any, sandbox: Sandbox
) -> None:
    # given an intent confirmed with a return address
    intent = pay(ALWAYS, return_url="http://127.0.0.1:9/return?order=7")
    action = intent.next_action
    assert action.type == "redirect_to_url"
    assert action.redirect_to_url.url.startswith(f"{sandbox.stripe_origin}/3ds/")

    # when the challenge is completed
    challenge = challenge_of(intent)
    authentications.finish(sandbox.world, challenge, "complete")

    # then the way back carries what Stripe adds
    query = parse_qs(urlsplit(str(authentications.return_address(sandbox.world, challenge))).query)
    assert query == {
        "order": ["7"],
        "payment_intent": [intent.id],
        "payment_intent_client_secret": [intent.client_secret],
        "redirect_status": ["succeeded"],
    }


def test_the_way_back_tells_of_a_failure(pay: Callable[..., Any], sandbox: Sandbox) -> None:
    challenge = challenge_of(pay(ALWAYS))

    authentications.finish(sandbox.world, challenge, "fail")

    assert "redirect_status=failed" in str(authentications.return_address(sandbox.world, challenge))


def test_a_browser_gets_an_action_for_its_script(server: Any, public: Any, sandbox: Sandbox) -> None:
    intent = server.payment_intents.create({"amount": 2000, "currency": "eur"})

    asked = public.payment_intents.confirm(
        intent.id,
        {"payment_method": ALWAYS, "client_secret": intent.client_secret, "use_stripe_sdk": True},  # type: ignore[dict-item]
    )

    script = asked.next_action.use_stripe_sdk
    assert (asked.next_action.type, script["type"]) == ("use_stripe_sdk", "three_d_secure_redirect")
    assert script["stripe_js"] == f"{sandbox.stripe_origin}/3ds/{script['source']}"


def test_manual_capture_works_after_a_challenge(pay: Callable[..., Any], server: Any, sandbox: Sandbox) -> None:
    intent = pay(ALWAYS, capture_method="manual")

    authentications.finish(sandbox.world, challenge_of(intent), "complete")

    assert server.payment_intents.retrieve(intent.id).status == "requires_capture"
    assert server.payment_intents.capture(intent.id).status == "succeeded"


def test_an_unknown_outcome_is_an_error(pay: Callable[..., Any], sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="Unknown outcome"):
        authentications.finish(sandbox.world, challenge_of(pay(ALWAYS)), "perhaps")
