"""Secrets come from the environment alone, passwords are kept as argon2id, and what is said of security is tested."""

import ast
import re
from pathlib import Path

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from shop.config import Settings
from shop.errors import SettingsError
from shop.services import accounts
from tests.shop_app import ENVIRONMENT

ROOT = Path(__file__).parents[1]
SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|_KEY")
NAMED = re.compile(r"`((?:tests|e2e)/[\w/]+\.py): (test_\w+)`")


def test_no_secret_has_a_value_in_the_code() -> None:
    found = []
    for file in (ROOT / "shop").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
                given = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                if len(given) == 2 and isinstance(given[0], str) and given[0].isupper() and SECRET.search(given[0]):
                    found.append((file.name, given[0], given[1]))

    assert found
    assert [entry for entry in found if entry[2] != ""] == []


@pytest.mark.parametrize("name", ["SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "PAYPAL_CLIENT_SECRET"])
def test_without_a_secret_the_shop_does_not_start(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({key: value for key, value in ENVIRONMENT.items() if key != name})


def test_only_the_settings_read_the_environment() -> None:
    reads = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "shop").rglob("*.py")
        if re.search(r"os\.environ|getenv", file.read_text())
    }

    assert reads <= {"shop/__init__.py", "shop/doctor.py", "shop/services/metrics.py", "shop/services/scrape.py",
                     "shop/worker.py"}  # fmt: skip


def test_passwords_are_kept_as_argon2id_that_costs_an_attacker_something() -> None:
    """RFC 9106, section 4 (second recommendation): 64 MiB, three passes, four lanes."""
    found = extract_parameters(accounts.hash_password("tea-and-tide"))

    assert found.type is Type.ID
    assert found.memory_cost >= 64 * 1024
    assert found.time_cost >= 3
    assert found.salt_len >= 16
    assert found.hash_len >= 32


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = NAMED.findall((ROOT / "docs" / "12_security.md").read_text())

    missing = [f"{file}: {name}" for file, name in named if f"def {name}(" not in _text(file)]

    assert len(named) > 40
    assert missing == []


def test_every_script_of_a_template_has_the_nonce_of_its_answer() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        for tag in re.findall(r"<script[^>]*>", template.read_text()):
            data_only = 'type="application/ld+json"' in tag
            assert data_only or 'nonce="{{ csp_nonce() }}"' in tag, f"{template.name}: {tag}"


def test_no_template_has_a_script_or_a_style_in_an_attribute() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        if template.parent.name == "mail" or template.name == "mail.html":
            continue  # mail programs know inline styles and nothing else; a mail has no page's policy
        found = re.findall(r"<[^>]+\s(on[a-z]+|style|srcdoc)=|javascript:", template.read_text())
        assert found == [], template.name


def _text(file: str) -> str:
    path = ROOT / file
    return path.read_text() if path.exists() else ""
