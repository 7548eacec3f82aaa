"""Refunds: whole, in parts, pending, failed, refused."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe


def test_a_whole_refund(pay: Callable[..., Any], server: Any, event_types: Callable[[], list[str]]) -> None:
    intent = pay()

    refund = server.refunds.create(
        {"payment_intent": intent.id, "reason": "requested_by_customer", "expand": ["charge", "balance_transaction"]}
    )

    assert (refund.status, refund.amount, refund.reason) == ("succeeded", 2000, "requested_by_customer")
    assert (refund.charge.refunded, refund.charge.amount_refunded) == (True, 2000)
    assert (refund.balance_transaction.amount, refund.balance_transaction.type) == (-2000, "refund")
    assert event_types()[-2:] == ["refund.created", "charge.refunded"]


def test_refunds_in_parts_end_with_the_amount(pay: Callable[..., Any], server: Any) -> None:
    intent = pay()
    server.refunds.create({"payment_intent": intent.id, "amount": 500})

    with pytest.raises(stripe.InvalidRequestError, match=r"€15\.01.*greater than unrefunded amount.*€15\.00"):
        server.refunds.create({"payment_intent": intent.id, "amount": 1501})
    rest = server.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.refunds.create({"payment_intent": intent.id})

    assert rest.amount == 1500
    assert refusal.value.code == "charge_already_refunded"
    charge = server.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    assert [refund.amount for refund in charge.refunds.data] == [1500, 500]


@pytest.mark.parametrize("amount", [0, -5])
def test_a_refund_is_of_something(amount: int, pay: Callable[..., Any], server: Any) -> None:
    intent = pay()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.refunds.create({"payment_intent": intent.id, "amount": amount})

    assert refusal.value.param == "amount"


def test_what_was_not_paid_cannot_be_refunded(server: Any, pay: Callable[..., Any]) -> None:
    waiting = server.payment_intents.create({"amount": 2000, "currency": "eur"})
    held = pay(capture_method="manual")

    for intent in (waiting, held):
        with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
            server.refunds.create({"payment_intent": intent.id})


def test_a_refund_names_what_it_refunds(server: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="payment_intent or charge"):
        server.refunds.create({})


def test_a_refund_may_take_its_time(
    pay: Callable[..., Any], server: Any, later: Callable[[float], None], event_types: Callable[[], list[str]]
) -> None:
    refund = server.refunds.create({"payment_intent": pay("pm_card_pendingRefund").id})
    assert (refund.status, refund.balance_transaction) == ("pending", None)

    later(5)

    refund = server.refunds.retrieve(refund.id)
    assert refund.status == "succeeded"
    assert refund.balance_transaction is not None
    assert "refund.updated" in event_types()


def test_a_refund_may_come_back(
    pay: Callable[..., Any], server: Any, later: Callable[[float], None], event_types: Callable[[], list[str]]
) -> None:
    # given a refund that looked well
    intent = pay("pm_card_refundFail")
    refund = server.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"

    # when the bank sends it back
    later(5)

    # then the money is in the balance again and can be refunded another way
    refund = server.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (refund.status, refund.failure_reason) == ("failed", "expired_or_canceled_card")
    assert refund.failure_balance_transaction.amount == 2000
    charge = server.charges.retrieve(intent.latest_charge)
    assert (charge.refunded, charge.amount_refunded) == (False, 0)
    assert "refund.failed" in event_types()


def test_a_refunds_metadata_can_change(pay: Callable[..., Any], server: Any) -> None:
    refund = server.refunds.create({"payment_intent": pay().id, "metadata": {"case": "1"}})

    assert server.refunds.update(refund.id, {"metadata": {"case": "2"}}).metadata["case"] == "2"


def test_a_finished_refund_cannot_be_canceled(pay: Callable[..., Any], server: Any) -> None:
    refund = server.refunds.create({"payment_intent": pay().id})

    with pytest.raises(stripe.InvalidRequestError):
        server.refunds.cancel(refund.id)


def test_refunds_are_listed_by_what_they_refund(pay: Callable[..., Any], server: Any) -> None:
    mine, other = pay(), pay()
    wanted = server.refunds.create({"payment_intent": mine.id})
    server.refunds.create({"payment_intent": other.id})

    assert [refund.id for refund in server.refunds.list({"payment_intent": mine.id}).data] == [wanted.id]
    assert [refund.id for refund in server.refunds.list({"charge": mine.latest_charge}).data] == [wanted.id]


def test_the_balance_adds_up(pay: Callable[..., Any], server: Any, later: Callable[[float], None]) -> None:
    intent = pay()
    server.refunds.create({"payment_intent": intent.id, "amount": 500})
    later(5)

    entries = server.balance_transactions.list().data

    assert sum(entry.amount for entry in entries) == 1500
    assert sum(entry.net for entry in entries) == 1410
    assert {entry.status for entry in entries} == {"pending"}
    later(3 * 86_400)
    assert {entry.status for entry in server.balance_transactions.list().data} == {"available"}
