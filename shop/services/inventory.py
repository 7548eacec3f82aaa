"""The inventory of the payment pages' scripts and headers (shop/payment_pages.toml), and what differs from it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[1] / "payment_pages.toml"


@dataclass(frozen=True)
class Script:
    """A script of ours: its name, the path it is served at, and the SHA-256 of its bytes."""

    name: str
    path: str
    sha256: str

    def is_whole(self, content: bytes) -> bool:
        """Tell whether these bytes are the script that was authorised."""
        return hashlib.sha256(content).hexdigest() == self.sha256


def scripts() -> list[Script]:
    """Return the scripts of ours; a provider's has no fixed content."""
    told = [script for script in _inventory()["script"] if "sha256" in script]
    return [Script(script["name"], script["from"], script["sha256"]) for script in told]


def altered(headers: Mapping[str, str]) -> list[str]:
    """Return which headers of a page without scripts, served over HTTPS, are not as the inventory has them."""
    wanted: dict[str, str] = _inventory()["headers"]["plain"]
    return [name for name, value in wanted.items() if headers.get(name) != value.replace("'nonce-{nonce}'", "'none'")]


@cache
def _inventory() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text())
