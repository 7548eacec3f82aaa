"""Customers and what is saved with them: payment methods, customer sessions, confirmation tokens."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
import stripe

from sandbox.running import Sandbox
from tests.sandbox.stripe.conftest import RETURN_URL


def test_a_customer_is_kept_changed_found_and_deleted(server: Any, event_types: Callable[[], list[str]]) -> None:
    place = {"line1": "Deich 1", "city": "Husum", "country": "DE"}
    alice = server.customers.create({"email": "alice@example.com", "name": "Alice", "address": place})
    server.customers.create({"email": "bob@example.com"})

    changed = server.customers.update(alice.id, {"name": "Alice Anders", "phone": "+49 4841 1"})
    assert (changed.name, changed.address.city, changed.address.state) == ("Alice Anders", "Husum", None)
    assert [c.id for c in server.customers.list({"email": "alice@example.com"}).data] == [alice.id]
    assert [c.id for c in server.customers.search({"query": "name~'anders'"}).data] == [alice.id]

    assert server.customers.delete(alice.id).deleted is True
    assert server.customers.retrieve(alice.id).deleted is True
    assert server.customers.list({"email": "alice@example.com"}).data == []
    assert event_types() == ["customer.created", "customer.created", "customer.updated", "customer.deleted"]


def test_an_update_tells_what_it_was_before(server: Any) -> None:
    alice = server.customers.create({"name": "Alice"})
    server.customers.update(alice.id, {"name": "Alice Anders"})

    [event] = server.events.list({"type": "customer.updated"}).data

    assert event.data.object.name == "Alice Anders"
    assert event.data.previous_attributes.to_dict() == {"name": "Alice"}


def test_a_method_is_attached_listed_and_detached_for_good(server: Any, pay: Callable[..., Any]) -> None:
    alice = server.customers.create({})
    method = server.payment_methods.attach("pm_card_visa", {"customer": alice.id})
    server.customers.update(alice.id, {"invoice_settings": {"default_payment_method": method.id}})
    assert [m.id for m in server.payment_methods.list({"customer": alice.id, "type": "card"}).data] == [method.id]
    assert server.payment_methods.list({"customer": alice.id, "type": "sepa_debit"}).data == []

    assert server.payment_methods.detach(method.id).customer is None

    assert server.customers.retrieve(alice.id).invoice_settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        pay(method.id)


def test_another_customers_method_is_out_of_reach(server: Any, pay: Callable[..., Any]) -> None:
    alice, bob = server.customers.create({}), server.customers.create({})
    method = server.payment_methods.attach("pm_card_visa", {"customer": alice.id})

    with pytest.raises(stripe.InvalidRequestError, match="does not have a payment method"):
        pay(method.id, customer=bob.id)
    with pytest.raises(stripe.InvalidRequestError, match="you must provide the customer"):
        pay(method.id)
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        server.payment_methods.attach(method.id, {"customer": bob.id})
    with pytest.raises(stripe.InvalidRequestError):
        server.customers.payment_methods.retrieve(bob.id, method.id)


def test_a_method_without_a_customer_pays_once(pay: Callable[..., Any], card: Callable[..., str]) -> None:
    method = card("4242424242424242")
    pay(method)

    with pytest.raises(stripe.InvalidRequestError, match="previously used without being attached"):
        pay(method)


def test_paying_with_future_use_saves_the_card(pay: Callable[..., Any], server: Any) -> None:
    alice = server.customers.create({})

    intent = pay(customer=alice.id, setup_future_usage="off_session")

    assert [m.id for m in server.customers.payment_methods.list(alice.id).data] == [intent.payment_method]
    assert pay(intent.payment_method, customer=alice.id, off_session=True).status == "succeeded"


def test_a_method_can_be_changed(server: Any) -> None:
    alice = server.customers.create({})
    method = server.payment_methods.attach("pm_card_visa", {"customer": alice.id})

    changed = server.payment_methods.update(
        method.id,
        {"allow_redisplay": "always", "billing_details": {"name": "Alice"}, "card": {"exp_month": 3, "exp_year": 2040}},
    )

    assert (changed.allow_redisplay, changed.billing_details.name) == ("always", "Alice")
    assert (changed.card.exp_month, changed.card.exp_year) == (3, 2040)


def test_a_customer_session_says_what_an_element_may_do(server: Any) -> None:
    alice = server.customers.create({})
    features = {"payment_method_redisplay": "enabled", "payment_method_save": "enabled"}

    session = server.customer_sessions.create(
        {"customer": alice.id, "components": {"payment_element": {"enabled": True, "features": features}}}
    )

    element = session.components.payment_element
    assert session.client_secret.startswith("cuss_secret_")
    assert element.features.payment_method_redisplay == "enabled"
    assert element.features.payment_method_allow_redisplay_filters == ["always"]
    assert session.components.pricing_table.enabled is False


@pytest.mark.parametrize(
    "params",
    [
        {"components": {"payment_element": {"enabled": True}}},
        {"customer": "cus_nobody", "components": {"payment_element": {"enabled": True}}},
        {"components": {"payment_element": {"enabled": False}}},
        {"components": {"payment_element": {"enabled": True, "features": {"payment_method_redisplay_limit": 11}}}},
    ],
)
def test_a_customer_session_that_makes_no_sense_is_refused(server: Any, params: dict[str, Any]) -> None:
    if "customer" not in params and params["components"]["payment_element"] != {"enabled": True}:
        params = {**params, "customer": server.customers.create({}).id}

    with pytest.raises(stripe.InvalidRequestError):
        server.customer_sessions.create(params)


def test_a_confirmation_token_carries_a_form_to_the_server(server: Any) -> None:
    # given a token as a form would make it
    token = server.test_helpers.confirmation_tokens.create(
        {"payment_method": "pm_card_visa", "return_url": RETURN_URL, "setup_future_usage": "off_session"}
    )
    assert token.payment_method_preview.card.last4 == "4242"
    alice = server.customers.create({})

    # when the server confirms with it
    intent = server.payment_intents.create(
        {"amount": 2000, "currency": "eur", "customer": alice.id, "confirm": True, "confirmation_token": token.id}
    )

    # then what the form said counts, and the token is spent
    assert (intent.status, intent.setup_future_usage) == ("succeeded", "off_session")
    assert server.confirmation_tokens.retrieve(token.id).payment_intent == intent.id
    assert len(server.customers.payment_methods.list(alice.id).data) == 1
    with pytest.raises(stripe.InvalidRequestError, match="already been used"):
        server.payment_intents.create(
            {"amount": 2000, "currency": "eur", "confirm": True, "confirmation_token": token.id}
        )


def test_a_confirmation_token_expires(server: Any, later: Callable[[float], None]) -> None:
    token = server.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa", "return_url": RETURN_URL})

    later(13 * 3_600)

    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        server.payment_intents.create(
            {"amount": 2000, "currency": "eur", "confirm": True, "confirmation_token": token.id}
        )


def test_a_confirmation_that_could_not_be_tried_leaves_the_token(server: Any) -> None:
    token = server.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"})
    asked = {"amount": 2000, "currency": "eur", "confirm": True, "confirmation_token": token.id}
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        server.payment_intents.create(asked)

    assert server.payment_intents.create({**asked, "return_url": RETURN_URL}).status == "succeeded"


def test_a_method_that_the_payment_element_removes_is_detached_as_by_the_api(sandbox: Sandbox, server: Any) -> None:
    # given Alice's default card, and a form in which she may remove it
    alice = server.customers.create({})
    card = server.payment_methods.attach("pm_card_visa", {"customer": alice.id})
    server.customers.update(alice.id, {"invoice_settings": {"default_payment_method": card.id}})
    features = {"payment_method_redisplay": "enabled", "payment_method_remove": "enabled"}
    components = {"payment_element": {"enabled": True, "features": features}}
    session = server.customer_sessions.create({"customer": alice.id, "components": components})

    # when she does
    address = f"{sandbox.stripe_api}/v1/elements/payment_methods/{card.id}/detach"
    sent = {"key": "pk_test_sandbox", "customer_session_client_secret": session.client_secret}
    assert requests.post(address, data=sent, timeout=5).status_code == 200

    # then the shop hears of it, it is nobody's default any more, and it is gone for good
    [event] = server.events.list({"type": "payment_method.detached"}).data
    assert event.data.object.id == card.id
    assert server.customers.retrieve(alice.id).invoice_settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        server.payment_methods.attach(card.id, {"customer": alice.id})
