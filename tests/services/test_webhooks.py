"""Webhooks: taken in once each, acted on by asking the provider, in whatever order they come."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from shop.errors import NotFound, NoticeRejected, ObjectMissing, OutcomeUnknown, ProviderUnavailable
from shop.gateways.base import AttemptState, NoticeKind, PaymentSnapshot, PaymentState, Provider, RefundState
from shop.gateways.fake import signed
from shop.models import (
    Alarm,
    ApiCallRecord,
    InboxEvent,
    InboxState,
    LedgerTransaction,
    OrderState,
    OutboxMessage,
    Payment,
)
from shop.queue import OutOfTime
from shop.services import backoff, desk, payments, refunds, webhooks
from shop.services.unit_of_work import unit_of_work
from shop.services.webhooks import MOST_LOST, MOST_TRIES, PATIENT_TRIES, Receipt
from tests.shop_app import PAYPAL, SECRET, STRIPE, Shop, by_hand, errors, eur, seen

Delivery = tuple[dict[str, str], bytes]


def test_a_genuine_webhook_is_stored_once_however_often_it_comes(shop: Shop) -> None:
    payment = shop.started()

    receipts = [shop.deliver(payment, event_id="evt_1") for _ in range(3)]

    [row] = shop.rows(InboxEvent)
    assert receipts == [Receipt.STORED, Receipt.DUPLICATE, Receipt.DUPLICATE]
    assert (row.event_id, row.state, row.attempts) == ("evt_1", InboxState.RECEIVED, 0)


def test_the_same_event_id_of_two_providers_is_two_events(shop: Shop) -> None:
    shop.deliver(shop.started(STRIPE), event_id="evt_1")
    shop.deliver(shop.started(PAYPAL), event_id="evt_1")

    assert [row.provider for row in shop.rows(InboxEvent)] == [STRIPE, PAYPAL]


def test_fifty_deliveries_of_one_event_at_once_are_all_taken_and_stored_once(shop: Shop) -> None:
    payment = shop.started()
    headers, body = shop.notice(payment, event_id="evt_1")

    results = shop.at_once(lambda _: webhooks.receive(STRIPE, headers, body), 50)

    assert errors(results) == []
    assert results.count(Receipt.STORED) == 1
    assert len(shop.rows(InboxEvent)) == 1


def test_two_events_for_one_change_have_one_effect(shop: Shop) -> None:
    payment = shop.started()
    shop.approve(payment)
    shop.deliver(payment)
    shop.deliver(payment)

    webhooks.drain()

    assert [row.state for row in shop.rows(InboxEvent)] == [InboxState.PROCESSED] * 2
    assert len(shop.payment(payment.id).captures) == 1
    assert len(shop.owed("mail.receipt")) == 1


def test_all_events_of_one_object_cost_one_look_at_the_provider(shop: Shop) -> None:
    payment = shop.started()
    for _ in range(5):
        shop.deliver(payment)

    webhooks.drain()

    calls = [call for call in shop.calls(payment) if call.path == "/fetch"]
    assert len(calls) == 1


def test_what_is_stored_is_sealed_and_holds_no_client_secret(shop: Shop) -> None:
    payment = shop.started()
    headers, body = shop.notice(payment)

    webhooks.receive(STRIPE, headers, body)

    [stored] = shop.stored("inbox_event.body")
    [read] = shop.bodies()
    assert (payment.external_id or "").encode() not in stored
    assert read["external_id"] == payment.external_id


@pytest.mark.parametrize("provider", [STRIPE, PAYPAL])
def test_a_forged_webhook_leaves_no_row(shop: Shop, provider: Provider) -> None:
    payment = shop.started(provider)
    headers, body = signed(
        "a wrong secret",
        shop.clock.now(),
        event_id="evt_1",
        kind=NoticeKind.PAYMENT,
        external_id=payment.external_id or "",
    )

    with pytest.raises(NoticeRejected):
        webhooks.receive(provider, headers, body)

    assert shop.rows(InboxEvent) == []


def test_a_type_nobody_acts_on_is_on_record_as_ignored(shop: Shop) -> None:
    payment = shop.started()

    receipt = shop.deliver(payment, kind=NoticeKind.OTHER)
    finished = webhooks.drain()

    assert (receipt, finished) == (Receipt.STORED, 0)
    assert [row.state for row in shop.rows(InboxEvent)] == [InboxState.IGNORED]


def test_an_object_that_is_not_here_yet_is_asked_for_again_and_parked_in_the_end(shop: Shop) -> None:
    headers, body = signed(
        SECRET, shop.clock.now(), event_id="evt_1", kind=NoticeKind.PAYMENT, external_id="pay_of_nobody"
    )
    webhooks.receive(STRIPE, headers, body)
    states = []

    for _ in range(MOST_TRIES):
        webhooks.drain()
        [row] = shop.rows(InboxEvent)
        states.append(row.state)
        shop.clock.advance(seconds=(row.next_try_at - shop.clock.now()).total_seconds() + 1)

    assert states == [InboxState.RETRYING] * (MOST_TRIES - 1) + [InboxState.PARKED]
    assert row.verdict.startswith("ObjectMissing")


def test_a_webhook_that_overtakes_our_own_answer_finds_its_payment_by_our_reference(shop: Shop) -> None:
    order = shop.order()
    shop.stripe.fail_next(OutcomeUnknown("the answer is slow"), after_doing=True, verb="start")
    with pytest.raises(OutcomeUnknown):
        payments.start(order.id, STRIPE)
    [payment] = shop.payments()
    made = shop.stripe.find(payment.public_id, payment.created_at)
    assert made is not None
    shop.stripe.approve(made.external_id)

    payment.external_id = made.external_id  # in our hands only, not in the database
    shop.deliver(payment)
    webhooks.drain()

    assert shop.payment(payment.id).external_id == made.external_id
    assert shop.placed(order.id).state is OrderState.PAID


def test_a_provider_that_is_away_is_asked_again_later(shop: Shop) -> None:
    payment = shop.started()
    shop.approve(payment)
    shop.deliver(payment)
    shop.stripe.fail_next(ProviderUnavailable("away"), verb="fetch")

    webhooks.drain()
    [row] = shop.rows(InboxEvent)
    shop.clock.advance(seconds=backoff.FIRST + 1)
    webhooks.drain()

    assert (row.state, row.claimed_at) == (InboxState.RETRYING, None)
    assert shop.placed(payment.order_id).state is OrderState.PAID


def test_a_provider_that_is_away_for_an_hour_costs_no_event(shop: Shop) -> None:
    payment = shop.started()
    shop.approve(payment)
    shop.deliver(payment)
    began = shop.clock.now()

    for _ in range(12):
        shop.stripe.fail_next(ProviderUnavailable("away"), verb="fetch")
        webhooks.drain()
        [row] = shop.rows(InboxEvent)
        shop.clock.advance(seconds=(row.next_try_at - shop.clock.now()).total_seconds() + 1)
    webhooks.drain()

    assert shop.clock.now() - began > timedelta(hours=1)
    assert [row.state for row in shop.rows(InboxEvent)] == [InboxState.PROCESSED]
    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert shop.alarms() == []


def test_whoever_stays_away_for_days_has_its_events_given_up_and_a_person_called(shop: Shop) -> None:
    payment = shop.started()
    shop.deliver(payment)
    with unit_of_work(write=True) as session:
        session.execute(update(InboxEvent).values(attempts=PATIENT_TRIES - 1))
    shop.stripe.fail_next(ProviderUnavailable("away"), verb="fetch")

    webhooks.drain()

    assert [row.state for row in shop.rows(InboxEvent)] == [InboxState.PARKED]
    assert shop.alarms() == ["inbox_parked"]


def test_what_the_database_undid_for_the_sake_of_another_is_acted_on_later(shop: Shop) -> None:
    payment = shop.started()
    shop.approve(payment)
    shop.deliver(payment)
    victim = OperationalError("UPDATE orders", {}, Exception("deadlock detected"))
    shop.stripe.fail_next(victim, verb="fetch")  # type: ignore[arg-type]

    webhooks.drain()
    [row] = shop.rows(InboxEvent)
    shop.clock.advance(seconds=backoff.FIRST + 1)
    webhooks.drain()

    assert row.state is InboxState.RETRYING
    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert shop.alarms() == []


def test_one_event_our_code_cannot_bear_does_not_hold_up_the_others(shop: Shop) -> None:
    broken, sound = shop.started(), shop.started()
    shop.approve(sound)
    shop.deliver(broken)
    shop.deliver(sound)
    shop.stripe.fail_next(ObjectMissing("gone"), verb="fetch")

    webhooks.drain()

    assert [row.state for row in shop.rows(InboxEvent)] == [InboxState.RETRYING, InboxState.PROCESSED]
    assert shop.placed(sound.order_id).state is OrderState.PAID


def test_what_a_dead_worker_had_claimed_is_done_by_another_after_a_minute(shop: Shop) -> None:
    payment = shop.started()
    shop.approve(payment)
    shop.deliver(payment)
    shop.claim_as_another_worker()

    at_once = webhooks.drain()
    shop.clock.advance(seconds=61)
    later = webhooks.drain()

    assert (at_once, later) == (0, 1)
    assert shop.placed(payment.order_id).state is OrderState.PAID


def test_what_kills_each_worker_holds_nothing_up_and_is_given_up_at_last(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadly, sound, later = shop.started(), shop.started(), shop.started()
    fetch = shop.stripe.fetch

    def kill(external_id: str, *patience: Any) -> PaymentSnapshot:
        if external_id == deadly.external_id:
            raise SystemExit("killed")
        return fetch(external_id, *patience)

    monkeypatch.setattr(shop.stripe, "fetch", kill)
    for payment in (deadly, sound):
        shop.approve(payment)
        shop.deliver(payment)
    with pytest.raises(SystemExit):
        webhooks.drain()
    shop.approve(later)
    shop.deliver(later)

    for _ in range(MOST_LOST - 1):
        shop.clock.advance(seconds=61)
        with pytest.raises(SystemExit):
            webhooks.drain()
    shop.clock.advance(seconds=61)
    webhooks.drain()

    states = [row.state for row in shop.rows(InboxEvent)]
    assert states == [InboxState.PARKED, InboxState.PROCESSED, InboxState.PROCESSED]
    assert {shop.placed(payment.order_id).state for payment in (sound, later)} == {OrderState.PAID}
    assert shop.rows(InboxEvent)[0].attempts == MOST_LOST
    assert shop.alarms() == ["inbox_parked"]


def test_several_workers_share_the_work(shop: Shop) -> None:
    bought = [shop.started(skus=["BULK-1"]) for _ in range(12)]
    for payment in bought:
        shop.approve(payment)
        shop.deliver(payment)
        shop.deliver(payment)

    results = shop.at_once(lambda _: webhooks.drain(), 4)

    assert errors(results) == []
    assert sum(result for result in results if isinstance(result, int)) == 24
    assert {shop.placed(payment.order_id).state for payment in bought} == {OrderState.PAID}
    assert len(shop.owed("mail.receipt")) == 12


def test_a_refund_webhook_moves_our_refund(shop: Shop) -> None:
    payment = shop.paid()
    refund = refunds.request(payment.id, eur(500), "other", "mara")
    shop.stripe.finish_refund(refund.external_id or "", RefundState.FAILED, "account closed")

    shop.deliver(payment, kind=NoticeKind.REFUND, refund=refund.external_id or "")
    webhooks.drain()

    assert [r.state for r in shop.payment(payment.id).refunds] == [RefundState.FAILED]


def test_a_parked_event_can_be_played_again(shop: Shop) -> None:
    payment = shop.started()
    shop.deliver(payment)
    shop.stripe.fail_next(KeyError("a bug of ours"), verb="fetch")  # type: ignore[arg-type]
    webhooks.drain()
    [parked] = shop.rows(InboxEvent)
    shop.approve(payment)

    webhooks.replay(parked.id)
    webhooks.drain()

    assert parked.state is InboxState.PARKED
    assert shop.placed(payment.order_id).state is OrderState.PAID


def test_webhooks_that_were_given_up_call_a_person_once_who_can_have_them_tried_again(shop: Shop) -> None:
    payment = shop.started()
    for number in (1, 2):
        shop.deliver(payment)
        shop.stripe.fail_next(KeyError(f"bug {number}"), verb="fetch")  # type: ignore[arg-type]
        webhooks.drain()
    [alarm] = shop.rows(Alarm)
    shop.approve(payment)

    again = [desk.try_again(alarm.id, "mara") for _ in range(2)]
    webhooks.drain()

    assert (alarm.order_id, "bug 1" in alarm.message, alarm.settled_at) == (payment.order_id, True, None)
    assert again == [True, False]
    assert {row.state for row in shop.rows(InboxEvent)} == {InboxState.PROCESSED}
    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert shop.rows(Alarm)[0].settled_at is not None


def test_webhooks_of_two_objects_that_were_given_up_are_two_alarms(shop: Shop) -> None:
    for payment in (shop.started(), shop.started(email="carol@example.com")):
        shop.deliver(payment)
        shop.stripe.fail_next(KeyError("a bug"), verb="fetch")  # type: ignore[arg-type]
        webhooks.drain()
    first, _other = shop.rows(Alarm)

    desk.try_again(first.id, "mara")
    webhooks.drain()

    assert [row.state for row in shop.rows(InboxEvent)] == [InboxState.PROCESSED, InboxState.PARKED]
    assert [alarm.settled_at is None for alarm in shop.rows(Alarm)] == [False, True]


# A decline, a second try, a fee told later, and a part refund at the dashboard that the bank sends back.
LIFE = ("decline", "pay", "fee", "refund", "refund fails")


@pytest.mark.timeout(400)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_events_of_one_purchase_end_the_same_in_any_order(lasting_shop: Shop, data: st.DataObject) -> None:
    lasting_shop.stripe.books_fees = False
    payment = lasting_shop.started(skus=["BULK-1"])

    underway: list[Delivery] = []
    for step in LIFE:
        underway += _live(lasting_shop, payment, step)
        _deliver_some(data, underway, least=0)
        if data.draw(st.booleans()):
            webhooks.drain()
    _deliver_some(data, underway, least=len(underway))
    webhooks.drain()

    assert _ending(lasting_shop, payment) == {
        "order": OrderState.PAID,
        "payment": PaymentState.CAPTURED,
        "attempts": [AttemptState.DECLINED, AttemptState.SUCCEEDED],
        "captures": [(1740, 82)],
        "refunds": [(700, RefundState.FAILED)],
        "receipts": 1,
        "inbox": {InboxState.PROCESSED},
        "earned": {"sales": -1168, "shipping": -458, "tax": -114, "fees": 82, "refunds": 0},
    }


def _deliver_some(data: st.DataObject, underway: list[Delivery], least: int) -> None:
    """Deliver some of what is under way, in any order; a duplicate may come much later."""
    for _ in range(data.draw(st.integers(least, len(underway)))):
        webhooks.receive(STRIPE, *underway.pop(data.draw(st.integers(0, len(underway) - 1))))


def _live(shop: Shop, payment: Payment, step: str) -> list[Delivery]:
    """Let a step happen at the provider; return the deliveries it causes, those of a refund twice."""
    external_id = payment.external_id or ""
    if step == "decline":
        shop.stripe.decline(external_id)
    elif step == "pay":
        shop.stripe.approve(external_id)
    elif step == "fee":
        shop.stripe.book_fee(external_id)
    elif step == "refund":
        shop.stripe.refund(by_hand(shop, payment, 700), key=f"by hand {external_id}")
    else:
        [refund] = seen(shop, payment).refunds
        shop.stripe.finish_refund(refund.external_id, RefundState.FAILED, "account closed")
    made = [refund.external_id for refund in seen(shop, payment).refunds]
    if made:
        return [shop.notice(payment, kind=NoticeKind.REFUND, refund=made[0])] * 2
    return [shop.notice(payment)]


def _ending(shop: Shop, payment: Payment) -> dict[str, object]:
    found = shop.payment(payment.id)
    mine = LedgerTransaction.payment_id == payment.id
    accounts = dict.fromkeys(("sales", "shipping", "tax", "fees", "refunds"), 0)
    for booked in shop.rows(LedgerTransaction, mine):
        for entry in booked.entries:
            if entry.account in accounts:
                accounts[entry.account] += entry.amount
    return {
        "order": found.order.state,
        "payment": found.state,
        "attempts": [attempt.state for attempt in found.attempts],
        "captures": [(capture.amount, capture.fee) for capture in found.captures],
        "refunds": [(refund.amount, refund.state) for refund in found.refunds],
        "receipts": len(shop.rows(OutboxMessage, OutboxMessage.key == f"mail.receipt:{found.order_id}")),
        "inbox": {row.state for row in shop.rows(InboxEvent)},
        "earned": accounts,
    }


def test_a_worker_that_ran_out_of_time_parks_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = shop.started()
    shop.approve(payment)
    shop.deliver(payment)
    monkeypatch.setattr(shop.stripe, "fetch", _out_of_time)
    with pytest.raises(OutOfTime):
        webhooks.drain()
    monkeypatch.undo()

    shop.clock.advance(seconds=61)
    webhooks.drain()

    assert [row.state for row in shop.rows(InboxEvent)] == [InboxState.PROCESSED]


def test_what_another_worker_has_finished_meanwhile_stays_finished(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = shop.started()
    shop.approve(payment)
    shop.deliver(payment)

    def slow(*_: object) -> None:
        monkeypatch.undo()
        shop.clock.advance(seconds=61)
        webhooks.drain()
        raise OutcomeUnknown("no answer")

    monkeypatch.setattr(shop.stripe, "fetch", slow)
    webhooks.drain()

    assert [row.state for row in shop.rows(InboxEvent)] == [InboxState.PROCESSED]


def test_every_old_body_is_forgotten_whatever_became_of_its_event(shop: Shop) -> None:
    shop.deliver(shop.paid(), kind=NoticeKind.OTHER)
    shop.deliver(shop.paid())
    webhooks.drain()
    shop.clock.advance(days=31)
    shop.deliver(shop.paid())
    with unit_of_work(write=True) as session:  # the column is filled by wall time
        newest = session.scalars(select(InboxEvent).order_by(InboxEvent.id.desc())).first()
        assert newest is not None
        newest.received_at = shop.clock.now()

    forgotten = webhooks.purge(shop.clock.now() - timedelta(days=30))

    assert forgotten == 2
    assert [body is None for body in shop.bodies()] == [True, True, False]


def test_a_refund_told_without_its_payment_is_asked_for_it(shop: Shop) -> None:
    payment = shop.paid(PAYPAL)
    made = shop.paypal.refund(by_hand(shop, payment, 700), key="mara-by-hand")
    headers, body = signed(
        SECRET, shop.clock.now(), event_id="WH-1", kind=NoticeKind.REFUND, external_id=made.external_id
    )

    webhooks.receive(PAYPAL, headers, body)
    webhooks.drain()

    assert [refund.amount for refund in shop.payment(payment.id).refunds] == [700]


def _out_of_time(*_: object) -> None:
    raise OutOfTime("the job has run for 300 seconds")


def test_replaying_an_event_that_is_not_there_says_so(shop: Shop) -> None:
    with pytest.raises(NotFound, match="no event 4711"):
        webhooks.replay(4711)


def test_a_backlog_asks_for_each_object_once_however_its_events_are_scattered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "BATCH", 2)
    started = [shop.started() for _ in range(3)]
    for payment in started:
        shop.approve(payment)
    for _ in range(3):
        for payment in started:
            shop.deliver(payment)
    shop.stripe.executed.clear()
    before = len(shop.rows(ApiCallRecord))

    finished = webhooks.drain()

    assert finished == 9
    assert len(shop.rows(ApiCallRecord)) - before == 3
