"""A PaymentIntent's life: created, changed, confirmed, captured, canceled."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.sandbox.stripe.conftest import RETURN_URL
from tests.sandbox.waiting import eventually

ORDER = {"amount": 2000, "currency": "eur"}


def test_a_new_intent_waits_for_a_payment_method(server: Any) -> None:
    intent = server.payment_intents.create(ORDER)

    assert (intent.status, intent.capture_method) == ("requires_payment_method", "automatic_async")
    assert intent.payment_method_types == ["card", "sepa_debit"]
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert intent.automatic_payment_methods.enabled is True


def test_debits_are_offered_for_euros_only(server: Any) -> None:
    assert server.payment_intents.create({**ORDER, "currency": "usd"}).payment_method_types == ["card"]


def test_allowed_types_that_do_not_fit_are_left_out_silently(server: Any) -> None:
    wanted = {"allowed_payment_method_types": ["card", "sepa_debit", "klarna"]}

    intent = server.payment_intents.create({**ORDER, "currency": "usd", **wanted})

    assert intent.payment_method_types == ["card"]


@pytest.mark.parametrize(
    "other", [{"excluded_payment_method_types": ["sepa_debit"]}, {"automatic_payment_methods": {"enabled": True}}]
)
def test_allowed_types_exclude_the_other_ways_to_choose(server: Any, other: dict[str, Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        server.payment_intents.create({**ORDER, "allowed_payment_method_types": ["card"], **other})


def test_an_intent_without_any_type_left_is_refused(server: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No valid payment method types"):
        server.payment_intents.create({**ORDER, "allowed_payment_method_types": ["klarna"]})


def test_a_payment_succeeds_and_its_fee_follows_some_seconds_later(
    pay: Callable[..., Any], server: Any, later: Callable[[float], None], event_types: Callable[[], list[str]]
) -> None:
    # given a payment that just succeeded
    intent = pay(expand=["latest_charge"])
    assert (intent.status, intent.amount_received) == ("succeeded", 2000)
    assert intent.latest_charge.balance_transaction is None

    # when a few seconds have passed
    later(4)

    # then its fee is known
    charge = server.charges.retrieve(intent.latest_charge.id, {"expand": ["balance_transaction"]})
    entry = charge.balance_transaction
    assert (entry.amount, entry.fee, entry.net, entry.currency) == (2000, 90, 1910, "eur")
    assert event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
    ]


def test_synchronous_capture_knows_the_fee_at_once(pay: Callable[..., Any]) -> None:
    intent = pay(capture_method="automatic", expand=["latest_charge.balance_transaction"])

    assert intent.latest_charge.balance_transaction.fee == 90


def test_another_currency_is_settled_in_the_accounts_own(pay: Callable[..., Any]) -> None:
    intent = pay(currency="usd", capture_method="automatic", expand=["latest_charge.balance_transaction"])

    entry = intent.latest_charge.balance_transaction
    assert (entry.currency, entry.exchange_rate, entry.amount) == ("eur", 0.92, 1840)
    assert entry.net == entry.amount - entry.fee


def test_a_confirmation_that_might_redirect_needs_a_return_address(server: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="you must provide a `return_url`"):
        server.payment_intents.create({**ORDER, "payment_method": "pm_card_visa", "confirm": True})

    assert server.payment_intents.list().data == []


def test_without_redirects_none_is_needed(server: Any) -> None:
    automatic = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}

    intent = server.payment_intents.create({**ORDER, **automatic, "payment_method": "pm_card_visa", "confirm": True})

    assert intent.status == "succeeded"


def test_what_belongs_to_a_confirmation_is_refused_without_one(server: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="unless `confirm` is set") as refusal:
        server.payment_intents.create({**ORDER, "return_url": RETURN_URL})

    assert refusal.value.param == "return_url"


def test_an_intent_without_a_payment_method_cannot_be_confirmed(server: Any) -> None:
    intent = server.payment_intents.create(ORDER)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.confirm(intent.id, {"return_url": RETURN_URL})

    assert refusal.value.code == "payment_intent_unexpected_state"
    assert refusal.value.error.payment_intent.id == intent.id


def test_a_paid_intent_cannot_be_confirmed_again(pay: Callable[..., Any], server: Any) -> None:
    intent = pay()

    with pytest.raises(stripe.InvalidRequestError, match="already succeeded"):
        server.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": RETURN_URL})

    assert len(server.charges.list().data) == 1


def test_a_manual_capture_takes_all_or_a_part(
    pay: Callable[..., Any], server: Any, event_types: Callable[[], list[str]]
) -> None:
    # given an authorized payment
    intent = pay(capture_method="manual")
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2000, 0)
    charge = server.charges.retrieve(intent.latest_charge)
    assert charge.payment_method_details.card.capture_before == charge.created + 7 * 24 * 3600

    # when a part of it is captured
    intent = server.payment_intents.capture(intent.id, {"amount_to_capture": 1500, "expand": ["latest_charge"]})

    # then the rest is released
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("succeeded", 0, 1500)
    assert (intent.latest_charge.amount_captured, intent.latest_charge.amount_refunded) == (1500, 0)
    assert intent.latest_charge.balance_transaction is not None
    assert event_types()[-2:] == ["charge.captured", "payment_intent.succeeded"]
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        server.refunds.create({"payment_intent": intent.id, "amount": 1501})
    assert server.refunds.create({"payment_intent": intent.id}).amount == 1500


def test_more_than_was_authorized_cannot_be_captured(pay: Callable[..., Any], server: Any) -> None:
    intent = pay(capture_method="manual")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.capture(intent.id, {"amount_to_capture": 2001})

    assert refusal.value.code == "amount_too_large"


def test_what_was_captured_cannot_be_captured_again(pay: Callable[..., Any], server: Any) -> None:
    intent = pay()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.payment_intents.capture(intent.id)

    assert refusal.value.code == "payment_intent_unexpected_state"


def test_an_authorization_is_released_after_seven_days(
    pay: Callable[..., Any], server: Any, later: Callable[[float], None]
) -> None:
    intent = pay(capture_method="manual")

    later(7 * 86_400 + 1)

    intent = server.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "expired")


def test_canceling_releases_an_authorization(
    pay: Callable[..., Any], server: Any, event_types: Callable[[], list[str]]
) -> None:
    intent = pay(capture_method="manual")

    intent = server.payment_intents.cancel(
        intent.id, {"cancellation_reason": "requested_by_customer", "expand": ["latest_charge"]}
    )

    assert (intent.status, intent.amount_capturable) == ("canceled", 0)
    assert (intent.latest_charge.refunded, intent.latest_charge.captured) == (False, False)
    assert intent.latest_charge.amount_refunded == 0
    assert event_types()[-2:] == ["payment_intent.amount_capturable_updated", "payment_intent.canceled"]


def test_a_paid_intent_cannot_be_canceled(pay: Callable[..., Any], server: Any) -> None:
    intent = pay()

    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        server.payment_intents.cancel(intent.id)


def test_a_canceled_intent_cannot_be_confirmed(server: Any) -> None:
    intent = server.payment_intents.create(ORDER)
    server.payment_intents.cancel(intent.id)

    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        server.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": RETURN_URL})


def test_an_update_changes_what_it_names_and_clears_the_last_error(server: Any) -> None:
    # given an intent that was declined
    intent = server.payment_intents.create(ORDER)
    with pytest.raises(stripe.CardError):
        server.payment_intents.confirm(
            intent.id, {"payment_method": "pm_card_chargeDeclined", "return_url": RETURN_URL}
        )
    assert server.payment_intents.retrieve(intent.id).last_payment_error is not None

    # when it is changed
    intent = server.payment_intents.update(intent.id, {"amount": 3000, "description": "Two teas"})

    # then the error is gone
    assert (intent.amount, intent.description, intent.last_payment_error) == (3000, "Two teas", None)


def test_the_amount_of_a_paid_intent_stays(pay: Callable[..., Any], server: Any) -> None:
    intent = pay()

    with pytest.raises(stripe.InvalidRequestError, match="amount could not be updated"):
        server.payment_intents.update(intent.id, {"amount": 3000})

    assert server.payment_intents.update(intent.id, {"metadata": {"note": "kept"}}).metadata["note"] == "kept"


def test_an_intent_is_found_by_its_metadata(server: Any) -> None:
    # given two orders of Alice's and one of Bob's
    alices = [server.payment_intents.create({**ORDER, "metadata": {"order": f"A{n}"}}) for n in (1, 2)]
    server.payment_intents.create({**ORDER, "metadata": {"order": "B1"}})

    # then a query finds what it names
    search = server.payment_intents.search
    assert [found.id for found in search({"query": "metadata['order']:'A1'"}).data] == [alices[0].id]
    either = 'metadata["order"]:"A1" OR metadata["order"]:"A2"'
    assert {found.id for found in search({"query": either}).data} == {each.id for each in alices}
    assert search({"query": "metadata['order']:'A1' AND status:'succeeded'"}).data == []
    assert len(search({"query": "-metadata['order']:'A1' amount>=2000"}).data) == 2


@pytest.mark.parametrize("query", ["", "order", "colour:'red'", "status:'a' AND status:'b' OR status:'c'"])
def test_a_query_that_cannot_be_read_is_refused(server: Any, query: str) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        server.payment_intents.search({"query": query})


def test_search_goes_on_with_the_next_page(server: Any) -> None:
    for _ in range(3):
        server.payment_intents.create(ORDER)

    found = list(server.payment_intents.search({"query": "currency:'eur'", "limit": 2}).auto_paging_iter())

    assert len(found) == 3


def test_a_decline_of_create_and_confirm_leaves_the_intent_to_try_again(server: Any, pay: Callable[..., Any]) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay("pm_card_chargeDeclined")
    intent = refusal.value.error.payment_intent
    assert intent.status == "requires_payment_method"

    paid = server.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": RETURN_URL})

    assert (paid.id, paid.status) == (intent.id, "succeeded")
    assert [charge.status for charge in server.charges.list({"payment_intent": intent.id}).data] == [
        "succeeded",
        "failed",
    ]


def test_settling_happens_by_itself_too(pay: Callable[..., Any], server: Any) -> None:
    intent = pay()

    eventually(lambda: server.charges.retrieve(intent.latest_charge).balance_transaction, seconds=6)


def test_what_is_not_simulated_and_moves_money_is_refused_not_ignored(server: Any, pay: Callable[..., Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not simulate `application_fee_amount`"):
        pay(application_fee_amount=100)
    intent = pay(capture_method="manual")
    with pytest.raises(stripe.InvalidRequestError, match="several parts"):
        server.payment_intents.capture(intent.id, {"final_capture": False})

    assert server.payment_intents.retrieve(intent.id).status == "requires_capture"
