"""The outbox: each side effect is owed once, tried with patience, and done at least once."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from shop.errors import NotFound, OurBug, ProviderUnavailable
from shop.models import Alarm, OutboxMessage, OutboxState, Transition
from shop.queue import OutOfTime
from shop.services import desk, outbox, providers, record
from shop.services.outbox import CALL_TRIES, PATIENT_TRIES
from shop.services.providers import Pace
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop, errors


class Recorded:
    """A handler that notes whom it was called for, and raises what it is told to."""

    def __init__(self, *raises: BaseException | None) -> None:
        self.seen: list[str] = []
        self._raises = list(raises)

    def __call__(self, message: OutboxMessage) -> None:
        """Note the message's key."""
        self.seen.append(message.key)
        error = self._raises.pop(0) if self._raises else None
        if error is not None:
            raise error


def test_a_side_effect_is_owed_once_for_each_reason(shop: Shop) -> None:
    owed = [_owe("tell:alice") for _ in range(3)]

    handler = Recorded()
    done = outbox.drain({"tell": handler})

    assert owed == [True, False, False]
    assert (done, handler.seen) == (1, ["tell:alice"])
    assert _owe("tell:alice") is False, "done is done"
    assert outbox.drain({"tell": handler}) == 0


def test_the_database_itself_keeps_the_key_unique(shop: Shop) -> None:
    _owe("tell:alice")

    with pytest.raises(IntegrityError, match=r"(?i)unique"), unit_of_work(write=True) as session:
        session.add(OutboxMessage(kind="tell", key="tell:alice"))

    assert len(shop.owed("tell")) == 1


def test_eight_who_owe_the_same_at_once_owe_it_once(shop: Shop) -> None:
    results = shop.at_once(lambda _: _owe("tell:alice"), 8)

    assert results.count(True) == 1
    assert len(shop.owed("tell")) == 1


def test_what_is_rolled_back_is_not_owed(shop: Shop) -> None:
    with unit_of_work(write=True) as session:
        outbox.owe(session, "tell", "tell:alice")
        session.rollback()

    assert shop.owed("tell") == []


@pytest.mark.parametrize(
    ("kind", "most"), [("mail.tell", PATIENT_TRIES), ("tax.tell", PATIENT_TRIES), ("refund.tell", CALL_TRIES)]
)
def test_what_fails_is_tried_again_ever_later_and_parked_in_the_end(shop: Shop, kind: str, most: int) -> None:
    _owe("tell:alice", kind)
    handler = Recorded(*[ProviderUnavailable("away")] * most)
    waits = []

    for _ in range(most):
        outbox.drain({kind: handler})
        [message] = shop.owed(kind)
        waits.append(message.next_try_at - shop.clock.now())
        outbox.drain({kind: handler})
        shop.clock.advance(seconds=waits[-1].total_seconds() + 1)

    assert len(handler.seen) == most, "not tried before its time"
    assert message.state is OutboxState.PARKED
    assert "away" in message.error
    for number, wait in enumerate(waits):
        ceiling = timedelta(seconds=min(3600, 2 * 2**number))
        assert ceiling / 2 - timedelta(seconds=1) <= wait <= ceiling
    shop.clock.advance(days=7)
    assert outbox.drain({"tell": handler}) == 0


@pytest.mark.parametrize("kind", ["wallet.tell", "setup.stop", "payment.stop", "payment.tidy"])
def test_what_no_sweep_goes_on_with_outlasts_a_provider_that_is_away_for_ten_minutes(shop: Shop, kind: str) -> None:
    _owe("tell:alice", kind)
    until = shop.clock.now() + timedelta(minutes=10)

    while shop.clock.now() < until:
        outbox.drain({kind: Recorded(ProviderUnavailable("away"))})
        shop.clock.advance(seconds=10)
    shop.clock.advance(hours=1)

    assert outbox.drain({kind: Recorded()}) == 1


@pytest.mark.parametrize("error", [OurBug("wrong"), KeyError("wrong")], ids=["our bug", "any bug"])
def test_what_repeating_cannot_help_is_parked_at_once_and_the_others_go_on(shop: Shop, error: Exception) -> None:
    _owe("tell:alice")
    _owe("tell:bob")
    handler = Recorded(error)

    done = outbox.drain({"tell": handler})

    assert done == 1
    assert [message.state for message in shop.owed("tell")] == [OutboxState.PARKED, OutboxState.DONE]


def test_what_the_database_undid_for_the_sake_of_another_is_tried_again(shop: Shop) -> None:
    _owe("tell:alice")
    handler = Recorded(OperationalError("UPDATE orders", {}, Exception("deadlock detected")))

    outbox.drain({"tell": handler})
    [undone] = shop.owed("tell")
    shop.clock.advance(seconds=3)
    done = outbox.drain({"tell": handler})

    assert (undone.state, done) == (OutboxState.PENDING, 1)
    assert shop.alarms() == []


def test_what_was_given_up_calls_a_person_who_can_have_it_tried_again(shop: Shop) -> None:
    _owe("tell:alice")
    outbox.drain({"tell": Recorded(OurBug("wrong"))})
    [alarm] = shop.rows(Alarm)
    assert (alarm.parked_message, alarm.settled_at) == (shop.owed("tell")[0].id, None)
    assert "wrong" in alarm.message

    again = [desk.try_again(alarm.id, "mara") for _ in range(2)]
    handler = Recorded()
    done = outbox.drain({"tell": handler})

    assert (again, done, handler.seen) == ([True, False], 1, ["tell:alice"])
    assert shop.rows(Alarm)[0].settled_at is not None


