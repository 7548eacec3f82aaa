"""What a measurement found, and how it is printed: one table for all of them, with what was hoped for."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One thing that was measured. `met` is None where there is no goal; `because` says what holds it back."""

    what: str
    measured: str
    floor: str = ""
    ratio: float | None = None  # of the floor, measured in the same run; more is better
    goal: str = ""
    met: bool | None = None
    because: str = ""


def rate(per_second: float) -> str:
    """Return so many a second, as the table says it."""
    return f"{per_second:,.0f}/s"


def median_ratio(mine: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of rounds that were measured in turn: the machine's mood cancels out."""
    return statistics.median(one / other for one, other in zip(mine, theirs, strict=True))


def show(rows: Sequence[Row]) -> None:
    """Print the table, and below it what holds back whatever missed its goal."""
    head = ("what", "measured", "floor", "ratio", "goal", "")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    for number, line in enumerate(cells):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
    missed = [row for row in rows if row.met is False and row.because]
    if missed:
        print("\nWhat holds it back:")
    for row in missed:
        print(f"- {row.what}: {row.because}")


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    verdict = {None: "", True: "met", False: "missed"}[row.met]
    return (row.what, row.measured, row.floor, ratio, row.goal, verdict)
