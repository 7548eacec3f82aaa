"""The browser scripts against the types that Stripe and PayPal publish, with the TypeScript compiler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.types.packages import HERE, installed, run

ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def compiler() -> Path:
    """The compiler, installed as the lock says."""
    return installed() / "typescript" / "bin" / "tsc"


@pytest.fixture
def stray_script() -> Iterator[Path]:
    """A script of ours that forgets what Stripe's functions take."""
    path = HERE / "stray.ts"
    path.write_text(
        'import { createStripe } from "../../sandbox/stripe/browser/scripts/host/stripe.js";\n'
        'createStripe("pk_test_sandbox").elements({ mode: "payment", amount: "24.50", currency: "eur" });\n'
    )
    yield path
    path.unlink()


def test_the_browser_scripts_fit_the_published_types(compiler: Path) -> None:
    done = run("node", compiler, "--project", HERE, "--pretty", "false")

    assert done.returncode == 0, done.stdout


def test_a_script_that_does_not_fit_is_found(compiler: Path, stray_script: Path) -> None:
    done = run("node", compiler, "--project", HERE, "--pretty", "false")

    assert done.returncode != 0
    assert f"{stray_script.name}(2," in done.stdout


def test_every_browser_script_is_checked(compiler: Path) -> None:
    folders = ("sandbox/stripe/browser", "sandbox/paypal/browser", "static/js")
    scripts = {path.resolve() for folder in folders for path in (ROOT / folder).rglob("*.js")}

    listed = run("node", compiler, "--project", HERE, "--listFilesOnly")

    assert scripts
    assert scripts <= {Path(line).resolve() for line in listed.stdout.splitlines()}


def test_the_lock_names_no_address_to_download_from() -> None:
    lock = (HERE / "package-lock.json").read_text()

    assert not re.search(r"https?://", lock)
    assert '"resolved"' not in lock
