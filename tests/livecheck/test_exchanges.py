"""What is called a difference between a provider's answers and the sandbox's."""

from typing import Any

import pytest

from e2e.livecheck.exchanges import Exchange, compare, pattern, refusal
from shop.gateways.base import Provider

PATH = "/v1/payment_intents/pi_3MtwBw"


def answered(body: Any, *, status: int = 200, path: str = PATH) -> list[Exchange]:
    return [Exchange(Provider.STRIPE, "shop", "GET", path, status, "req_1", 12.0, body)]


def told(there: Any, here: Any) -> list[str]:
    found = compare({"card-paid": answered(there)}, {"card-paid": answered(here)})
    return [f"{one.kind}: {one.what}" for one in found]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (PATH + "/capture", "/v1/payment_intents/{id}/capture"),
        ("/v1/payment_intents", "/v1/payment_intents"),
        ("/v1/payment_methods/pm_card_visa/attach", "/v1/payment_methods/pm_card_visa/attach"),
        ("/v1/tax/transactions/create_from_calculation", "/v1/tax/transactions/create_from_calculation"),
        ("/v2/checkout/orders/5O190127TN/capture", "/v2/checkout/orders/{id}/capture"),
        ("/v1/notifications/webhooks/0EH40505U7", "/v1/notifications/webhooks/{id}"),
        ("/v1/oauth2/token", "/v1/oauth2/token"),
    ],
)
def test_ids_in_a_path_are_no_difference(path: str, place: str) -> None:
    assert pattern(path) == place


def test_the_same_shape_with_other_values_is_no_difference() -> None:
    there = {"id": "pi_1", "amount": 1470, "charges": [{"id": "ch_1"}], "metadata": {"order": "A"}}
    here = {"id": "pi_2", "amount": 980, "charges": [{"id": "ch_2"}, {"id": "ch_3"}], "metadata": {}}

    assert told(there, here) == []


def test_a_field_that_only_one_of_them_has_is_told_with_its_path() -> None:
    there = {"id": "pi_1", "hooks": {"inputs": {"tax": 1}}, "charges": [{"id": "ch_1", "source": "x"}]}
    here = {"id": "pi_2", "charges": [{"id": "ch_2", "captured": True}]}

    assert told(there, here) == ["only in the sandbox: charges[].captured", "only there: charges[].source",
                                 "only there: hooks"]  # fmt: skip


def test_a_field_of_another_type_is_told() -> None:
    assert told({"amount": "14.70"}, {"amount": 1470}) == ["types: amount: string there, number in the sandbox"]


def test_what_is_null_or_empty_at_one_of_them_tells_nothing() -> None:
    there = {"next_action": None, "refunds": [], "source": {"id": "x"}}
    here = {"next_action": {"type": "redirect_to_url"}, "refunds": [{"id": "re_1"}], "source": None}

    assert told(there, here) == []


def test_another_status_and_another_code_are_told() -> None:
    declined = {"error": {"type": "card_error", "code": "card_declined", "decline_code": "lost_card"}}
    there = {"card-declined-lost": answered(declined, status=402)}
    here = {"card-declined-lost": answered({"error": {"type": "api_error"}}, status=500)}

    found = {one.kind: one.what for one in compare(there, here)}

    assert found["statuses"] == "402 there, 500 in the sandbox"
    assert found["codes"] == "card_error card_declined lost_card there, api_error in the sandbox"


def test_the_words_of_paypal_for_a_refusal_are_its_name_and_its_issues() -> None:
    body = {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "INSTRUMENT_DECLINED"}]}

    assert refusal(body) == "UNPROCESSABLE_ENTITY INSTRUMENT_DECLINED"


def test_a_call_that_was_made_at_one_of_them_only_is_told() -> None:
    there = {"tax": answered({}, path="/v1/tax/calculations")}

    found = compare(there, {"tax": answered({}, path="/v1/tax/settings")})

    assert [(one.place, one.kind) for one in found] == [
        ("stripe GET /v1/tax/calculations", "calls only there"),
        ("stripe GET /v1/tax/settings", "calls only in the sandbox"),
    ]
