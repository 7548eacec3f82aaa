"""Which browser the tests drive: the one in CHROMIUM, Playwright's own, or the system's."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.processes import lacking

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
CURE = (
    "The browser tests need Chromium. Install it (Debian: apt-get install chromium; anywhere: "
    ".venv/bin/playwright install chromium) or name one: CHROMIUM=/path/to/chromium make test"
)
# What keeps a browser quiet and alive in a container, as root and without a network.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """Return the path of a Chromium that is there, or None."""
    if named := os.environ.get("CHROMIUM"):
        return named if Path(named).exists() else None
    with ThreadPoolExecutor(1) as thread:  # Playwright's synchronous API allows one instance in a thread
        own = thread.submit(_playwrights_own).result()
    if Path(own).exists():
        return own
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def launch_arguments() -> dict[str, Any]:
    """Return what Playwright's `launch` takes to start it; skips or, with REQUIRE_BROWSER, fails without a browser."""
    path = find()
    if path is None:
        lacking("REQUIRE_BROWSER", CURE)
    return {"executable_path": path, "args": list(ARGUMENTS)}


def _playwrights_own() -> str:
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path
