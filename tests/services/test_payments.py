"""Payments: begun once, settled by whoever comes first, and never more than one in flight for an order."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from shop.errors import AnswerStored, OrderNotPayable, OutcomeUnknown, PaymentInFlight, ProviderUnavailable
from shop.gateways.base import BACKGROUND, AttemptState, Decline, Method, PaymentState, Provider
from shop.models import ApiCallRecord, OrderState, Payment, StockState, Transition
from shop.services import payments
from shop.services.payments import Outcome
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import PAYPAL, STRIPE, Shop, errors, seen

BOTH = pytest.mark.parametrize("provider", [STRIPE, PAYPAL])


@BOTH
def test_a_payment_is_for_what_the_order_says_and_carries_our_reference(shop: Shop, provider: Provider) -> None:
    order = shop.order()

    ready = payments.start(order.id, provider)

    payment = shop.payment(ready.payment_id)
    told = shop.fake(provider).fetch(ready.external_id)
    assert (payment.amount, payment.currency) == (order.total, order.currency)
    assert (told.amount, told.reference) == (order.money(order.total), payment.public_id)
    assert (ready.client_secret is None, ready.approve_url is None) == (provider is PAYPAL, provider is STRIPE)


def test_starting_again_goes_on_with_the_same_payment(shop: Shop) -> None:
    order = shop.order()

    first, second = payments.start(order.id, STRIPE), payments.start(order.id, STRIPE)

    assert first == second
    assert len(shop.payments()) == 1
    assert sum(shop.stripe.executed.values()) == 1


@BOTH
def test_ten_clicks_at_once_make_one_payment(shop: Shop, provider: Provider) -> None:
    order = shop.order()

    results = shop.at_once(lambda _: payments.start(order.id, provider), 10)

    assert errors(results) == []
    assert len({result.external_id for result in results if isinstance(result, payments.Ready)}) == 1
    assert len(shop.payments()) == 1
    assert sum(shop.fake(provider).executed.values()) == 1


def test_the_database_itself_allows_one_open_payment_for_an_order(shop: Shop) -> None:
    payment = shop.started()

    with (
        pytest.raises(IntegrityError, match=r"(?i)uq_payment_one_open|payment\.order_id"),
        unit_of_work(write=True) as s,
    ):
        s.add(_second_payment_of(payment))

    assert len(shop.payments()) == 1


def test_choosing_the_other_provider_calls_the_first_payment_back_there_first(shop: Shop) -> None:
    card = shop.started(STRIPE)

    payments.start(card.order_id, PAYPAL)

    assert shop.stripe.fetch(card.external_id or "").state is PaymentState.CANCELLED
    assert [(p.provider, p.state) for p in shop.payments()] == [
        (STRIPE, PaymentState.CANCELLED),
        (PAYPAL, PaymentState.CREATED),
    ]


def test_a_payment_that_cannot_be_called_back_is_not_joined_by_another(shop: Shop) -> None:
    card = shop.started(STRIPE)
    shop.stripe.process(card.external_id or "")
    payments.refresh(card.id, "test")

    with pytest.raises(PaymentInFlight):
        payments.start(card.order_id, PAYPAL)

    assert len(shop.payments()) == 1
    assert sum(shop.paypal.executed.values()) == 0


def test_money_that_came_while_the_customer_changed_their_mind_pays_the_order(shop: Shop) -> None:
    card = shop.started(STRIPE)
    shop.approve(card)

    with pytest.raises(PaymentInFlight, match="has just gone through"):
        payments.start(card.order_id, PAYPAL)

    assert shop.placed(card.order_id).state is OrderState.PAID
    assert len(shop.payments()) == 1


def test_the_first_payment_stays_open_when_its_provider_does_not_answer_the_call_back(shop: Shop) -> None:
    card = shop.started(STRIPE)
    shop.stripe.fail_next(ProviderUnavailable("refused"), verb="cancel")

    with pytest.raises(ProviderUnavailable):
        payments.start(card.order_id, PAYPAL)

    assert [p.state for p in shop.payments()] == [PaymentState.CREATED]
    assert shop.payment(card.id).busy_with == ""
    assert payments.start(card.order_id, PAYPAL), "once it answers again, the customer may choose again"


def test_a_capture_under_way_is_not_crossed_by_a_call_back(shop: Shop) -> None:
    wallet = shop.started(PAYPAL)
    shop.approve(wallet)
    shop.paypal.fail_next(OutcomeUnknown("no answer"), after_doing=True, verb="capture")
    with pytest.raises(OutcomeUnknown):
        payments.refresh(wallet.id, "test")

    with pytest.raises(PaymentInFlight):
        payments.start(wallet.order_id, STRIPE)

    assert "/cancel" not in [call.path for call in shop.calls(wallet)]
    payments.refresh(wallet.id, "test")
    assert shop.placed(wallet.order_id).state is OrderState.PAID
    assert sum(shop.stripe.executed.values()) == 0


@BOTH
def test_captured_money_pays_the_order_once(shop: Shop, provider: Provider) -> None:
    payment = shop.started(provider)
    shop.approve(payment)

    for cause in ("return page", "webhook", "sweep"):
        payments.refresh(payment.id, cause)

    order = shop.placed(payment.order_id)
    assert (order.state, order.stock_state) == (OrderState.PAID, StockState.SOLD)
    assert order.paid_at is not None
    assert [capture.amount for capture in shop.payment(payment.id).captures] == [1740]
    assert len(shop.owed("mail.receipt")) == 1
    moves = shop.rows(Transition, Transition.kind == "order", Transition.object_id == order.id)
    assert [(row.new, row.cause) for row in moves] == [("pending", "checkout"), ("paid", "return page")]
    # 7 % in 12.50 and in 4.90; the provider keeps 3 % and 30 cents
    assert shop.balances() == {
        f"{provider}.balance": 1740 - 82,
        "fees": 82,
        "sales": -1168,
        "shipping": -458,
        "tax": -114,
    }


@BOTH
def test_ten_who_see_the_money_at_once_book_it_once(shop: Shop, provider: Provider) -> None:
    payment = shop.started(provider)
    shop.approve(payment)

    results = shop.at_once(lambda n: payments.refresh(payment.id, f"worker {n}"), 10)

    assert errors(results) == []
    assert len(shop.payment(payment.id).captures) == 1
    assert len(shop.owed("mail.receipt")) == 1
    assert max(shop.fake(provider).executed.values()) == 1


def test_a_fee_that_is_known_later_is_booked_later(shop: Shop) -> None:
    shop.stripe.books_fees = False
    payment = shop.paid()
    pending = shop.balances()["stripe.pending"]

    shop.stripe.book_fee(payment.external_id or "")
    payments.refresh(payment.id, "charge.updated")

    assert pending == 1740
    assert payment.next_check_at is not None, "the sweep goes on asking until the fee is known"
    assert "stripe.pending" not in shop.balances()
    assert shop.balances()["fees"] == 82
    assert shop.payment(payment.id).next_check_at is None


@BOTH
def test_a_decline_ends_the_attempt_and_not_the_payment(shop: Shop, provider: Provider) -> None:
    payment = shop.started(provider)
    shop.fake(provider).decline(payment.external_id or "", "insufficient_funds")

    status = payments.approved(payment.order_id)

    assert (status.outcome, status.decline_code) == (Outcome.FAILED, "insufficient_funds")
    assert [attempt.state for attempt in shop.payment(payment.id).attempts] == [AttemptState.DECLINED]
    assert shop.placed(payment.order_id).state is OrderState.PENDING
    shop.approve(payment)
    assert payments.approved(payment.order_id).outcome is Outcome.PAID
    assert [a.state for a in shop.payment(payment.id).attempts] == [AttemptState.DECLINED, AttemptState.SUCCEEDED]
    assert shop.owed("mail.payment_failed") == [], "the customer was there to see it"


def test_a_bank_debit_that_succeeds_days_later_pays_the_order(shop: Shop) -> None:
    payment = shop.started()
    shop.stripe.process(payment.external_id or "")
    first = payments.settle(payment.order_id)
    waiting = shop.placed(payment.order_id)

    shop.clock.advance(days=6)
    shop.stripe.settle(payment.external_id or "", succeeded=True)
    payments.refresh(payment.id, "webhook")

    assert first.outcome is Outcome.PROCESSING
    assert (waiting.state, waiting.expires_at) == (OrderState.PENDING, None)
    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert (len(shop.owed("mail.processing")), len(shop.owed("mail.receipt"))) == (1, 1)


def test_a_bank_debit_that_fails_days_later_is_told_by_mail_and_may_be_paid_anew(shop: Shop) -> None:
    payment = shop.started()
    shop.stripe.process(payment.external_id or "")
    payments.settle(payment.order_id)

    shop.clock.advance(days=6)
    shop.stripe.settle(payment.external_id or "", succeeded=False)
    for cause in ("webhook", "sweep"):
        payments.refresh(payment.id, cause)

    order = shop.placed(payment.order_id)
    assert order.state is OrderState.PENDING
    assert order.expires_at is not None
    assert order.expires_at > shop.clock.now(), "the customer has time to read the mail"
    assert len(shop.owed("mail.payment_failed")) == 1
    shop.approve(payment)
    assert payments.settle(payment.order_id).outcome is Outcome.PAID


def test_a_paid_order_is_not_paid_again(shop: Shop) -> None:
    payment = shop.paid()

    with pytest.raises(OrderNotPayable, match="is paid already"):
        payments.start(payment.order_id, PAYPAL)

    assert len(shop.payments()) == 1


def test_the_return_page_confirms_when_the_provider_is_slow_and_a_worker_finishes(shop: Shop) -> None:
    payment = shop.started()
    shop.approve(payment)
    shop.stripe.fail_next(OutcomeUnknown("no answer in two seconds"), verb="fetch")

    status = payments.settle(payment.order_id)

    [message] = shop.owed("payment.settle")
    assert status.outcome is Outcome.CONFIRMING
    payments.handle_settle(message)
    assert payments.status(payment.order_id).outcome is Outcome.PAID


def test_a_start_whose_answer_was_lost_is_finished_with_the_same_key(shop: Shop) -> None:
    order = shop.order()
    shop.stripe.fail_next(OutcomeUnknown("answer lost"), after_doing=True, verb="start")

    with pytest.raises(OutcomeUnknown):
        payments.start(order.id, STRIPE)

    [message] = shop.owed("payment.start")
    assert payments.status(order.id).outcome is Outcome.CONFIRMING
    payments.handle_start(message)
    [payment] = shop.payments()
    assert payment.external_id is not None
    assert sum(shop.stripe.executed.values()) == 1


def test_a_start_that_was_overtaken_by_the_other_provider_ends_where_it_began(shop: Shop) -> None:
    order = shop.order()
    shop.stripe.meanwhile = lambda: payments.start(order.id, PAYPAL)

    with pytest.raises(PaymentInFlight, match="has ended in the meantime"):
        payments.start(order.id, STRIPE)

    first, second = shop.payments()
    assert [(p.provider, p.is_open) for p in (first, second)] == [(STRIPE, False), (PAYPAL, True)]
    for message in shop.owed("payment.tidy"):
        payments.handle_tidy(message)
    assert shop.stripe.fetch(first.external_id or "").state is PaymentState.CANCELLED


def test_every_call_to_a_provider_is_on_record_with_whose_it_was(shop: Shop) -> None:
    payment = shop.paid(PAYPAL)

    calls = shop.rows(ApiCallRecord, ApiCallRecord.subject == f"payment:{payment.id}")

    assert [call.path for call in calls] == ["/start", "/fetch", "/capture"]
    assert {call.provider for call in calls} == {PAYPAL}
    assert ["-start-" in calls[0].idempotency_key, "-capture-" in calls[2].idempotency_key] == [True, True]


def _second_payment_of(payment: Payment) -> Payment:
    return Payment(
        order_id=payment.order_id,
        provider=PAYPAL,
        mode=payment.mode,
        amount=payment.amount,
        currency=payment.currency,
    )


def test_pages_that_wait_for_the_same_answer_owe_one_follow_up(shop: Shop) -> None:
    order, started = shop.order(), shop.started()
    for _ in range(8):
        shop.stripe.fail_next(OutcomeUnknown("slow"), verb="start")
        shop.stripe.fail_next(OutcomeUnknown("slow"), verb="fetch")

    starts = shop.at_once(lambda _: payments.start(order.id, STRIPE), 8)
    settled = shop.at_once(lambda _: payments.settle(started.order_id), 8)

    assert {type(error) for error in errors(starts)} == {OutcomeUnknown}
    assert errors(settled) == []
    assert (len(shop.owed("payment.start")), len(shop.owed("payment.settle"))) == (1, 1)


def test_a_payment_that_could_not_be_called_back_once_can_be_later(shop: Shop) -> None:
    payment = shop.started(STRIPE)
    shop.stripe.process(payment.external_id or "")  # the shop has not heard of it yet
    with pytest.raises(PaymentInFlight):
        payments.start(payment.order_id, PAYPAL)
    shop.stripe.settle(payment.external_id or "", succeeded=False)
    payments.refresh(payment.id, "test")

    ready = payments.start(payment.order_id, PAYPAL)

    assert shop.payment(payment.id).state is PaymentState.CANCELLED
    assert shop.payment(ready.payment_id).is_open


def test_what_a_provider_tells_at_length_does_not_keep_money_from_being_recorded(shop: Shop) -> None:
    payment = shop.started()
    shop.stripe.decline(payment.external_id or "", code="x" * 100)
    declined = seen(shop, payment)
    shop.approve(payment)
    taken = seen(shop, payment)
    told = Decline("x" * 100, "no " * 400, "other_method", hard=False)
    attempts = (replace(taken.attempts[0], decline=told), *taken.attempts[1:])
    method = Method("k" * 40, "b" * 40, "004242", "p***@" + "d" * 200 + ".example")

    payments.apply(payment.id, replace(taken, attempts=attempts, method=method), 100, "test")

    assert declined.captures == ()
    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert shop.payment(payment.id).method_last4 == "4242"


def test_a_payment_that_was_begun_goes_on_under_another_brand(shop: Shop) -> None:
    payment = shop.started()
    settings = shop.context.settings
    shop.change_context(settings=replace(settings, brand="Ebb & Flow Tea"))

    try:
        ready = payments.start(payment.order_id, STRIPE)
    finally:
        shop.change_context(settings=settings)

    assert ready.external_id == payment.external_id


def test_a_stored_failure_of_a_start_is_looked_behind_and_the_next_key_makes_the_payment(shop: Shop) -> None:
    order = shop.order()
    shop.stripe.fail_next(AnswerStored("500 again"), verb="start")
    shop.stripe.fail_next(AnswerStored("500 again"), verb="start")

    ready = payments.start(order.id, STRIPE, BACKGROUND)

    assert ready.client_secret
    assert sum(shop.stripe.executed.values()) == 1


def test_a_payment_made_behind_a_stored_failure_is_adopted(shop: Shop) -> None:
    order = shop.order()
    shop.stripe.fail_next(AnswerStored("500 again"), after_doing=True, verb="start")

    ready = payments.start(order.id, STRIPE, BACKGROUND)

    assert shop.stripe.fetch(ready.external_id).state is PaymentState.CREATED
    assert sum(shop.stripe.executed.values()) == 1
