"""The record of a check: a file that says what was tried, what was expected, what came, and what differed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from e2e.livecheck.exchanges import Difference, Exchange
from e2e.livecheck.flow import Flow, Result, Verdict
from shop.gateways.base import Provider
from shop.logs import redact

WORST = 12  # fields named in one line before the rest is counted


@dataclass(frozen=True)
class Record:
    """All that one check found. `twin` are the same flows at the sandbox, empty when that was not wanted."""

    at: datetime
    hosts: dict[Provider, str]
    results: Sequence[Result]
    twin: Sequence[Result]
    differences: Sequence[Difference]

    @property
    def status(self) -> int:
        """Return the exit status: 1 if something came otherwise, 3 if something was not tried, else 0."""
        verdicts = {result.verdict for result in self.results}
        if Verdict.OTHERWISE in verdicts:
            return 1
        return 3 if Verdict.NOT_TRIED in verdicts else 0

    def text(self) -> str:
        """Return the whole record in Markdown; keys, secrets and card numbers are blotted out."""
        parts = [self._head(), self._table(), self._not_tried(), self._differences(), self._details()]
        return redact("\n\n".join(part for part in parts if part) + "\n")

    def _head(self) -> str:
        counted = {verdict: sum(result.verdict is verdict for result in self.results) for verdict in Verdict}
        lines = [f"# Live check of {self.at:%Y-%m-%d %H:%M} UTC", ""]
        lines += [f"- {provider}: {host}" for provider, host in self.hosts.items()]
        lines.append("- " + ", ".join(f"{count} {verdict}" for verdict, count in counted.items()))
        lines += [f"- {provider}: {_pace(provider, self.results)}" for provider in self.hosts]
        return "\n".join(lines)

    def _table(self) -> str:
        lines = ["## Flows", "", "| flow | what | verdict | seconds | calls | needs |", f"|{' --- |' * 6}"]
        for result in self.results:
            flow = result.flow
            cells = (flow.name, flow.title, _bold(result.verdict), f"{result.seconds:.1f}", str(len(result.exchanges)))
            lines.append(f"| {' | '.join(cells)} | {flow.needs or 'nobody'} |")
        return "\n".join(lines)

    def _not_tried(self) -> str:
        missed = [result for result in self.results if result.verdict is Verdict.NOT_TRIED]
        if not missed:
            return ""
        return "\n".join(["## Not tried", "", *(f"- {result.flow.name}: {result.reason}" for result in missed)])

    def _differences(self) -> str:
        head = "## Where the answers differed from the sandbox's"
        if not self.twin:
            return f"{head}\n\nNot compared."
        went_wrong = [result for result in self.twin if result.verdict is Verdict.OTHERWISE]
        lines = [head, ""]
        lines += [f"- at the sandbox itself, {one.flow.name} came otherwise: {one.reason}" for one in went_wrong]
        lines += [_difference(*group) for group in _grouped(self.differences)]
        if len(lines) == 2:
            lines.append("Nowhere: the same statuses, codes, fields and types, as far as the flows went at both.")
        return "\n".join(lines)

    def _details(self) -> str:
        return "\n\n".join(["## Flow by flow", *(_detail(result) for result in self.results)])


def _detail(result: Result) -> str:
    lines = [f"### {result.flow.name}", ""]
    lines += [f"- {note}" for note in result.told]
    lines += [f"- {mark(one.holds)} {one.what}: expected {one.wanted}, came {one.came}" for one in result.expectations]
    if result.verdict is not Verdict.AS_EXPECTED:
        lines.append(f"- {_bold(result.verdict)}: {result.reason}")
    lines += [f"- refused: {_refusal(one)}" for one in result.exchanges if one.status >= 400]
    lines += [f"- no answer: {one.place}" for one in result.exchanges if one.status == 0]
    return "\n".join(lines)


def mark(holds: bool) -> str:
    """Return the word before an expectation."""
    return "ok" if holds else "NO"


def _refusal(one: Exchange) -> str:
    words = f": {one.words}" if one.words else ""
    return f"{one.who}'s {one.place}: {one.status} {one.code} ({one.request_id or 'no request id'}){words}"


def _bold(verdict: Verdict) -> str:
    return str(verdict) if verdict is Verdict.AS_EXPECTED else f"**{verdict}**"


def _pace(provider: Provider, results: Iterable[Result]) -> str:
    took = [one.milliseconds for result in results for one in result.exchanges if one.provider is provider]
    if not took:
        return "no calls"
    return f"{len(took)} calls, median {median(took):.0f} ms, longest {max(took):.0f} ms"


def _grouped(differences: Iterable[Difference]) -> list[tuple[str, str, list[Difference]]]:
    groups: dict[tuple[str, str], list[Difference]] = {}
    for difference in differences:
        groups.setdefault((difference.place, difference.kind), []).append(difference)
    return [(place, kind, group) for (place, kind), group in groups.items()]


def _difference(place: str, kind: str, group: Sequence[Difference]) -> str:
    named = [one.what for one in group if one.what]
    more = f" and {len(named) - WORST} more" if len(named) > WORST else ""
    flows = sorted({flow for one in group for flow in one.flows})
    where = flows[0] if len(flows) == 1 else f"{flows[0]} and {len(flows) - 1} other flows"
    words = f": {', '.join(named[:WORST])}{more}" if named else ""
    return f"- `{place}` {kind}{words} (in {where})"


def needing_somebody(flows: Sequence[Flow]) -> list[str]:
    """Return, for people, which flows a machine alone cannot do."""
    lines = []
    for needs, words in (("browser", "drive a browser by themselves"), ("person", "need a person at PayPal's page")):
        if named := [flow.name for flow in flows if flow.needs == needs]:
            lines.append(f"These {words}: {', '.join(named)}")
    return lines
