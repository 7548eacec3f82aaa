"""Backfill, replay and retention: what was not delivered, what failed, and what is old; on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from shop.errors import InvalidInput, ProviderUnavailable
from shop.gateways.base import Mode, Notice, NoticeKind
from shop.gateways.fake import FakeHistory
from shop.gateways.wallets import SetupState
from shop.models import (
    Alarm,
    ApiCallRecord,
    CardSetup,
    IdempotencyKey,
    InboxEvent,
    InboxState,
    OrderState,
    OutboxMessage,
    OutboxState,
    Payment,
    SavedMethod,
    Transition,
    User,
)
from shop.services import backfill, pulse, replay, retention, webhooks
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import PAYPAL, STRIPE, Shop


def missed(shop: Shop, payment: Payment, event_id: str = "evt_missed") -> FakeHistory:
    """Let the provider remember an event that it could not deliver."""
    history = FakeHistory(shop.stripe)
    history.missed = [
        Notice(STRIPE, Mode.TEST, event_id, "fake.changed", NoticeKind.PAYMENT, payment.external_id or "",
               payment.external_id, {"id": event_id}, shop.clock.now())
    ]  # fmt: skip
    shop.change_context(histories={STRIPE: history, PAYPAL: FakeHistory(shop.paypal)})
    return history


def test_an_event_that_never_came_is_taken_in_once_and_acted_on(shop: Shop) -> None:
    payment = shop.started()
    shop.approve(payment)
    missed(shop, payment)

    first, second = backfill.run(), backfill.run()
    webhooks.drain()

    assert (first[STRIPE], second[STRIPE]) == (1, 0)
    [event] = shop.rows(InboxEvent)
    assert (event.backfilled, event.state) == (True, InboxState.PROCESSED)
    assert shop.placed(payment.order_id).state is OrderState.PAID


def test_a_delivery_that_comes_late_after_all_is_the_same_row(shop: Shop) -> None:
    payment = shop.started()
    missed(shop, payment, "evt_1")
    backfill.run()

    assert shop.deliver(payment, event_id="evt_1") is webhooks.Receipt.DUPLICATE
    assert len(shop.rows(InboxEvent)) == 1


def test_it_needs_no_signing_secret(shop: Shop) -> None:
    missed(shop, shop.started())
    shop.change_context(readers={})

    assert backfill.run()[STRIPE] == 1


def test_a_provider_that_does_not_answer_is_told_apart_from_nothing_new(shop: Shop) -> None:
    missed(shop, shop.started()).failure = ProviderUnavailable("down")

    assert backfill.run() == {STRIPE: None, PAYPAL: 0}


def parked(shop: Shop, **changes: object) -> InboxEvent:
    """Return an event that was given up."""
    shop.deliver(shop.payment(shop.bobs.id))
    event = shop.rows(InboxEvent)[-1]
    with unit_of_work(write=True) as session:
        values = {"state": InboxState.PARKED, "attempts": 8, **changes}
        session.execute(update(InboxEvent).where(InboxEvent.id == event.id).values(values))
    return event


def test_everything_that_failed_since_a_time_is_put_back(shop: Shop) -> None:
    now = shop.clock.now()
    old = parked(shop, received_at=now - timedelta(days=2))
    other = parked(shop, type="charge.updated")
    wanted = parked(shop, type="payment_intent.succeeded")
    done = parked(shop, state=InboxState.PROCESSED)

    count = replay.events(now - timedelta(hours=1), STRIPE, "payment_intent.")

    assert count == 1
    states = {event.id: (event.state, event.attempts) for event in shop.rows(InboxEvent)}
    assert states[wanted.id] == (InboxState.RETRYING, 0)
    assert {states[event.id][0] for event in (old, other)} == {InboxState.PARKED}
    assert states[done.id][0] is InboxState.PROCESSED
    assert replay.events(now - timedelta(days=3), PAYPAL) == 0
    assert replay.events(now - timedelta(days=3)) == 3
    webhooks.drain()


def test_parked_side_effects_are_done_again(shop: Shop) -> None:
    shop.paid()
    with unit_of_work(write=True) as session:
        session.execute(update(OutboxMessage).values(state=OutboxState.PARKED, attempts=44))

    assert replay.messages(shop.clock.now() - timedelta(hours=1), "refund.") == 0
    assert replay.messages(shop.clock.now() - timedelta(hours=1), "mail.") == 1
    assert [(row.state, row.attempts) for row in shop.owed("mail.receipt")] == [(OutboxState.PENDING, 0)]


@pytest.mark.parametrize("text", ["", "yesterday", "5", "-3h", "2026-11-25T08:00:00"])
def test_a_time_that_cannot_be_read_is_refused(shop: Shop, text: str) -> None:
    with pytest.raises(InvalidInput):
        replay.moment(text)


def test_what_is_old_goes_and_what_proves_money_stays(shop: Shop) -> None:
    payment, given_up = shop.paid(), shop.paid()
    shop.deliver(payment)
    webhooks.drain()
    shop.deliver(given_up)
    shop.stripe.fail_next(KeyError("a bug"), verb="fetch")  # type: ignore[arg-type]
    webhooks.drain()
    with unit_of_work(write=True) as session:
        session.execute(delete(Alarm))
        session.add(OutboxMessage(kind="tax.commit", key=f"tax.commit:{payment.order_id}"))
        session.add(OutboxMessage(kind="payment.stop", key=f"payment.stop:{payment.id}"))
        session.add(Alarm(key="seen", message="seen to", at=shop.clock.now(), settled_at=shop.clock.now()))
        session.add(Alarm(key="open", message="open", at=shop.clock.now()))
        session.execute(update(OutboxMessage).values(state=OutboxState.DONE, done_at=shop.clock.now()))
    moves = len(shop.rows(Transition))

    shop.clock.advance(days=400)
    retention.purge()
    retention.purge()

    assert shop.bodies() == [None]
    assert [row.state for row in shop.rows(InboxEvent)] == [InboxState.PARKED]
    assert shop.rows(ApiCallRecord) == []
    assert [alarm.key for alarm in shop.rows(Alarm)] == ["open"]
    assert {row.kind for row in shop.rows(OutboxMessage)} == {"mail.receipt", "tax.commit"}
    assert keys_stored(shop) > 0
    assert len(shop.rows(Transition)) == moves
    assert shop.payment(payment.id).captures


def test_money_whose_webhooks_may_have_been_purged_calls_nobody(shop: Shop) -> None:
    shop.paid()  # as the sweep found out: no webhook came
    silent = []

    for days in (1, 100):
        shop.clock.advance(days=days)
        with unit_of_work() as session:
            silent.append(pulse.read(session, [STRIPE]).is_silent(STRIPE, shop.clock.now()))

    assert silent == [True, False]


def keys_stored(shop: Shop) -> int:
    """Return how many idempotency keys there are."""
    with unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(IdempotencyKey)) or 0


def test_cards_that_were_taken_off_or_never_saved_go_after_a_year_and_the_others_stay(shop: Shop) -> None:
    now, old = shop.clock.now(), shop.clock.now() - timedelta(days=366)
    with unit_of_work(write=True) as session:
        alice = User(email="alice@example.com", name="Alice", password_hash="x")
        session.add(alice)
        session.flush()
        who: dict[str, Any] = {"user_id": alice.id, "provider": STRIPE, "mode": Mode.TEST, "consent_version": "1"}
        for name, removed in (("kept", None), ("gone", old), ("taken off lately", now)):
            session.add(SavedMethod(**who, external_id=name, kind="card", created_at=old, removed_at=removed))
        for name, state in (("saved", SetupState.SUCCEEDED), ("never", SetupState.CANCELLED)):
            session.add(CardSetup(**who, external_id=name, customer="cus_1", created_at=old, state=state))

    retention.purge()

    assert [row.external_id for row in shop.rows(SavedMethod)] == ["kept", "taken off lately"]
    assert [row.external_id for row in shop.rows(CardSetup)] == ["saved"]
