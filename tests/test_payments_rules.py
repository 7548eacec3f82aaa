"""The list of rules names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`([\w/]+\.py): (test_\w+)`")


def test_every_test_that_the_list_of_rules_names_exists() -> None:
    named = NAMED.findall((ROOT / "docs/11_payment_rules.md").read_text())

    missing = [name for file, name in named if f"def {name}(" not in (ROOT / "tests" / file).read_text()]

    assert len(named) > 40
    assert missing == []
