"""Sealing what a webhook carried: without its client secrets, encrypted, so that a stolen database tells nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet

from shop.services.providers import context

SECRETS = frozenset({"client_secret", "confirmation_secret"})


def seal(payload: object) -> bytes:
    """Return the payload as encrypted JSON, with every client secret taken out."""
    return _fernet().encrypt(json.dumps(without_secrets(payload), separators=(",", ":")).encode())


def unseal(sealed: bytes) -> Any:
    """Return what was sealed; raises cryptography's InvalidToken when SECRET_KEY has changed since."""
    return json.loads(_fernet().decrypt(sealed))


def without_secrets(value: object) -> object:
    """Return a copy of parsed JSON without client secrets, at any depth."""
    if isinstance(value, dict):
        return {key: without_secrets(item) for key, item in value.items() if key not in SECRETS}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return value


def _fernet() -> Fernet:
    digest = hashlib.sha256(b"inbox:" + context().settings.secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
