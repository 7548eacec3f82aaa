"""The page about the configuration lists every variable and no other, with the defaults that the code has."""

import re
from pathlib import Path

import pytest

from sandbox.demo.environment import Ports
from shop.config import reading

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "18_configuration.md").read_text()
ROWS = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
DEFAULT = re.compile(r'env\.get\("([A-Z_]+)", (?:"([^"]+)"|([A-Z_]+))\)')
IN_PROCFILE = re.compile(r"\$\{([A-Z_]+):-([^}]+)\}")


def told() -> dict[str, str]:
    """Return what the page says of each variable: its cell "without it"."""
    return {name: row[1].strip(" `") for row in ROWS for name in re.findall(r"`([A-Z_]+)`", row[0])}


def in_code() -> dict[str, str]:
    """Return the defaults that stand in the code, by variable."""
    code = "".join(file.read_text() for file in sorted((ROOT / "shop" / "config").glob("*.py")))
    found = {}
    for name, literal, constant in DEFAULT.findall(code):
        value = literal or getattr(reading, constant, None)
        if isinstance(value, str):
            found[name] = value
    return found | dict(IN_PROCFILE.findall((ROOT / "Procfile").read_text()))


def test_every_variable_is_told_and_no_other() -> None:
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    demo = PAGE.partition("## The demo alone")[2].partition("\n## ")[0]

    assert set(told()) | set(re.findall(r"`([A-Z_]+)` \(", demo)) == listed


@pytest.mark.parametrize("name", sorted(set(in_code()) & set(told())))
def test_a_default_on_the_page_is_the_one_in_the_code(name: str) -> None:
    if told()[name] == "the demo's":
        return

    assert told()[name] == in_code()[name]


def test_most_defaults_are_compared() -> None:
    assert len(set(in_code()) & set(told())) > 25


def test_the_demos_ports_are_the_ones_it_uses() -> None:
    for field, variable in Ports.VARIABLES.items():
        if variable != "PORT":
            assert f"`{variable}` (`{getattr(Ports, field)}`)" in PAGE


def test_the_example_of_an_installation_names_variables_that_exist() -> None:
    named = set(re.findall(r"^    ([A-Z_]+)=", PAGE, re.MULTILINE))

    assert named
    assert named <= set(told())
