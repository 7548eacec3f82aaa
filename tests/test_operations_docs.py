"""The alert rules, the runbook and the command line belong together: what one names the other has."""

import ast
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from prometheus_client.metrics import MetricWrapperBase

import shop.services.metrics as counters
from shop import cli, doctor
from shop.services import retention, scrape

ROOT = Path(__file__).resolve().parents[1]
RULES = (ROOT / "docs" / "alerts.yml").read_text()
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
JOBS = (ROOT / "docs" / "16_jobs.md").read_text()
OPERATIONS = (ROOT / "docs" / "9_operations.md").read_text()
SECRETS = (ROOT / "docs" / "13_secrets_and_rotation.md").read_text()
SUFFIXES = ("_total", "_bucket", "_sum", "_count")


def exported() -> set[str]:
    """Return the name of every metric there is, as rules may write it."""
    found = set(scrape.GAUGES)
    for metric in vars(counters).values():
        if isinstance(metric, MetricWrapperBase):
            for family in metric.describe():
                found |= {family.name, *(family.name + suffix for suffix in SUFFIXES)}
    return found


def anchors() -> set[str]:
    """Return the anchors of the runbook's headings."""
    return {re.sub(r"[^a-z0-9]+", "-", head.lower()).strip("-") for head in re.findall(r"^## (.+)$", RUNBOOK, re.M)}


def test_every_metric_of_a_rule_exists() -> None:
    used = set(re.findall(r"\bshop_[a-z_]+", RULES))

    assert len(used) > 10
    assert used - exported() == set()


def test_every_rule_names_an_entry_of_the_runbook_and_every_entry_has_a_rule() -> None:
    named = re.findall(r"runbook: docs/runbook\.md#([a-z-]+)", RULES)

    assert len(named) == RULES.count("- alert:")
    assert set(named) == anchors()


def kinds_of_alarms() -> set[str]:
    """Return how the keys begin with which the services raise alarms."""
    found = set()
    for file in (ROOT / "shop" / "services").rglob("*.py"):
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef):
                text = ast.unparse(function)
                for key in re.findall(r"record\.alarm\(session, (f'[^']+'|\w+)", text):
                    found |= set(re.findall(r"f'([a-z_]+):", key))
                    found |= set(re.findall(rf"\b{re.escape(key)} = f'([a-z_]+):", text))
    return found


def test_every_kind_of_alarm_has_its_entry_in_the_runbook_and_none_goes_unnoticed() -> None:
    table = RUNBOOK.partition("| kind | entry |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`.+`) \| (.+) \|$", table, re.MULTILINE)

    told = {kind for kinds, _ in rows for kind in re.findall(r"`([a-z_]+)`", kinds)}

    assert len(kinds_of_alarms()) > 8
    assert kinds_of_alarms() | {"inbox_parked", "outbox_parked", "pdf_failed"} <= told
    assert {entry for _, entry in rows} <= set(re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE))
    assert "expr: shop_alarms_open > 0" in RULES


@pytest.mark.parametrize("head", re.findall(r"^## (.+)$", RUNBOOK, re.M))
def test_every_entry_has_symptom_check_and_cure(head: str) -> None:
    entry = RUNBOOK.split(f"## {head}\n")[1].split("\n## ")[0]

    assert re.findall(r"\*\*(\w+)\.\*\*", entry) == ["Symptom", "Check", "Cure"]


def commands() -> list[str]:
    """Return every command that a page names, in a sentence or on a line of its own with its meaning behind it."""
    found: set[str] = set()
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text()
        found |= {line.strip() for line in re.findall(r"`(flask --app shop [^`]+)`", text)}
        found |= {line.strip() for line in re.findall(r"^ {4}(flask --app shop .+?)(?:   .*)?$", text, re.MULTILINE)}
    return sorted(found)


def test_every_secret_has_a_row_that_tells_how_it_is_changed() -> None:
    example = (ROOT / ".env.example").read_text()
    kinds = r"SECRETS?$|KEYS?$|KEY_FALLBACKS$|TOKEN$|WEBHOOK_ID$|^(DATABASE|REDIS|SMTP)_URL$"
    secrets = {name for name in re.findall(r"^([A-Z_]+)=", example, re.MULTILINE) if re.search(kinds, name)}
    rows = [line for line in SECRETS.split("## Each secret")[1].splitlines() if line.startswith("| `")]

    told = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])}

    assert secrets - told == set()
    assert all(row.count(" | ") == 5 for row in rows)


@pytest.mark.parametrize("line", commands())
def test_every_command_of_the_documents_exists_with_its_options(line: str) -> None:
    app = Flask("of the test")
    cli.register(app)
    found: Any = app.cli
    words = shlex.split(line)[3:]
    while isinstance(found, click.Group):
        found = found.commands[words.pop(0)]

    parsed = found.make_context(line, words)

    assert parsed.command is found


def test_the_doctor_is_where_the_runbook_says() -> None:
    assert "python -m shop.doctor" in RUNBOOK
    assert callable(doctor.main)


def test_every_side_effect_that_the_page_about_jobs_names_is_done_by_somebody() -> None:
    table = JOBS.partition("## The outbox")[2].partition("| what comes |")[0]
    named = set(re.findall(r"`([a-z]+\.[a-z]+)`", table))

    assert len(named) > 10
    assert [kind for kind in named if f'"{kind}"' not in (ROOT / "shop" / "jobs.py").read_text()] == []


def test_the_page_tells_every_retention_rule() -> None:
    for rule in retention.RULES:
        assert f"| {rule.what} | {rule.keep.days} days |" in OPERATIONS
