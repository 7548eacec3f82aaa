"""SEPA debits: the money comes, or does not, some time later."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from sandbox.stripe.banks import ROWS, is_iban
from tests.sandbox.stripe.conftest import RETURN_URL

MANDATE = {
    "customer_acceptance": {"type": "online", "online": {"ip_address": "127.0.0.1", "user_agent": "test"}},
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.iban)
def test_a_debit_is_processing_before_it_ends(
    row: Any,
    iban: Callable[[str], str],
    pay: Callable[..., Any],
    server: Any,
    later: Callable[[float], None],
    event_types: Callable[[], list[str]],
) -> None:
    # given a debit on its way
    intent = pay(iban(row.iban), mandate_data=MANDATE, expand=["latest_charge"])
    assert (intent.status, intent.latest_charge.status, intent.amount_received) == ("processing", "pending", 0)
    assert intent.latest_charge.id.startswith("py_")

    # when little time has passed, a slow bank has not answered
    later(10)
    if row.seconds > 10:
        assert server.payment_intents.retrieve(intent.id).status == "processing"
        later(row.seconds)

    # then it ends as the account's number says
    intent = server.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]})
    if row.succeeds:
        assert (intent.status, intent.latest_charge.balance_transaction.fee) == ("succeeded", 35)
        assert event_types()[-2:] == ["charge.succeeded", "payment_intent.succeeded"]
    else:
        assert (intent.status, intent.latest_charge.status) == ("requires_payment_method", "failed")
        assert intent.last_payment_error.code == "generic_could_not_process"
        assert event_types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_a_debit_on_its_way_cannot_be_canceled(
    iban: Callable[[str], str], pay: Callable[..., Any], server: Any
) -> None:
    intent = pay(iban("DE89370400440532013000"), mandate_data=MANDATE)

    with pytest.raises(stripe.InvalidRequestError, match="status of processing"):
        server.payment_intents.cancel(intent.id)


def test_a_server_has_to_tell_of_the_mandate(iban: Callable[[str], str], pay: Callable[..., Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        pay(iban("DE89370400440532013000"))

    assert refusal.value.code == "payment_intent_mandate_invalid"


def test_a_browser_shows_the_mandate_itself(iban: Callable[[str], str], server: Any, public: Any) -> None:
    intent = server.payment_intents.create({"amount": 2000, "currency": "eur"})

    paid = public.payment_intents.confirm(
        intent.id,
        {
            "payment_method": iban("DE89370400440532013000"),
            "client_secret": intent.client_secret,  # type: ignore[dict-item]
            "return_url": RETURN_URL,
        },
    )

    assert paid.status == "processing"
    charge = server.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]}).latest_charge
    mandate = server.mandates.retrieve(charge.payment_method_details.sepa_debit.mandate)
    assert (mandate.type, mandate.status) == ("single_use", "active")


def test_a_debit_in_another_currency_is_refused(iban: Callable[[str], str], pay: Callable[..., Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not allow the payment method type"):
        pay(iban("DE89370400440532013000"), currency="usd", mandate_data=MANDATE)


def test_a_saved_account_goes_on_with_its_mandate(
    iban: Callable[[str], str], pay: Callable[..., Any], server: Any
) -> None:
    # given an account saved with a mandate
    customer = server.customers.create({})
    method = iban("DE89370400440532013000")
    setup = server.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": method,
            "confirm": True,
            "return_url": RETURN_URL,
            "mandate_data": MANDATE,
            "expand": ["mandate"],
        }
    )
    assert (setup.status, setup.mandate.type) == ("succeeded", "multi_use")

    # when it is debited without its owner
    intent = pay(method, customer=customer.id, off_session=True, expand=["latest_charge"])

    # then the same mandate counts
    assert intent.latest_charge.payment_method_details.sepa_debit.mandate == setup.mandate.id


@pytest.mark.parametrize(
    ("number", "billing", "param"),
    [
        ("DE89370400440532013001", {"name": "A", "email": "a@example.com"}, "sepa_debit[iban]"),
        ("XX00", {"name": "A", "email": "a@example.com"}, "sepa_debit[iban]"),
        ("DE89370400440532013000", {"name": "A"}, "billing_details[email]"),
        ("DE89370400440532013000", {"email": "a@example.com"}, "billing_details[name]"),
        ("GB82WEST12345698765432", {"name": "A", "email": "a@example.com"}, "billing_details[address][line1]"),
    ],
)
def test_an_account_needs_a_good_number_and_an_owner(
    public: Any, number: str, billing: dict[str, str], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        public.payment_methods.create(
            {"type": "sepa_debit", "sepa_debit": {"iban": number}, "billing_details": billing}
        )

    assert refusal.value.param == param


def test_outside_the_eea_the_whole_address_will_do(public: Any) -> None:
    place = {"line1": "1 High Street", "city": "London", "postal_code": "N1 9GU", "country": "GB"}

    method = public.payment_methods.create(
        {
            "type": "sepa_debit",
            "sepa_debit": {"iban": "GB82 WEST 1234 5698 7654 32"},
            "billing_details": {"name": "A", "email": "a@example.com", "address": place},
        }
    )

    assert (method.sepa_debit.country, method.sepa_debit.last4) == ("GB", "5432")


def test_a_refund_of_a_debit_takes_its_time(
    iban: Callable[[str], str], pay: Callable[..., Any], server: Any, later: Callable[[float], None]
) -> None:
    intent = pay(iban("DE89370400440532013000"), mandate_data=MANDATE)
    later(5)

    refund = server.refunds.create({"payment_intent": intent.id})
    assert (refund.id[:4], refund.status) == ("pyr_", "pending")
    later(5)

    assert server.refunds.retrieve(refund.id).status == "succeeded"


def test_every_iban_in_the_table_is_well_formed() -> None:
    assert [row.iban for row in ROWS if not is_iban(row.iban)] == []
