"""Every issue PayPal names in an error, with the text it gives for each call.

`issues.csv` holds the facts: HTTP status, issue, the calls that may answer it, and the wording that PayPal's schemas of
Orders 2.13 and Payments 2.5 fix letter by letter. The last four rows are ours to defend: PayPal's error pages name them
(PAYPAL_REQUEST_ID_PREVIOUSLY_USED, DECIMALS_NOT_SUPPORTED, INSTRUMENT_DECLINED on authorize) or integrations see them
(ACTION_DOES_NOT_MATCH_INTENT on capture), but the schemas leave them out of those calls.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FACTS = Path(__file__).with_name("issues.csv")
ANY = "any"


@dataclass(frozen=True)
class Issue:
    """One issue as one call answers it."""

    status: int
    code: str
    description: str


@cache
def _table() -> dict[tuple[str, str], Issue]:
    table: dict[tuple[str, str], Issue] = {}
    with FACTS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            issue = Issue(int(row["status"]), row["issue"], row["description"])
            for call in row["calls"].split():
                table.setdefault((call, issue.code), issue)
    return table


def find(call: str, code: str) -> Issue | None:
    """Return the issue as `call` ("orders.capture") words it, or None when that call never answers it."""
    return _table().get((call, code)) or _table().get((ANY, code))


def codes(call: str) -> list[str]:
    """Return the issues that a call may answer, for the console and for negative testing."""
    return sorted(code for name, code in _table() if name in (call, ANY))
