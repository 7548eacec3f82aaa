"""Which browser the tests drive: the one in CHROMIUM, Playwright's own, or the system's."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

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
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    return next((path for name in NAMES if (path := shutil.which(name))), None)
