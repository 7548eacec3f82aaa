"""One flow: what is done, what was expected, what came."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import pytest

from e2e.livecheck.exchanges import Exchange
from e2e.livecheck.people import NotTried, People
from e2e.livecheck.store import Store
from shop.errors import ShopError
from shop.gateways.base import Provider

PAUSE = 1.0  # seconds between two looks at something that takes its time


class Unexpected(Exception):
    """Something else came than was expected; what, stands in the trial."""


class Verdict(StrEnum):
    """How a flow ended."""

    AS_EXPECTED = "as expected"
    OTHERWISE = "otherwise"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Expectation:
    """What was looked at, what was expected of it and what came."""

    what: str
    wanted: str
    came: str
    holds: bool


@dataclass
class Trial:
    """A flow under way: the shop, the people, and what was seen. `told` are notes for the record, ids among them."""

    store: Store
    people: People
    patience: float
    expectations: list[Expectation] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Write something down for the record; never a secret."""
        self.told.append(text)

    def expect(self, what: str, wanted: object, came: object) -> None:
        """Compare, write both down, and end the flow if they differ. Several answers may be right: a tuple."""
        choices = wanted if isinstance(wanted, tuple) else (wanted,)
        holds = came in choices
        self.expectations.append(Expectation(what, " or ".join(map(str, choices)), str(came), holds))
        if not holds:
            raise Unexpected(what)

    def wait(self, what: str, condition: Callable[[], object]) -> None:
        """Look again and again until the condition holds; not within the patience is not as expected."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > self.patience:
                self.expect(what, "within the patience", f"not within {self.patience:g} s")
            time.sleep(PAUSE)
        self.expectations.append(Expectation(what, "yes", f"after {time.monotonic() - began:.1f} s", True))


@dataclass(frozen=True)
class Flow:
    """A flow of the shop. `needs` is what a machine alone cannot do: "browser", "person" or nothing.

    What one calls that acts on whatever has arrived by then is not `is_compared` with the sandbox.
    """

    name: str
    title: str
    provider: Provider
    run: Callable[[Trial], None]
    needs: str = ""
    is_compared: bool = True


@dataclass(frozen=True)
class Result:
    """What became of a flow; `seconds` is how long it took in all."""

    flow: Flow
    verdict: Verdict
    seconds: float
    expectations: Sequence[Expectation]
    told: Sequence[str]
    reason: str
    exchanges: Sequence[Exchange]


def attempt(flow: Flow, store: Store, people: People, patience: float) -> Result:
    """Run one flow to its end, whatever comes: a flow that breaks off does not hold up the others."""
    trial, began = Trial(store, people, patience), time.monotonic()
    store.begin_flow()
    verdict, reason = Verdict.AS_EXPECTED, ""
    try:
        flow.run(trial)
    except NotTried as exc:
        verdict, reason = Verdict.NOT_TRIED, str(exc)
    except Unexpected as exc:
        verdict, reason = Verdict.OTHERWISE, str(exc)
    except ShopError as exc:
        verdict, reason = Verdict.OTHERWISE, f"{type(exc).__name__}: {exc}"
    except (Exception, pytest.fail.Exception) as exc:  # noqa: BLE001 - a page that looks otherwise is on record too
        last = traceback.extract_tb(exc.__traceback__)[-1]
        first = str(exc).strip().partition("\n")[0]
        verdict, reason = Verdict.OTHERWISE, f"{type(exc).__name__}: {first} ({last.name}:{last.lineno})"
    exchanges = [*store.exchanges(), *people.take_exchanges()]
    seconds = time.monotonic() - began
    return Result(flow, verdict, seconds, trial.expectations, trial.told, reason, exchanges)


def not_tried(flow: Flow, why: str) -> Result:
    """Return the result of a flow that was left out."""
    return Result(flow, Verdict.NOT_TRIED, 0, (), (), why, ())