def test_what_fails_again_raises_its_alarm_again(shop: Shop) -> None:
    _owe("tell:alice")
    outbox.drain({"tell": Recorded(OurBug("wrong"))})
    desk.try_again(shop.rows(Alarm)[0].id, "mara")

    outbox.drain({"tell": Recorded(OurBug("wrong still"))})

    [alarm] = shop.rows(Alarm)
    assert alarm.settled_at is None
    assert "wrong still" in alarm.message


def test_only_what_was_given_up_can_be_tried_again(shop: Shop) -> None:
    with unit_of_work(write=True) as session:
        record.alarm(session, "mismatch:1", "The amount differs", None, shop.clock.now())

    for alarm_id in (shop.rows(Alarm)[0].id, 999):
        with pytest.raises(NotFound):
            desk.try_again(alarm_id, "mara")


def test_a_kind_nobody_handles_is_parked_where_a_person_sees_it(shop: Shop) -> None:
    _owe("tell:alice")

    outbox.drain({})

    assert [message.state for message in shop.owed("tell")] == [OutboxState.PARKED]


def test_what_a_dead_worker_had_claimed_is_done_by_another_after_a_minute(shop: Shop) -> None:
    _owe("tell:alice")
    with pytest.raises(SystemExit):
        outbox.drain({"tell": Recorded(SystemExit("killed"))})
    handler = Recorded()

    outbox.drain({"tell": handler})
    at_once = list(handler.seen)
    shop.clock.advance(seconds=61)
    outbox.drain({"tell": handler})

    assert (at_once, handler.seen) == ([], ["tell:alice"])


def test_what_kills_each_worker_holds_nothing_up_and_is_given_up_at_last(shop: Shop) -> None:
    _owe("tell:alice")
    told: list[str] = []

    def deadly(message: OutboxMessage) -> None:
        if message.key == "tell:alice":
            raise SystemExit("killed")
        told.append(message.key)

    for number in range(CALL_TRIES):
        _owe(f"tell:{number}")
        with pytest.raises(SystemExit):
            outbox.drain({"tell": deadly})
        shop.clock.advance(seconds=61)
    outbox.drain({"tell": deadly})

    assert told == [f"tell:{number}" for number in range(CALL_TRIES)]
    message = shop.owed("tell")[0]
    assert (message.state, message.attempts) == (OutboxState.PARKED, CALL_TRIES)
    assert shop.alarms() == ["outbox_parked"]


def test_what_ran_out_of_time_is_done_again_and_not_parked(shop: Shop) -> None:
    _owe("tell:alice")
    with pytest.raises(OutOfTime):
        outbox.drain({"tell": Recorded(OutOfTime("the job has run for 300 seconds"))})

    shop.clock.advance(seconds=61)
    done = outbox.drain({"tell": Recorded()})

    assert done == 1


def test_what_waits_behind_a_slow_mail_server_is_not_taken_by_another_worker_as_well(shop: Shop) -> None:
    for name in ("alice", "mara", "noah"):
        _owe(f"tell:{name}")
    told: list[str] = []

    def slowly(message: OutboxMessage) -> None:
        told.append(message.key)
        shop.clock.advance(seconds=40)
        if len(told) == 2:
            outbox.drain({"tell": lambda other: told.append(other.key)})

    outbox.drain({"tell": slowly})

    assert told == ["tell:alice", "tell:mara", "tell:noah"]


def test_a_mail_server_may_be_away_for_most_of_a_day(shop: Shop) -> None:
    shortest = sum((wait / 2 for wait in (min(3600, 2 * 2**tried) for tried in range(PATIENT_TRIES - 1))), 0.0)

    assert timedelta(seconds=shortest) > timedelta(hours=12)


class Watch:
    """A watch that goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Return the seconds slept so far."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.now += seconds


def test_every_call_counts_against_the_pace_however_many_a_message_takes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch()
    monkeypatch.setattr(providers, "time", watch)
    shop.change_context(pace=Pace(per_second=5))
    for name in ("alice", "mara", "noah"):
        _owe(f"tell:{name}")
    began: list[float] = []

    def twice(message: OutboxMessage) -> None:
        began.append(watch.now)
        for _ in range(2):
            shop.stripe.fetch(shop.bobs.external_id or "")

    outbox.drain({"tell": twice})

    assert began == pytest.approx([0.0, 0.4, 0.8])


def test_what_another_worker_has_done_is_not_undone_by_a_slow_one_that_fails(shop: Shop) -> None:
    _owe("tell:alice")
    quick = Recorded()

    def slow(message: OutboxMessage) -> None:
        shop.clock.advance(seconds=61)
        outbox.drain({"tell": quick})
        raise OurBug("what I wanted is done already")

    outbox.drain({"tell": slow})

    assert quick.seen == ["tell:alice"]
    assert [message.state for message in shop.owed("tell")] == [OutboxState.DONE]


def test_several_workers_share_the_work_and_do_each_thing_once(shop: Shop) -> None:
    for number in range(60):
        _owe(f"tell:{number}")
    handler = Recorded()

    results = shop.at_once(lambda _: outbox.drain({"tell": handler}), 4)

    assert errors(results) == []
    assert sorted(handler.seen) == sorted(f"tell:{number}" for number in range(60))


def _owe(key: str, kind: str = "tell") -> bool:
    with unit_of_work(write=True) as session:
        return outbox.owe(session, kind, key)


def test_a_message_moves_by_its_table_and_every_move_is_on_record(shop: Shop) -> None:
    _owe("tell:alice")
    outbox.drain({"tell": Recorded()})
    [message] = shop.owed("tell")

    moves = shop.rows(Transition, Transition.kind == "outbox", Transition.object_id == message.id)

    assert [(move.old, move.new) for move in moves] == [("pending", "done")]
