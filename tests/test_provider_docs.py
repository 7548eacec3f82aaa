"""The page about adding a provider names files, verbs and places that exist."""

import importlib
import re
from pathlib import Path

import pytest

from shop import errors
from shop.gateways import base, history, housekeeping, wallets

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "20_add_a_payment_provider.md").read_text()
PROTOCOLS = {
    "PaymentGateway": base.PaymentGateway,
    "NoticeReader": base.NoticeReader,
    "Housekeeping": housekeeping.Housekeeping,
    "History": history.History,
    "Wallet": wallets.Wallet,
}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_verbs_of_a_protocol_are_those_it_has(name: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}`"))
    named = set(re.findall(r"`([a-z_]+)`", row.rpartition(" | ")[2]))
    verbs = {verb for verb in vars(PROTOCOLS[name]) if not verb.startswith("_")}

    assert named <= verbs
    assert named == verbs or "and the others there" in row


def test_every_file_beside_the_example_is_one_that_both_providers_have() -> None:
    table = PAGE.partition("## The files")[2].partition("Then")[0]
    named = set(re.findall(r"`(?:shop/gateways/acme/)?(\w+\.py)`", table))

    for provider in ("stripe", "paypal"):
        assert named <= {file.name for file in (ROOT / "shop" / "gateways" / provider).glob("*.py")}


def places() -> list[tuple[str, str]]:
    """Return each place that names the providers: a path, and a name in it (or nothing)."""
    table = PAGE.partition("Then each place")[2].partition("No service")[0]
    found = []
    for line in table.splitlines():
        cell = line.split(" | ")[0]
        path = ""
        for word in re.findall(r"`([^`]+)`", cell):
            if "/" in word or word.startswith("."):
                path = word
                found.append((path, ""))
            else:
                found.append((path, word))
    return found


@pytest.mark.parametrize(("path", "name"), places())
def test_every_place_of_the_list_exists(path: str, name: str) -> None:
    place = next((found for found in (ROOT / path, ROOT / f"{path}.py") if found.exists()), None)

    assert place is not None, path
    files = [place] if place.is_file() else sorted(place.glob("*.py"))
    assert not name or any(re.search(rf"\b{name}\b", file.read_text()) for file in files), f"{path}: {name}"


def test_the_backend_of_the_contract_has_what_the_page_says() -> None:
    backend = importlib.import_module("tests.gateways.backend").Backend
    step = PAGE.partition("1. **The contract first.**")[2].partition("2. **")[0]

    named = set(re.findall(r"`([a-z_]+)`", step))

    assert backend.__abstractmethods__ <= named


def test_every_error_of_the_page_is_in_the_tree() -> None:
    line = PAGE.partition("**Errors carry the decision**")[2].partition("\n- ")[0]

    assert [name for name in re.findall(r"`([A-Z]\w+)`", line) if not hasattr(errors, name)] == []
