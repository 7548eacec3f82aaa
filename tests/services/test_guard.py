"""Somebody who tries card after card is slowed, challenged and refused; somebody with three declines is not."""

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier, get_ident

import pytest
from sqlalchemy import Connection, event, select, text

from shop import jobs
from shop.errors import TooManyTries
from shop.extensions import db
from shop.gateways.base import PaymentState, Provider
from shop.models import Order, Payment, TillEvent
from shop.services import guard, payments
from shop.services.guard import Visitor
from tests.processes import wait_until
from tests.shop_app import STRIPE, Shop, errors

THIEF = Visitor("n-thief", "s-thief")


def test_three_declines_hold_nobody_up(shop: Shop) -> None:
    order = shop.order()

    for _ in range(3):
        _decline(shop, order)

    assert payments.start(order.id, STRIPE, who=THIEF).client_secret
    assert shop.alarms() == []


def test_the_fourth_decline_makes_the_next_try_wait_and_ends_the_old_payment(shop: Shop) -> None:
    order = shop.order()
    for _ in range(4):
        payment = _decline(shop, order)
    jobs.drain_outbox()

    with pytest.raises(TooManyTries) as slowed:
        payments.start(order.id, STRIPE, who=THIEF)
    shop.clock.advance(seconds=16)
    again = payments.start(order.id, STRIPE, who=THIEF)

    assert not slowed.value.is_refused
    assert 0 < slowed.value.seconds <= 15
    assert shop.payment(payment.id).state is PaymentState.CANCELLED
    assert again.payment_id != payment.id


def test_after_three_declines_the_bank_is_always_to_ask_and_not_before(shop: Shop) -> None:
    order = shop.order()
    for _ in range(2):
        _decline(shop, order)
    payment = shop.payment(payments.start(order.id, STRIPE, who=THIEF).payment_id)
    assert not payment.challenge

    _decline(shop, order)
    again = shop.payment(payments.start(order.id, STRIPE, who=THIEF).payment_id)

    assert again.challenge
    assert again.id != payment.id


def test_ten_declines_are_refused_at_that_provider_for_an_hour_with_one_alarm(shop: Shop) -> None:
    order = shop.order()
    for _ in range(11):
        _decline(shop, order)

    shop.clock.advance(minutes=3)
    with pytest.raises(TooManyTries) as refused:
        payments.start(order.id, STRIPE, who=THIEF)
    paypal = payments.start(order.id, Provider.PAYPAL, who=THIEF)
    shop.clock.advance(hours=1)

    assert refused.value.is_refused
    assert shop.alarms() == ["card_testing"]
    assert paypal.approve_url
    assert payments.start(shop.order().id, STRIPE, who=THIEF).client_secret


def test_two_declines_that_cross_the_limit_at_once_are_both_applied_and_raise_one_alarm(
    postgresql_shop: Shop,
) -> None:
    shop = postgresql_shop
    shop.reset()
    with shop.app.app_context():
        crossing = [_declined_again_and_again(shop, Visitor("n-thief", f"s-{number}"), 9) for number in range(2)]
        for payment in crossing:
            shop.stripe.decline(payment.external_id or "")

        with _asking_for_alarms_together(2):
            results = shop.at_once(lambda number: payments.refresh(crossing[number].id, "webhook"), 2)

        assert errors(results) == []
        assert [len(shop.payment(payment.id).attempts) for payment in crossing] == [10, 10]
        assert shop.alarms() == ["card_testing"]


