"""What a person waits for: each call is a short one, and what takes long searching is left to a worker."""

from collections.abc import Callable
from typing import Any

import pytest

from shop.errors import AnswerStored, OutcomeUnknown
from shop.gateways.base import INTERACTIVE, Patience, PaymentState
from shop.jobs import drain_outbox
from shop.models import Order, Payment, ReviewState
from shop.services import approvals, payments, refunds
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import STRIPE, Shop, eur

VERBS = ("start", "reopen", "fetch", "find", "capture", "cancel", "refund", "fetch_refund")


def how_patient(shop: Shop) -> list[tuple[str, Patience | None]]:
    """Return a list that fills with every call to come and its patience; None where a call has the workers' own."""
    asked: list[tuple[str, Patience | None]] = []

    def listen(verb: str, ask: Callable[..., Any]) -> None:
        def asks(*arguments: Any) -> Any:
            asked.append((verb, next((one for one in arguments if isinstance(one, Patience)), None)))
            return ask(*arguments)

        setattr(shop.stripe, verb, asks)

    for verb in VERBS:
        listen(verb, getattr(shop.stripe, verb))
    return asked


def reserved(shop: Shop) -> Payment:
    """Return Alice's payment of an order under review, with the money set aside."""
    order = shop.order()
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id).review = ReviewState.HELD
    payment = shop.payment(payments.start(order.id, STRIPE).payment_id)
    shop.approve(payment)
    payments.settle(order.id)
    return payment


@pytest.mark.parametrize(
    ("act", "verb"),
    [
        (lambda payment: payments.capture(payment.id, None, "mara", INTERACTIVE), "capture"),
        (lambda payment: payments.void(payment.id, "mara", INTERACTIVE), "cancel"),
        (lambda payment: approvals.charge(payment.id, eur(500), "mara", INTERACTIVE), "capture"),
        (lambda payment: approvals.approve(payment.order_id, "mara", INTERACTIVE), "capture"),
        (lambda payment: approvals.reject(payment.order_id, "mara", INTERACTIVE), "cancel"),
    ],
)
@pytest.mark.parametrize("spoilt", [False, True])
def test_whoever_decides_over_reserved_money_at_the_desk_waits_for_short_calls_only(
    shop: Shop, act: Callable[[Payment], object], verb: str, spoilt: bool
) -> None:
    payment = reserved(shop)
    if spoilt and verb == "capture":
        shop.stripe.fail_next(AnswerStored("500 again"), verb=verb)
    asked = how_patient(shop)

    act(payment)

    assert verb in dict(asked)
    assert {patience for _, patience in asked} == {INTERACTIVE}
    assert shop.payment(payment.id).state is not PaymentState.AUTHORIZED


@pytest.mark.parametrize("spoilt", [False, True])
def test_a_refund_at_the_desk_waits_for_short_calls_only(shop: Shop, spoilt: bool) -> None:
    payment = shop.paid()
    if spoilt:
        shop.stripe.fail_next(AnswerStored("500 again"), verb="refund")
    asked = how_patient(shop)

    refunds.request(payment.id, eur(500), "other", "mara", patience=INTERACTIVE)

    assert "refund" in dict(asked)
    assert {patience for _, patience in asked} == {INTERACTIVE}


def test_a_customer_does_not_wait_while_a_payment_is_searched_for_and_finds_it_ready_afterwards(shop: Shop) -> None:
    order = shop.order()
    for _ in range(2):  # to her and to the worker
        shop.stripe.fail_next(AnswerStored("500 again"), verb="start", after_doing=True)
    asked = how_patient(shop)

    with pytest.raises(OutcomeUnknown, match="looked for"):
        payments.start(order.id, STRIPE)
    waited_for = list(asked)
    drain_outbox()

    assert waited_for == [("start", INTERACTIVE)]
    assert "find" in dict(asked)
    assert payments.start(order.id, STRIPE).client_secret
    assert sum(shop.stripe.executed.values()) == 1
