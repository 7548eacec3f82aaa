"""Timed work: in order of time, with simulated time, across restarts."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.agenda import Agenda
from sandbox.clock import Clock
from sandbox.store import Store
from tests.sandbox.waiting import eventually


@pytest.fixture
def clock() -> Clock:
    """A clock of its own."""
    return Clock()


@pytest.fixture
def agenda(clock: Clock) -> Iterator[Agenda]:
    """An agenda with one action, `note`, whose notes are in `done`; its thread does not run."""
    agenda = Agenda(Store(), clock)
    yield agenda
    agenda.stop()


@pytest.fixture
def done(agenda: Agenda) -> list[str]:
    """What the action `note` was given."""
    notes: list[str] = []
    agenda.register("note", lambda text: notes.append(text))
    return notes


def test_nothing_runs_before_its_time(agenda: Agenda, done: list[str]) -> None:
    agenda.after(60, "note", text="later")

    assert (agenda.run_due(), done) == (0, [])


def test_advancing_the_clock_runs_what_is_due_in_order_of_time(agenda: Agenda, done: list[str], clock: Clock) -> None:
    agenda.after(20, "note", text="second")
    agenda.after(10, "note", text="first")
    agenda.after(99, "note", text="third")

    clock.advance(timedelta(seconds=30))

    assert agenda.run_due() == 2
    assert done == ["first", "second"]


def test_the_thread_does_it_by_itself(agenda: Agenda, done: list[str], clock: Clock) -> None:
    agenda.start()
    agenda.after(3600, "note", text="an hour")

    clock.advance(timedelta(hours=1))

    eventually(lambda: done == ["an hour"])


def test_an_action_may_plan_another(agenda: Agenda, done: list[str]) -> None:
    agenda.register("chain", lambda: agenda.after(0, "note", text="from the chain"))
    agenda.after(0, "chain")

    agenda.run_due()

    assert done == ["from the chain"]


def test_a_broken_action_does_not_stop_the_next(
    agenda: Agenda, done: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    agenda.register("break", lambda: 1 / 0)
    agenda.after(-2, "break")
    agenda.after(-1, "note", text="still here")

    with caplog.at_level(logging.ERROR):
        agenda.run_due()

    assert done == ["still here"]
    assert "The planned action break failed" in caplog.text


def test_an_unknown_action_cannot_be_planned(agenda: Agenda) -> None:
    with pytest.raises(KeyError):
        agenda.after(1, "unheard of")


def test_plans_survive_a_restart(tmp_path: Path, clock: Clock) -> None:
    # given a plan that was saved
    store = Store(tmp_path / "state.json")
    before = Agenda(store, clock)
    before.register("note", lambda text: None)
    before.after(5, "note", text="kept")
    store.save()

    # when everything starts again, and time passes
    after = Agenda(Store(tmp_path / "state.json"), clock)
    done: list[str] = []
    after.register("note", lambda text: done.append(text))
    clock.advance(timedelta(seconds=6))
    after.run_due()

    # then it is carried out
    assert done == ["kept"]
