"""How one flow ends, and that one which breaks off does not hold up the others."""

from datetime import UTC, datetime
from typing import Any

import pytest

from e2e.livecheck.__main__ import _run
from e2e.livecheck.flow import Flow, Result, Trial, Verdict
from e2e.livecheck.people import NotTried, People
from e2e.livecheck.record import Record
from shop.errors import WrongCredentials
from shop.gateways.base import Provider


class NoStore:
    """A shop in which nothing happens."""

    def begin_flow(self) -> None:
        """Begin nothing."""

    def exchanges(self) -> list[Any]:
        """Return that nobody was called."""
        return []


def run(*steps: Any) -> list[Result]:
    flows = [Flow(f"flow-{number}", "A flow", Provider.STRIPE, step) for number, step in enumerate(steps)]
    return _run(flows, NoStore(), People(None, None), 0.1, str)  # type: ignore[arg-type]


def fine(trial: Trial) -> None:
    trial.expect("two and two", 4, 2 + 2)


def wrong(trial: Trial) -> None:
    trial.expect("two and two", (4, 22), 5)


def raises(error: BaseException) -> Any:
    def step(trial: Trial) -> None:
        raise error

    return step


@pytest.mark.parametrize(
    ("step", "verdict", "reason"),
    [
        (fine, Verdict.AS_EXPECTED, ""),
        (wrong, Verdict.OTHERWISE, "two and two"),
        (raises(WrongCredentials("keys refused")), Verdict.OTHERWISE, "WrongCredentials: keys refused"),
        (raises(KeyError("status")), Verdict.OTHERWISE, "KeyError: 'status' (step:"),
        (raises(NotTried("nobody is here")), Verdict.NOT_TRIED, "nobody is here"),
    ],
)
def test_a_flow_ends_with_a_verdict_and_a_reason_and_the_next_one_is_tried(
    step: Any, verdict: Verdict, reason: str
) -> None:
    first, second = run(step, fine)

    assert first.verdict is verdict
    assert first.reason.startswith(reason)
    assert second.verdict is Verdict.AS_EXPECTED


def test_what_was_tried_before_ctrl_c_is_kept() -> None:
    results = run(fine, raises(KeyboardInterrupt()), fine)

    assert [result.verdict for result in results] == [Verdict.AS_EXPECTED, Verdict.NOT_TRIED, Verdict.NOT_TRIED]
    assert all("Ctrl-C" in result.reason for result in results[1:])


@pytest.mark.parametrize(
    ("steps", "status"),
    [((fine,), 0), ((fine, raises(NotTried("no"))), 3), ((wrong, raises(NotTried("no"))), 1)],
)
def test_the_exit_status_tells_how_it_went(steps: tuple[Any, ...], status: int) -> None:
    record = Record(datetime(2026, 11, 25, tzinfo=UTC), {Provider.STRIPE: "there"}, run(*steps), [], [])

    assert record.status == status
    assert "# Live check of 2026-11-25" in record.text()


def test_a_condition_that_never_holds_is_told_as_not_within_the_patience() -> None:
    (result,) = run(lambda trial: trial.wait("the bank answers", lambda: False))

    assert result.verdict is Verdict.OTHERWISE
    assert result.expectations[-1].came == "not within 0.1 s"
