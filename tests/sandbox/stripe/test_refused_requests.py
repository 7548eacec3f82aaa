"""A request that is refused has done nothing: no half of an object, no half of a change."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe._stripe_object import StripeObject

from sandbox.stripe.expand import class_at
from sandbox.stripe.urls import ROUTES

TOO_LONG = {"k" * 41: "value"}


def test_a_refused_customer_does_not_exist(server: Any, event_types: Callable[[], list[str]]) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="under 40 characters"):
        server.customers.create({"name": "Alice", "metadata": TOO_LONG})

    assert server.customers.list().data == []
    assert event_types() == []


def test_a_customer_does_not_get_a_card_that_its_bank_declines(server: Any) -> None:
    with pytest.raises(stripe.CardError, match="declined"):
        server.customers.create({"payment_method": "pm_card_chargeDeclined"})

    assert server.customers.list().data == []


def test_a_customer_is_made_with_a_card_that_is_their_default(server: Any) -> None:
    card = server.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    default = {"default_payment_method": card.id}

    alice = server.customers.create({"payment_method": card.id, "invoice_settings": default})

    assert alice.invoice_settings.default_payment_method == card.id
    assert server.payment_methods.retrieve(card.id).customer == alice.id


@pytest.mark.parametrize("whose", ["nobody", "bob"])
def test_a_default_card_has_to_be_the_customers_own(server: Any, whose: str) -> None:
    alice, bob = server.customers.create({}), server.customers.create({})
    card = server.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    if whose == "bob":
        server.payment_methods.attach(card.id, {"customer": bob.id})

    with pytest.raises(stripe.InvalidRequestError, match="must be attached") as refusal:
        server.customers.update(alice.id, {"name": "Alice", "invoice_settings": {"default_payment_method": card.id}})

    assert refusal.value.code == "resource_missing"
    assert server.customers.retrieve(alice.id).name is None


def test_the_event_of_a_new_default_card_tells_the_old_one(server: Any) -> None:
    alice = server.customers.create({})
    card = server.payment_methods.attach("pm_card_visa", {"customer": alice.id})

    server.customers.update(alice.id, {"invoice_settings": {"default_payment_method": card.id}})

    [event] = server.events.list({"type": "customer.updated"}).data
    assert event.data.previous_attributes.invoice_settings.default_payment_method is None


@pytest.mark.parametrize("bad", [{"payment_method": "pm_nothing"}, {"metadata": TOO_LONG}], ids=["method", "metadata"])
def test_a_refused_change_of_a_payment_leaves_it_as_it_was(server: Any, bad: dict[str, Any]) -> None:
    intent = server.payment_intents.create({"amount": 1000, "currency": "eur"})

    with pytest.raises(stripe.InvalidRequestError):
        server.payment_intents.update(intent.id, {"amount": 2000, "description": "Tea", **bad})

    left = server.payment_intents.retrieve(intent.id)
    assert (left.amount, left.description) == (1000, None)


def test_a_refused_change_leaves_every_other_object_as_it_was(server: Any, pay: Callable[..., Any]) -> None:
    changes = [
        (server.setup_intents, server.setup_intents.create({}).id, "description"),
        (server.charges, pay().latest_charge, "description"),
        (server.webhook_endpoints, _endpoint(server).id, "description"),
        (server.customers, server.customers.create({}).id, "description"),
    ]
    for service, object_id, name in changes:
        with pytest.raises(stripe.InvalidRequestError, match="under 40 characters"):
            service.update(object_id, {name: "changed", "metadata": TOO_LONG})

        assert getattr(service.retrieve(object_id), name) is None


def test_a_payment_whose_expansion_is_refused_is_not_made(server: Any, pay: Callable[..., Any]) -> None:
    for name in ("nonsense", "currency", "latest_charges"):
        with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
            pay(expand=[name])

    assert server.payment_intents.list().data == []
    assert pay(expand=["latest_charge.balance_transaction", "customer"]).latest_charge.amount == 2000


def test_every_address_that_does_work_has_a_class_to_expand_by() -> None:
    for route in ROUTES:
        if route.method != "GET":
            assert class_at(route.path) is not StripeObject, route.path


def _endpoint(server: Any) -> Any:
    return server.webhook_endpoints.create({"url": "http://127.0.0.1:9/hooks", "enabled_events": ["*"]})
