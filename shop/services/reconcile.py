"""Reconciliation: our books against the provider's own, for the last days; what was missed is repaired.

| found                                              | done                                                      |
| -------------------------------------------------- | --------------------------------------------------------- |
| captured there, open or called back here           | the payment is fetched and applied, as a webhook would do |
| a fee or a refund that was not seen                | the same                                                  |
| taken there with a reference of ours, unknown here | alarm: paid without order                                 |
| booked here, and not there                         | the provider is asked once more; then an alarm            |
| another amount or another fee                      | alarm, with both figures                                  |
| without a reference of ours                        | counted as foreign: somebody else on the same account     |

The lists are late (`History.lag`): what is younger is never called missing. A repeat finds everything matched and
raises no alarm twice. A dry run asks and compares, and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from shop.errors import ShopError
from shop.gateways.base import Mode, Provider
from shop.gateways.history import Movement, MovementKind
from shop.models import ReconcileFinding, ReconcileRun, Verdict
from shop.money import Money
from shop.services import leases, metrics, reconcile_books, record
from shop.services.providers import context, guarded
from shop.services.reconcile_books import Line
from shop.services.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

DEFAULT_DAYS = 3
MOST_DAYS = 180
LEASE_SECONDS = 1800
# The provider books a moment before we learn of it: its list is asked for a little more than ours.
MARGIN = timedelta(hours=1)
COLUMNS = {Verdict.DIFFERS: "differing"}  # where a verdict and its column have different names


@dataclass(frozen=True)
class Report:
    """A run, and all of its lines, the matched ones included."""

    run: ReconcileRun
    lines: tuple[Line, ...]


def scheduled() -> None:
    """Reconcile with every provider, unless another scheduler is doing so; runs nightly."""
    if not leases.take("reconcile", LEASE_SECONDS):
        return
    done = False
    try:
        done = all(report.run.finished_at is not None for report in run(cause="schedule"))
    finally:
        leases.give_back("reconcile", done=done)


def run(
    *, days: int = DEFAULT_DAYS, providers: Iterable[Provider] | None = None, dry_run: bool = False, cause: str
) -> list[Report]:
    """Compare the last days with each provider's list; one that does not answer does not hold up the others."""
    chosen = list(providers) if providers is not None else list(context().histories)
    return [_run(provider, min(days, MOST_DAYS), dry_run, cause) for provider in chosen]


def _run(provider: Provider, days: int, dry_run: bool, cause: str) -> Report:
    run_id, since, until = _begin(provider, days, dry_run, cause)
    lines: list[Line] = []
    error = ""
    try:
        history = context().histories[provider]
        movements = guarded(provider, "reconcile", lambda: list(history.movements(since - MARGIN, until)))
        mode = context().gateways[provider].mode
        for line in _compare(provider, mode, _once_each(movements), since, dry_run):
            lines.append(line)
    except ShopError as exc:
        error = f"{type(exc).__name__}: {exc}"[:300]
        log.warning("reconcile_broke_off", provider=str(provider), error=error)
    if not dry_run:
        _raise_alarms(provider, lines)
    return Report(_end(run_id, lines, error), tuple(lines))


def _begin(provider: Provider, days: int, dry_run: bool, cause: str) -> tuple[int, datetime, datetime]:
    clock = context().clock
    until = clock.business_now()
    since = until - timedelta(days=days)
    with unit_of_work(write=True) as session:
        row = ReconcileRun(
            provider=provider,
            mode=context().gateways[provider].mode,
            cause=cause,
            is_dry=dry_run,
            since=since,
            until=until,
            started_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id, since, until


def _once_each(movements: Sequence[Movement]) -> list[Movement]:
    return list({(movement.kind, movement.external_id): movement for movement in movements}.values())


def _compare(
    provider: Provider, mode: Mode, movements: Sequence[Movement], since: datetime, dry_run: bool
) -> Iterable[Line]:
    """Yield a line for each movement of theirs, then for each of ours that their list has not."""
    books = reconcile_books.Books(provider, mode, dry_run=dry_run)
    returned = {one.external_id for one in movements if one.kind is MovementKind.REFUND_RETURNED}
    judges: dict[MovementKind, Callable[[Movement], Line]] = {
        MovementKind.PAYMENT: books.payment,
        MovementKind.REFUND: lambda movement: books.refund(movement, was_returned=movement.external_id in returned),
    }
    books.read([movement.external_id for movement in movements])
    for movement in movements:
        if movement.kind in judges:
            yield judges[movement.kind](movement)
    clock = context().clock
    # Ours are dated by our clock, the list by the provider's: the earlier of the two says what must be in it by now.
    listed = min(clock.now(), clock.business_now()) - context().histories[provider].lag
    yield from books.alone({movement.external_id for movement in movements}, since, listed)


def _raise_alarms(provider: Provider, lines: Iterable[Line]) -> None:
    now = context().clock.now()
    for line in lines:
        if line.alarm:
            with unit_of_work(write=True) as session:
                key = f"{line.alarm}:{provider}:{line.external_id}"
                record.alarm(session, key, line.sentence(provider), line.order_id, now)


def _end(run_id: int, lines: Sequence[Line], error: str) -> ReconcileRun:
    counts = Counter(line.verdict for line in lines)
    with unit_of_work(write=True) as session:
        row = session.get_one(ReconcileRun, run_id)
        for verdict in Verdict:
            setattr(row, COLUMNS.get(verdict, verdict.value), counts[verdict])
        row.error = error
        row.finished_at = None if error else context().clock.now()
        session.add_all(_finding(run_id, line) for line in lines if line.verdict is not Verdict.MATCHED)
    for verdict, count in counts.items():
        metrics.reconciled.labels(row.provider, verdict).inc(count)
    log.info("reconciled", provider=str(row.provider), **{str(verdict): count for verdict, count in counts.items()})
    return row


def _finding(run_id: int, line: Line) -> ReconcileFinding:
    theirs, ours = _parts(line.theirs), _parts(line.ours)
    return ReconcileFinding(
        run_id=run_id,
        verdict=line.verdict,
        kind=line.kind,
        external_id=line.external_id,
        order_id=line.order_id,
        order_number=line.order_number[:60],
        theirs=theirs[0],
        theirs_currency=theirs[1],
        ours=ours[0],
        ours_currency=ours[1],
        note=line.note[:300],
    )


def _parts(money: Money | None) -> tuple[int | None, str | None]:
    return (money.amount, money.currency) if money is not None else (None, None)