@contextmanager
def _asking_for_alarms_together(times: int) -> Iterator[None]:
    """Let so many threads ask for an alarm before any of them may go on: each finds none."""
    barrier, seen = Barrier(times), set[int]()

    def wait(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "FROM alarm" in statement and get_ident() not in seen:
            seen.add(get_ident())
            barrier.wait(30)

    engine = db.engine
    event.listen(engine, "after_cursor_execute", wait)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", wait)


def _declined_again_and_again(shop: Shop, who: Visitor, times: int) -> Payment:
    """Begin a payment and have so many cards declined on it."""
    payment = shop.payment(payments.start(shop.order().id, STRIPE, who=who).payment_id)
    for _ in range(times):
        shop.stripe.decline(payment.external_id or "")
        payments.refresh(payment.id, "test")
    return payment


def test_a_browser_without_cookies_is_known_by_its_address(shop: Shop) -> None:
    order = shop.order()
    for number in range(12):
        _decline(shop, order, Visitor("n-thief", f"s-{number}"))

    with pytest.raises(TooManyTries):
        payments.start(order.id, STRIPE, who=Visitor("n-thief", "s-new"))
    assert payments.start(shop.order().id, STRIPE, who=Visitor("n-alice", "s-alice")).client_secret


def test_a_decline_that_is_told_twice_counts_once(shop: Shop) -> None:
    payment = _decline(shop, shop.order())

    shop.deliver(payment)
    jobs.drain_inbox()
    payments.refresh(payment.id, "sweep")

    assert [event.kind for event in shop.rows(TillEvent)] == ["begun", "declined"]


def test_a_browser_that_begins_eleven_payments_is_refused_and_its_neighbours_are_not(shop: Shop) -> None:
    for _ in range(10):
        payments.start(shop.order(["BULK-1"]).id, STRIPE, who=THIEF)

    with pytest.raises(TooManyTries) as refused:
        payments.start(shop.order(["BULK-1"]).id, STRIPE, who=THIEF)

    assert refused.value.is_refused
    assert payments.start(shop.order(["BULK-1"]).id, STRIPE, who=Visitor("n-thief", "s-alice")).client_secret


def test_an_address_that_begins_payments_without_end_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_BEGUN_THERE", 2)
    for number in range(2):
        payments.start(shop.order().id, STRIPE, who=Visitor("n-thief", f"s-{number}"))

    with pytest.raises(TooManyTries):
        payments.start(shop.order().id, STRIPE, who=Visitor("n-thief", "s-new"))


def test_somebody_at_their_banks_question_is_left_alone(shop: Shop) -> None:
    order = shop.order()
    for _ in range(4):
        payment = _decline(shop, order)
    shop.stripe.require_action(payment.external_id or "")
    payments.refresh(payment.id, "test")

    jobs.drain_outbox()

    assert shop.payment(payment.id).state is PaymentState.REQUIRES_ACTION


def test_visitors_are_kept_as_hashes_and_forgotten_after_two_days(shop: Shop) -> None:
    payments.start(shop.order().id, STRIPE, who=guard.visitor("192.0.2.7", "cookie", None))
    (event,) = shop.rows(TillEvent)
    shop.clock.advance(days=3)

    jobs.purge()

    assert "192.0.2.7" not in event.network
    assert event.session != "cookie"
    assert shop.rows(TillEvent) == []


def test_the_steps_are_settings(shop: Shop) -> None:
    strict = dataclasses.replace(shop.context.settings, declines_slowed=99, declines_challenged=99)
    order = shop.order()
    shop.change_context(settings=strict)
    try:
        for _ in range(5):
            _decline(shop, order)
        assert payments.start(order.id, STRIPE, who=THIEF).client_secret
    finally:
        shop.change_context(settings=dataclasses.replace(strict, declines_slowed=4, declines_challenged=3))


def test_going_on_with_a_payment_under_a_new_key_is_no_second_beginning(shop: Shop) -> None:
    order = shop.order()
    payments.start(order.id, STRIPE, who=Visitor("n-old", "s-old"))

    payments.start(order.id, STRIPE, who=Visitor("n-new", "s-new", before=(("n-old", "s-old"),)))

    [event] = shop.rows(TillEvent)
    assert (event.network, event.session, event.detail) == ("n-new", "s-new", "s-new")


def test_a_beginning_that_two_keys_have_noted_is_one_once_both_are_believed(shop: Shop) -> None:
    order = shop.order()
    for who in (Visitor("n-old", "s-old"), Visitor("n-new", "s-new")):  # neither key knew of the other
        payments.start(order.id, STRIPE, who=who)
    payments.start(shop.order().id, STRIPE, who=Visitor("n-bob", "s-bob"))

    payments.start(order.id, STRIPE, who=Visitor("n-new", "s-new", before=(("n-old", "s-old"),)))

    assert [event.session for event in shop.rows(TillEvent)] == ["s-new", "s-bob"]


def test_two_networks_of_one_browser_wait_for_each_other_in_one_order_while_the_key_changes(
    postgresql_shop: Shop,
) -> None:
    shop = postgresql_shop
    shop.reset()
    old = {where: Visitor(f"{where}-old", "s-old") for where in ("home", "phone")}
    new = [Visitor(f"{where}-new", "s-new", before=((one.network, one.session),)) for where, one in old.items()]
    with shop.app.app_context(), ThreadPoolExecutor(2) as pool:
        for where in ("home", "phone", "home"):
            payments.start(shop.order().id, STRIPE, who=old[where])
        orders = [shop.order().id for _ in new]
        last = shop.rows(TillEvent)[-1].id

        with db.engine.connect() as held:  # the first one's last row, so that the second comes while it waits
            held.execute(select(TillEvent).where(TillEvent.id == last).with_for_update())
            started = []
            for number, who in enumerate(new):
                begin = partial(payments.start, orders[number], STRIPE, who=who)
                started.append(pool.submit(shop.at_once, lambda _, begin=begin: begin(), 1))
                wait_until(lambda count=number + 1: _waiting(held) == count, "it waits for a row")
            held.commit()
        results = [result for one in started for result in one.result(30)]

        assert errors(results) == []
        assert {event.session for event in shop.rows(TillEvent)} == {"s-new"}
        assert [event.network for event in shop.rows(TillEvent)][:3] == ["home-new", "phone-new", "home-new"]


def _waiting(connection: Connection) -> int:
    """Return how many connections to this database wait for a lock."""
    connection.execute(text("SELECT pg_stat_clear_snapshot()"))
    here = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return int(connection.scalar(text(here)) or 0)


def _decline(shop: Shop, order: Order, who: Visitor = THIEF) -> Payment:
    """Try another card on the order's payment with its client secret, without asking the shop; begin it if need be."""
    open_ones = [payment for payment in shop.placed(order.id).payments if payment.is_open]
    if open_ones and who is THIEF:
        payment = open_ones[0]
    else:
        payment = shop.payment(payments.start(order.id, STRIPE, who=who).payment_id)
    shop.stripe.decline(payment.external_id or "")
    return payments.refresh(payment.id, "test")
