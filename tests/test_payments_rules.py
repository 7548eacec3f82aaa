"""The list of rules names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`([\w/]+\.py): (test_\w+)`")
ISSUE_ROWS = 13  # bad input and bad days: what each gets


def test_every_test_that_the_list_of_rules_names_exists() -> None:
    named = NAMED.findall((ROOT / "docs/11_payment_rules.md").read_text())

    missing = [name for file, name in named if f"def {name}(" not in source(file)]

    assert len(named) > 100
    assert missing == []


def test_every_bad_input_and_every_bad_day_has_tests() -> None:
    section = (ROOT / "docs/11_payment_rules.md").read_text().split("## Bad input and bad days")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ") and not line.startswith(("| what", "| ---"))]

    assert len(rows) == ISSUE_ROWS
    assert [row for row in rows if not NAMED.search(row)] == []


def source(file: str) -> str:
    """Return a named file: below `tests/`, or a browser test, which stands in `e2e/`."""
    return ((ROOT if file.startswith("e2e/") else ROOT / "tests") / file).read_text()
