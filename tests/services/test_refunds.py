"""Refunds: part or whole, never more than was taken, and taken back in the books when the bank sends them back."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop import jobs
from shop.errors import AnswerStored, InvalidInput, NothingToRefund, ProviderRejected, ProviderUnavailable
from shop.gateways.base import Provider, RefundState
from shop.models import Alarm, Capture, Refund
from shop.money import Money
from shop.services import orders, payments, refunds
from shop.services.sweep import sweep
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import PAYPAL, STRIPE, Shop, by_hand, errors, eur, seen


@pytest.mark.parametrize("provider", [STRIPE, PAYPAL])
def test_a_part_and_then_the_rest_are_given_back(shop: Shop, provider: Provider) -> None:
    payment = shop.paid(provider)

    for cents in (500, 1240):
        refunds.request(payment.id, eur(cents), "requested_by_customer", "mara")

    given_back = shop.payment(payment.id).refunds
    assert [(r.amount, r.state) for r in given_back] == [(500, RefundState.SUCCEEDED), (1240, RefundState.SUCCEEDED)]
    assert sum(refund.amount.amount for refund in seen(shop, payment).refunds) == 1740
    assert shop.placed(payment.order_id).refunded == 1740
    assert shop.balances()["refunds"] == 1740
    assert len(shop.owed("mail.refund")) == 2


def test_more_than_was_taken_is_not_given_back_and_nothing_is_sent(shop: Shop) -> None:
    payment = shop.paid()
    refunds.request(payment.id, eur(1000), "other", "mara")

    with pytest.raises(NothingToRefund, match=r"At most €7\.40"):
        refunds.request(payment.id, eur(741), "other", "mara")

    assert len(seen(shop, payment).refunds) == 1


def test_a_payment_that_took_nothing_gives_nothing_back(shop: Shop) -> None:
    payment = shop.started()

    with pytest.raises(NothingToRefund):
        refunds.request(payment.id, eur(1), "other", "mara")


@pytest.mark.parametrize("amount", [eur(0), eur(-5)])
def test_a_refund_of_nothing_or_less_is_refused(shop: Shop, amount: Money) -> None:
    payment = shop.paid()

    with pytest.raises(InvalidInput) as caught:
        refunds.request(payment.id, amount, "other", "mara")

    assert caught.value.field == "amount"


def test_a_refund_in_another_currency_is_refused(shop: Shop) -> None:
    payment = shop.paid()

    with pytest.raises(NothingToRefund):
        refunds.request(payment.id, Money(100, "JPY"), "other", "mara")


def test_twenty_at_once_for_the_same_money_give_it_back_once(shop: Shop) -> None:
    payment = shop.paid()

    results = shop.at_once(lambda _: refunds.request(payment.id, eur(1740), "other", "mara"), 20)

    assert [type(error) for error in errors(results)] == [NothingToRefund] * 19
    assert [refund.amount for refund in seen(shop, payment).refunds] == [eur(1740)]
    assert len(shop.payment(payment.id).refunds) == 1


def test_a_refund_the_provider_did_not_take_is_sent_by_a_worker_once(shop: Shop) -> None:
    payment = shop.paid()
    shop.stripe.fail_next(ProviderUnavailable("refused"), verb="refund")
    with pytest.raises(ProviderUnavailable):
        refunds.request(payment.id, eur(500), "other", "mara")

    [message] = shop.owed("refund.send")
    refunds.handle_send(message)
    refunds.handle_send(message)

    assert [r.state for r in shop.payment(payment.id).refunds] == [RefundState.SUCCEEDED]
    assert len(seen(shop, payment).refunds) == 1


def test_a_worker_leaves_a_refund_to_who_asked_for_it_and_sends_it_when_they_were_killed(shop: Shop) -> None:
    payment = shop.paid()
    shop.stripe.fail_next(ProviderUnavailable("killed meanwhile"), verb="refund")
    with pytest.raises(ProviderUnavailable):
        refunds.request(payment.id, eur(500), "other", "mara")

    jobs.drain_outbox()
    left = [r.state for r in shop.payment(payment.id).refunds]
    shop.clock.advance(seconds=21)
    jobs.drain_outbox()

    assert left == [RefundState.REQUESTED]
    assert [r.state for r in shop.payment(payment.id).refunds] == [RefundState.SUCCEEDED]
    assert len(seen(shop, payment).refunds) == 1


def test_a_refund_that_is_pending_counts_at_once_and_ends_later(shop: Shop) -> None:
    shop.stripe.refunds_are_pending = True
    payment = shop.paid()
    refund = refunds.request(payment.id, eur(1740), "other", "mara")

    with pytest.raises(NothingToRefund):
        refunds.request(payment.id, eur(1), "other", "mara")
    shop.stripe.finish_refund(refund.external_id or "", RefundState.SUCCEEDED)
    done = refunds.refresh(refund.id, "webhook")

    assert (refund.state, done.state) == (RefundState.PENDING, RefundState.SUCCEEDED)
    assert shop.balances()["refunds"] == 1740, "booked once"
    assert len(shop.owed("mail.refund")) == 1


def test_a_refund_the_bank_sends_back_is_reversed_and_may_be_given_again(shop: Shop) -> None:
    payment = shop.paid()
    refund = refunds.request(payment.id, eur(1740), "other", "mara")
    booked = shop.balances()["refunds"]

    shop.stripe.finish_refund(refund.external_id or "", RefundState.FAILED, "account closed")
    for cause in ("webhook", "sweep"):
        refunds.refresh(refund.id, cause)

    failed = shop.payment(payment.id).refunds[0]
    assert booked == 1740
    assert (failed.state, failed.failure) == (RefundState.FAILED, "account closed")
    assert "refunds" not in shop.balances()
    assert shop.alarms() == ["refund_failed"]
    assert refunds.request(payment.id, eur(1740), "other", "mara").state is RefundState.SUCCEEDED


def test_a_refund_the_provider_refuses_for_good_ends_with_an_alarm_and_touches_no_books(shop: Shop) -> None:
    payment = shop.paid()
    before = shop.balances()
    shop.stripe.fail_next(ProviderRejected("charge is disputed"), verb="refund")

    refund = refunds.request(payment.id, eur(500), "other", "mara")

    assert (refund.state, refund.failure) == (RefundState.FAILED, "charge is disputed")
    assert shop.balances() == before
    assert shop.alarms() == ["refund_failed"]


def test_a_refund_made_at_the_dashboard_gets_a_row_and_counts(shop: Shop) -> None:
    payment = shop.paid()
    shop.stripe.refund(by_hand(shop, payment, 700), key="mara-by-hand")

    for cause in ("webhook", "sweep"):
        payments.refresh(payment.id, cause)

    [found] = shop.payment(payment.id).refunds
    assert (found.amount, found.state, found.requested_by) == (700, RefundState.SUCCEEDED, "provider's dashboard")
    assert shop.balances()["refunds"] == 700
    with pytest.raises(NothingToRefund):
        refunds.request(payment.id, eur(1041), "other", "mara")


@pytest.mark.parametrize("refusal", ["an error", "a refund that has failed"])
def test_a_refund_that_is_refused_since_the_money_is_back_already_is_not_told_as_money_of_ours(
    shop: Shop, refusal: str
) -> None:
    payment = shop.paid()
    shop.stripe.refund(by_hand(shop, payment, payment.amount), key="mara-by-hand")  # and its notice is lost
    if refusal == "an error":
        shop.stripe.fail_next(ProviderRejected("charge_already_refunded"), verb="refund")

    refund = refunds.request(payment.id, eur(payment.amount), "other", "mara")
    shop.clock.advance(seconds=1)
    sweep()

    [alarm] = shop.rows(Alarm)
    assert refund.state is RefundState.FAILED
    assert "with us again" not in alarm.message
    assert "may have been given back there already" in alarm.message
    found = [r for r in shop.payment(payment.id).refunds if r.counts]
    assert [(r.amount, r.requested_by) for r in found] == [(payment.amount, "provider's dashboard")]
    assert shop.balances()["refunds"] == payment.amount
    with pytest.raises(NothingToRefund):
        refunds.request(payment.id, eur(1), "other", "mara")


def test_a_refund_that_the_bank_sends_back_is_told_as_money_that_is_with_us_again(shop: Shop) -> None:
    payment = shop.paid()
    refund = refunds.request(payment.id, eur(1740), "other", "mara")

    shop.stripe.finish_refund(refund.external_id or "", RefundState.FAILED, "account closed")
    refunds.refresh(refund.id, "webhook")

    [alarm] = shop.rows(Alarm)
    assert "The 17.40 EUR are with us again" in alarm.message


def test_our_own_refund_that_is_seen_before_its_answer_is_not_taken_for_another(shop: Shop) -> None:
    payment = shop.paid()
    shop.stripe.fail_next(ProviderUnavailable("the answer is slow"), after_doing=True, verb="refund")
    with pytest.raises(ProviderUnavailable):
        refunds.request(payment.id, eur(500), "other", "mara")

    payments.refresh(payment.id, "webhook")

    [refund] = shop.payment(payment.id).refunds
    assert (refund.state, refund.requested_by) == (RefundState.SUCCEEDED, "mara")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=st.lists(st.tuples(st.integers(1, 1800), st.booleans()), min_size=1, max_size=8))
def test_whatever_is_asked_for_no_more_is_given_back_than_was_taken(
    lasting_shop: Shop, wishes: list[tuple[int, bool]]
) -> None:
    payment = lasting_shop.paid(skus=["BULK-1"])
    left = payment.amount
    for cents, fails in wishes:
        try:
            refund = refunds.request(payment.id, eur(cents), "other", "mara")
        except NothingToRefund:
            assert cents > left
            continue
        left -= cents
        if fails:
            lasting_shop.stripe.finish_refund(refund.external_id or "", RefundState.FAILED, "sent back")
            refunds.refresh(refund.id, "webhook")
            left += cents

    given_back = [r.amount for r in lasting_shop.rows(Refund, Refund.payment_id == payment.id) if r.counts]
    assert sum(given_back) == payment.amount - left <= payment.amount
    lasting_shop.assert_books_balance()


def test_a_settled_refund_that_fails_comes_back_to_the_balance_it_had_left(shop: Shop) -> None:
    payment = shop.paid()
    before = shop.balances()
    refund = refunds.request(payment.id, eur(1740), "other", "mara")
    assert shop.balances()["stripe.balance"] == before["stripe.balance"] - 1740

    shop.stripe.finish_refund(refund.external_id or "", RefundState.FAILED, "account closed")
    for cause in ("webhook", "sweep"):
        refunds.refresh(refund.id, cause)

    assert shop.balances() == before


@pytest.mark.parametrize("is_known", ["with its failure", "after its failure"])
@pytest.mark.parametrize("was_pending", [True, False])
def test_a_refund_that_is_heard_to_have_settled_when_it_has_failed_leaves_no_trace_in_the_balance(
    shop: Shop, is_known: str, was_pending: bool
) -> None:
    payment = shop.paid()
    before = shop.balances()
    shop.stripe.books_fees, shop.stripe.refunds_are_pending = False, was_pending
    refund = refunds.request(payment.id, eur(1740), "other", "mara")
    external_id = refund.external_id or ""

    shop.stripe.finish_refund(external_id, RefundState.FAILED, "account closed")
    if is_known == "after its failure":
        refunds.refresh(refund.id, "webhook")
    shop.stripe.book_fee(payment.external_id or "")
    for cause in ("webhook", "sweep"):
        refunds.refresh(refund.id, cause)

    assert shop.balances() == before


def test_a_refund_that_had_failed_when_it_was_first_seen_is_in_no_account(shop: Shop) -> None:
    payment = shop.paid()
    before = shop.balances()
    made = shop.stripe.refund(by_hand(shop, payment, 700), key="mara-by-hand")
    shop.stripe.finish_refund(made.external_id, RefundState.FAILED, "account closed")

    payments.refresh(payment.id, "webhook")

    assert shop.payment(payment.id).refunds[0].state is RefundState.FAILED
    assert shop.balances() == before


def test_a_refund_is_placed_on_captures_with_enough_left_and_split_where_none_has(shop: Shop) -> None:
    payment = shop.paid()
    with unit_of_work(write=True) as session:
        session.get_one(Capture, payment.captures[0].id).amount = 1000
        session.add(Capture(payment_id=payment.id, external_id="cap_second", amount=740))
    first, second = shop.payment(payment.id).captures

    with unit_of_work(write=True) as session:
        owed = orders.lock_payment(session, payment.id)
        refunds.owe(session, owed, eur(700), "other", "mara")
        refunds.owe(session, owed, eur(700), "other", "mara")
        refunds.owe(session, owed, eur(340), "other", "mara")

    placed = [(refund.capture_id, refund.amount) for refund in shop.payment(payment.id).refunds]
    assert placed == [(first.id, 700), (second.id, 700), (first.id, 300), (second.id, 40)]


def test_a_stored_failure_of_a_refund_is_looked_behind_and_the_next_key_gives_it(shop: Shop) -> None:
    payment = shop.paid()
    shop.stripe.fail_next(AnswerStored("500 again"), verb="refund")

    refund = refunds.request(payment.id, eur(500), "other", "mara")

    assert refund.state is RefundState.SUCCEEDED
    assert [made.amount.amount for made in seen(shop, payment).refunds] == [500]


def test_a_refund_that_was_made_behind_a_stored_failure_is_adopted(shop: Shop) -> None:
    payment = shop.paid()
    shop.stripe.fail_next(AnswerStored("500 again"), after_doing=True, verb="refund")

    refund = refunds.request(payment.id, eur(500), "other", "mara")

    assert refund.state is RefundState.SUCCEEDED
    assert [made.amount.amount for made in seen(shop, payment).refunds] == [500]
