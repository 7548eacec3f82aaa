"""SetupIntents: saving a payment method without paying."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from sandbox.running import Sandbox
from sandbox.stripe.responses import authentications
from tests.sandbox.stripe.conftest import RETURN_URL
from tests.sandbox.stripe.test_three_d_secure import challenge_of


@pytest.fixture
def save(server: Any) -> Callable[..., Any]:
    """Create and confirm a SetupIntent."""

    def save(method: str = "pm_card_visa", **options: Any) -> Any:
        return server.setup_intents.create(
            {"payment_method": method, "confirm": True, "return_url": RETURN_URL, **options}
        )

    return save


def test_a_saved_card_belongs_to_its_customer(
    save: Callable[..., Any], server: Any, event_types: Callable[[], list[str]]
) -> None:
    customer = server.customers.create({})

    setup = save(customer=customer.id)

    assert (setup.status, setup.usage) == ("succeeded", "off_session")
    assert [m.id for m in server.customers.payment_methods.list(customer.id).data] == [setup.payment_method]
    assert event_types()[-3:] == ["setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]


@pytest.mark.parametrize(
    "token",
    ["pm_card_authenticationRequiredOnSetup", "pm_card_authenticationRequired", "pm_card_threeDSecure2Required"],
)
def test_a_card_may_ask_for_a_challenge(token: str, save: Callable[..., Any], server: Any, sandbox: Sandbox) -> None:
    customer = server.customers.create({})
    setup = save(token, customer=customer.id)
    assert setup.status == "requires_action"

    authentications.finish(sandbox.world, challenge_of(setup), "complete")

    assert server.setup_intents.retrieve(setup.id).status == "succeeded"
    assert len(server.customers.payment_methods.list(customer.id).data) == 1


def test_a_failed_challenge_saves_nothing(save: Callable[..., Any], server: Any, sandbox: Sandbox) -> None:
    customer = server.customers.create({})
    setup = save("pm_card_authenticationRequired", customer=customer.id)

    authentications.finish(sandbox.world, challenge_of(setup), "fail")

    setup = server.setup_intents.retrieve(setup.id)
    assert setup.status == "requires_payment_method"
    assert setup.last_setup_error.code == "setup_intent_authentication_failure"
    assert server.customers.payment_methods.list(customer.id).data == []


def test_a_card_set_up_already_is_saved_without_one(save: Callable[..., Any]) -> None:
    assert save("pm_card_authenticationRequiredSetupForOffSession").status == "succeeded"


def test_a_declined_card_is_not_saved(
    save: Callable[..., Any], server: Any, event_types: Callable[[], list[str]]
) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        save("pm_card_chargeDeclinedInsufficientFunds")

    setup = refusal.value.error.setup_intent
    assert (setup.status, setup.last_setup_error.decline_code) == ("requires_payment_method", "insufficient_funds")
    assert event_types()[-1] == "setup_intent.setup_failed"


def test_a_setup_can_be_confirmed_later_changed_and_canceled(server: Any) -> None:
    setup = server.setup_intents.create({})
    assert (setup.status, setup.payment_method_types) == ("requires_payment_method", ["card", "sepa_debit"])

    setup = server.setup_intents.update(setup.id, {"payment_method": "pm_card_visa", "metadata": {"a": "1"}})
    assert (setup.status, setup.metadata["a"]) == ("requires_confirmation", "1")

    setup = server.setup_intents.cancel(setup.id, {"cancellation_reason": "abandoned"})
    assert (setup.status, setup.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.setup_intents.confirm(setup.id, {"return_url": RETURN_URL})
    assert refusal.value.code == "setup_intent_unexpected_state"


def test_a_browser_confirms_with_its_client_secret(server: Any, public: Any) -> None:
    setup = server.setup_intents.create({})
    number = {"number": "4242424242424242", "exp_month": 12, "exp_year": 34, "cvc": "123"}

    done = public.setup_intents.confirm(
        setup.id,
        {
            "client_secret": setup.client_secret,
            "payment_method_data": {"type": "card", "card": number},
            "return_url": RETURN_URL,
        },  # type: ignore[typeddict-unknown-key]
    )

    assert done.status == "succeeded"


def test_setups_are_listed_by_customer(save: Callable[..., Any], server: Any) -> None:
    alice, bob = server.customers.create({}), server.customers.create({})
    wanted = save(customer=alice.id)
    save(customer=bob.id)

    assert [each.id for each in server.setup_intents.list({"customer": alice.id}).data] == [wanted.id]
