"""The files around the code say what the code does: each is compared with what it speaks of."""

import re
import subprocess
from pathlib import Path

from sandbox.demo.environment import Ports

ROOT = Path(__file__).resolve().parents[1]
READ_IN_CODE = re.compile(r'(?:env\.get\(|env\[|env, |\()"([A-Z][A-Z_]{3,})"')
READ_IN_PROCFILE = re.compile(r"\$\{([A-Z_]+):-")


def test_the_example_environment_lists_every_variable_and_no_other() -> None:
    code = "".join(file.read_text() for file in (ROOT / "shop" / "config").glob("*.py"))
    read = set(READ_IN_CODE.findall(code))
    read |= set(READ_IN_PROCFILE.findall((ROOT / "Procfile").read_text()))

    listed = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(listed) == sorted(read | set(Ports.VARIABLES.values()) | {"DEMO_DATA", "PROMETHEUS_MULTIPROC_DIR"})


def test_an_untouched_copy_of_the_example_changes_nothing() -> None:
    values = [line.partition("=")[2] for line in (ROOT / ".env.example").read_text().splitlines() if line[:1].isupper()]

    assert set(values) == {""}


def test_help_lists_every_target() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets

    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert set(re.findall(r"make ([\w-]+)", said)) == set(targets[1].split())


def test_every_command_in_the_documents_is_a_target() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

    for document in documents:
        named = set(re.findall(r"(?:`|^ {4})make ([\w-]+)", document.read_text(), re.MULTILINE))
        assert named <= targets, f"{document.name} speaks of make {named - targets}"


def test_documents_name_no_place_that_only_one_machine_has() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        assert not re.search(r"/(work|home|root|Users)/", document.read_text()), document.name


def test_what_runs_before_a_commit_is_what_make_lint_runs() -> None:
    hooks = re.findall(r"entry: (.*)", (ROOT / ".pre-commit-config.yaml").read_text())
    lint = (ROOT / "Makefile").read_text().partition("\nlint:")[2].partition("\n\n")[0]

    assert hooks
    assert all(hook in lint for hook in hooks)
