"""The checker itself: it must find what it is there to find."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from sandbox.stripe.models import API_VERSION
from tests.sandbox.stripe import conformance


@pytest.fixture
def intent(pay: Callable[..., Any]) -> dict[str, Any]:
    """A PaymentIntent as it came over the wire, with its charge expanded."""
    return dict(json.loads(str(pay(expand=["latest_charge"]))))


def test_a_sound_answer_has_no_problems(intent: dict[str, Any]) -> None:
    assert conformance.problems(intent) == []


def test_a_missing_required_field_is_found(intent: dict[str, Any]) -> None:
    del intent["amount_received"]

    assert conformance.problems(intent) == ["payment_intent.amount_received: required, but absent"]


def test_a_field_that_the_sdk_dropped_is_found(intent: dict[str, Any]) -> None:
    intent["invoice"] = None

    assert conformance.problems(intent) == ["payment_intent.invoice: the SDK knows no such field"]


def test_a_wrong_type_deep_in_an_expanded_object_is_found(intent: dict[str, Any]) -> None:
    intent["latest_charge"]["payment_method_details"]["card"]["exp_year"] = "2034"

    [problem] = conformance.problems(intent)

    assert problem.startswith("payment_intent.latest_charge.payment_method_details.card.exp_year: expected int")


def test_a_value_outside_an_enum_is_found_even_where_the_sdk_leaves_it_open(intent: dict[str, Any]) -> None:
    intent["status"] = "paid"

    [problem] = conformance.problems(intent)

    assert problem.startswith("payment_intent.status: 'paid' is not one of")


def test_a_null_where_none_may_be_is_found(intent: dict[str, Any]) -> None:
    intent["currency"] = None

    assert conformance.problems(intent) == ["payment_intent.currency: expected str, got None"]


def test_the_sandbox_speaks_the_version_that_the_sdk_names() -> None:
    assert stripe.api_version == API_VERSION
